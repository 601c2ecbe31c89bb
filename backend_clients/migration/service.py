"""Reads and changes the migration of every domain, for the command line and the Migration page."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing, nullcontext
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from backend_clients.domains import DOMAINS, Registry
from backend_clients.errors import MigrationError
from backend_clients.flags.audit_log import AuditError, FlagChange
from backend_clients.flags.client import Flags
from backend_clients.flags.definitions import AUTO_ROLLBACK
from backend_clients.flags.editor import FlagEditError, GateDecision
from backend_clients.flags.file import Rollout
from backend_clients.migration.backfill_log import BackfillLog
from backend_clients.migration.domain_state import DomainState
from backend_clients.migration.gate.policy import evaluate_gate, next_stage
from backend_clients.migration.gate.report import GateReport, Verdict
from backend_clients.migration.mismatches.groups import Group, grouped
from backend_clients.migration.mismatches.replay import NotReplayable
from backend_clients.migration.retirement.plan import Retirement, is_retired, retirement_of
from backend_clients.migration.sync_state import unsynced_data
from backend_clients.records.reader import StoredComparison, TrendPoint, Window
from backend_clients.routing.breaker import Breaker
from backend_clients.routing.comparison import Comparison
from backend_clients.settings import Settings
from backend_clients.stages import Stage


@dataclass(frozen=True, slots=True)
class DomainStatus:
    """A domain's stage, its records since the last flag change, and the gate of its next step."""

    domain: str
    stage: str
    shares: str
    stages: tuple[str, ...]
    window: Window
    breaker: str | None
    open_repairs: int
    gate: GateReport | None
    retirement: Retirement | None
    problems: tuple[str, ...]
    auto_rollback: bool

    def as_json(self) -> dict[str, Any]:
        return {
            **{name: getattr(self, name) for name in ("domain", "stage", "shares", "breaker", "open_repairs")},
            "stages": list(self.stages),
            "window": asdict(replace(self.window, outcomes=dict(self.window.outcomes))),
            "gate": self.gate.as_json() if self.gate else None,
            "retirement": self.retirement.as_json() if self.retirement else None,
            "problems": list(self.problems),
            "auto_rollback": self.auto_rollback,
        }


_NO_LOSSES: Final = {"records_lost": 0, "comparisons_dropped": 0}


@dataclass(frozen=True)
class SiteProcess:
    """State and functions that exist only in the site's process.

    `alarms` returns a domain's alarms, `counters` the records lost and comparisons dropped so far; `replay` calls both
    sides again.
    """

    flags: Flags | None = None
    breakers: Mapping[str, Breaker] = field(default_factory=dict)
    alarms: Callable[[str], tuple[str, ...]] = lambda _: ()
    counters: Callable[[], dict[str, int]] = lambda: dict(_NO_LOSSES)
    replay: Callable[[StoredComparison], Comparison] | None = None


class GateRefused(MigrationError):
    """The gate rejects a step."""

    def __init__(self, report: GateReport) -> None:
        super().__init__("; ".join(report.reasons))
        self.report = report


class MigrationService:
    """Reads the flag file and the records at each call, so that an instance can be kept.

    Parameters
    ----------
    process
        The site's process, None on the command line.
    """

    def __init__(self, settings: Settings, process: SiteProcess | None = None, domains: Registry = DOMAINS) -> None:
        self._settings = settings
        self._domains = domains
        self._state = DomainState(settings, domains)
        self._process = process

    def status(self, domain: str) -> DomainStatus:
        """Raises `FlagFileError`, `FlagEditError` or `EvidenceError`."""
        state, flag = self._state, self._state.flag(domain)
        gate_input = state.gate_input(domain, flag.shares, flag.problem)
        spec = state.spec(domain)
        target = next_stage(spec, flag.shares)
        breaker = self._process.breakers.get(domain) if self._process else None
        alarms = self._process.alarms(domain) if self._process else ()
        since = state.changed_at(domain)
        edit = state.by_hand(domain)
        allowed, unusable = state.allowed()
        by_hand = f"{edit.reason}: {edit.before} → {edit.after}" if edit else ""
        return DomainStatus(
            domain=domain,
            stage=flag.stage.value,
            shares=flag.words,
            stages=tuple(stage.value for stage in spec.stages),
            window=state.window(domain, None, since),
            breaker=breaker.state if breaker else None,
            open_repairs=gate_input.open_repairs,
            gate=evaluate_gate(gate_input, target) if target else None,
            # What was changed by hand begins the wait anew: the log knows only of the step before it.
            retirement=None if target else self._retirement(domain, edit.at if edit else since),
            problems=tuple(
                text
                for text in (
                    flag.problem,
                    *flag.definition_problems,
                    by_hand,
                    *allowed.expired(domain),
                    unusable,
                    *alarms,
                )
                if text
            ),
            auto_rollback=self._auto_rollback(domain),
        )

    def statuses(self) -> tuple[DomainStatus, ...]:
        return tuple(self.status(domain) for domain in self._domains)

    def shares(self, domain: str) -> str:
        """The stages in force in words, from the flag file only, so that it works if the records cannot be read."""
        return self._state.flag(domain).words

    def gate(self, domain: str, target: str) -> GateReport:
        """Evaluate the gate of a step of all visitors to `target`; raises as `status` does."""
        flag = self._state.flag(domain)
        return evaluate_gate(self._state.gate_input(domain, flag.shares, flag.problem), self._stage(domain, target))

    def set_stage(
        self, domain: str, target: str, percent: int, *, reason: str, who: str, force: bool = False
    ) -> FlagChange:
        """Roll a stage out to a share of the visitors if its gate passes or is forced; also raises `GateRefused`."""
        if force and not reason.strip():
            raise FlagEditError("a forced change needs a reason, which is kept in the history")
        stage = self._stage(domain, target)

        def judged(shares: Rollout, gaining: Stage) -> GateDecision:
            report = evaluate_gate(self._state.gate_input(domain, shares), gaining)
            if report.verdict is not Verdict.PASS and not force:
                raise GateRefused(report)
            return GateDecision(report.verdict is not Verdict.PASS, report.as_json())

        return self._state.editor.set_stage(domain, stage, percent, reason=reason, who=who, judge=judged)

    def rollback(self, domain: str, *, reason: str, who: str) -> FlagChange:
        """Move all visitors one stage back; needs no evidence and works even if the audit log does not."""
        return self._state.editor.rollback(domain, reason, who)

    def unsynced_data(self, domain: str) -> str:
        """The follow-up work of a rollback; "" if there is none or the records cannot be read."""
        try:
            return unsynced_data(self._state.spec(domain), self._state.audit, BackfillLog(self._settings.records_file))
        except (AuditError, OSError, sqlite3.Error):
            return ""

    def changes(self, domain: str | None = None, limit: int = 50) -> list[FlagChange]:
        """Flag changes, newest first, with those made by hand; raises `AuditError`."""
        return self._state.changes(domain, limit)

    def trend(self, domain: str, minutes: int = 60) -> list[TrendPoint]:
        return self._state.evidence.trend(domain, minutes=minutes)

    def mismatches(self, domain: str | None = None, limit: int = 500) -> list[StoredComparison]:
        return self._state.evidence.comparisons(domain, limit=limit)

    def comparison(self, number: int) -> StoredComparison | None:
        return self._state.evidence.comparison(number)

    def groups(self, domain: str | None = None) -> list[Group]:
        found = self._state.evidence.comparisons(domain, answers=False)
        return grouped(found, self._state.allowed()[0])

    def counters(self) -> dict[str, int]:
        """Records lost and comparisons dropped by the site's process; 0 on the command line."""
        return self._process.counters() if self._process else dict(_NO_LOSSES)

    def replay(self, number: int) -> Comparison:
        """Repeat a stored comparison with the current code.

        Raises
        ------
        NotReplayable
        """
        stored = self.comparison(number)
        if stored is None:
            raise NotReplayable(f"there is no comparison {number}")
        if self._process is None or self._process.replay is None:
            raise NotReplayable("only the site's process can call both sides")
        return self._process.replay(stored)

    def _retirement(self, domain: str, changed_at: float | None) -> Retirement | None:
        spec = self._state.spec(domain)
        if is_retired(spec):
            return None
        return retirement_of(spec, self._state.evidence, changed_at, self._settings.flags_file)

    def _auto_rollback(self, domain: str) -> bool:
        own = self._process.flags if self._process else None
        opened = nullcontext(own) if own else closing(Flags(self._settings.flags_file, self._domains))
        with opened as flags:
            return flags.value(AUTO_ROLLBACK, "", domain)

    def _stage(self, domain: str, name: str) -> Stage:
        stages = self._state.spec(domain).stages
        if name not in stages:
            raise FlagEditError(f"flag {domain!r} has no stage {name!r}; it is one of {', '.join(stages)}")
        return Stage(name)

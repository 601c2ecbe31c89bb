"""Current state of a domain: flag, records, pending repairs, conversation sync."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final

from backend_clients.domains import DOMAINS, DomainSpec, Registry
from backend_clients.errors import Unavailable
from backend_clients.flags.audit_log import Audit, AuditError, FlagChange
from backend_clients.flags.editor import FlagEditor
from backend_clients.flags.file import FlagFileError, Rollout, RolloutShare, read_flag_file
from backend_clients.flags.hand_edits import BY_HAND, with_hand_edits
from backend_clients.migration.backfill_log import BackfillLog
from backend_clients.migration.gate import thresholds
from backend_clients.migration.gate.policy import GateInput
from backend_clients.migration.mismatches.allowlist import AllowedError, Allowlist
from backend_clients.migration.notification import notifier_of
from backend_clients.migration.retirement.plan import is_retired
from backend_clients.migration.sync_state import sync_problem
from backend_clients.records.reader import Evidence, EvidenceError, Window
from backend_clients.routing.repair_ledger import Ledger
from backend_clients.settings import Settings
from backend_clients.stages import Stage
from backend_clients.storage.files import last_damage

FALLBACK: Final = "legacy (fallback)"
RETIRED: Final = "lambda (its legacy side is deleted)"


@dataclass(frozen=True, slots=True)
class FlagState:
    """A domain's flag as read from the file.

    `shares` is empty if the flag is broken so that legacy serves; for a custom targeting rule it is the least advanced
    stage that a visitor may get. `stage` is the one that most visitors get. `definition_problems` are problems of the
    flags other than stages.
    """

    words: str
    stage: Stage
    shares: Rollout
    problem: str
    definition_problems: list[str]


class DomainState:
    """Reads its files at each call. Raises `FlagFileError` for the flag file, `EvidenceError` for any other file."""

    def __init__(self, settings: Settings, domains: Registry = DOMAINS) -> None:
        self._settings = settings
        self._domains = domains
        self.audit = Audit(settings.records_file)
        self.evidence = Evidence(settings.records_file)
        self.editor = FlagEditor(settings.flags_file, self.audit, domains, notifier_of(settings))

    def spec(self, domain: str) -> DomainSpec:
        """The domain's entry in the registry; raises `FlagEditError` if there is none."""
        return self.editor.spec(domain)

    def flag(self, domain: str) -> FlagState:
        """Read the flag; raises only `FlagFileError`, so that it works even if the records cannot be read."""
        spec = self.spec(domain)
        if is_retired(spec):
            return FlagState(RETIRED, Stage.LAMBDA, (RolloutShare(Stage.LAMBDA, 100.0),), "", [])
        file = read_flag_file(self._settings.flags_file, {domain: spec})
        problem = "; ".join(file.problems)
        shares = file.shares.get(domain)
        if shares is None:
            return FlagState(FALLBACK, Stage.LEGACY, (), problem, file.definition_problems)
        return FlagState(
            file.words(domain),
            max(shares or file.sampled[domain], key=lambda share: share.percent).stage,
            shares or self.editor.earliest_targeted_stage(domain),
            problem,
            file.definition_problems,
        )

    def gate_input(self, domain: str, shares: Rollout, problem: str = "") -> GateInput:
        """The input of the gate for a step from these shares."""
        spec, since = self.spec(domain), self.changed_at(domain)
        log = BackfillLog(self._settings.records_file)
        with _readable():
            different = sync_problem(
                spec,
                self.audit,
                log,
                lambda at: self.window(domain, Stage.LEGACY, at).calls,
                last_damage(self._settings.data_dir),
            )
        return GateInput(
            domain=spec,
            shares=shares,
            windows=cache(lambda stage: self.window(domain, stage, since)),
            legacy=lambda: self.evidence.legacy_latency(domain),
            address=spec.api_url(self._settings),
            open_repairs=self.open_repairs(domain),
            unverified=different,
            problem=problem,
        )

    def by_hand(self, domain: str) -> FlagChange | None:
        """The step from the last logged change to the flag file as it is; None if the file was not edited by hand."""
        with _readable():
            latest = self.changes(domain, 1)[:1]
        return next((change for change in latest if change.who == BY_HAND), None)

    def changes(self, domain: str | None, limit: int) -> list[FlagChange]:
        """Flag changes, newest first, with those made by hand; raises `AuditError`."""
        found = self._changes(domain, limit)
        if any(change.who == BY_HAND for change in found):
            with self.editor.settled():  # a change that is made just now is in the file or in the log alone
                found = self._changes(domain, limit)
        return found[:limit]

    def _changes(self, domain: str | None, limit: int) -> list[FlagChange]:
        logged = self.audit.changes(domain, limit)
        try:
            words = {name: self.flag(name).words for name in ([domain] if domain else self._domains)}
            saved = self._settings.flags_file.stat().st_mtime
        except (FlagFileError, OSError):
            return logged
        now = {name: found for name, found in words.items() if found not in {FALLBACK, RETIRED}}
        return with_hand_edits(logged, now, saved, self._domains, complete=len(logged) < limit)

    def changed_at(self, domain: str) -> float | None:
        """The time of the flag's last change in the audit log.

        Manual edits of the file are not in the log; they need no entry, since a stage is judged only by records of that
        stage.
        """
        with _readable():
            latest = self.audit.changes(domain, limit=1)
        return latest[0].at if latest else None

    def window(self, domain: str, stage: Stage | None, since: float | None) -> Window:
        allowed, _ = self.allowed()
        return self.evidence.window(
            domain,
            stage=stage.value if stage else None,
            since=since,
            accepted=lambda item: bool(allowed.accepted_reason(item)),
        )

    def open_repairs(self, domain: str) -> int:
        """The number of pending repairs, without writes still in progress."""
        path = self._settings.ledger_file
        if not self.spec(domain).writes or not path.exists():
            return 0
        ledger = Ledger(path)
        try:
            settled = time.time() - thresholds.SETTLING_SECONDS
            return sum(repair.at < settled for repair in ledger.open_repairs(domain))
        except Unavailable as error:
            raise EvidenceError(f"{path}: {error}") from error
        finally:
            ledger.close()

    def allowed(self) -> tuple[Allowlist, str]:
        """The allow-list, and its problem if any: a list that cannot be read accepts nothing."""
        try:
            return Allowlist.read(self._settings.parity_allowed_file, self._domains), ""
        except AllowedError as error:
            return Allowlist(), str(error)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (AuditError, OSError, sqlite3.Error) as error:
        raise EvidenceError(str(error)) from error

"""The burn alarm: a domain whose Lambda side fails or differs too often lately steps back by itself, if it may."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from backend_clients.flags.audit_log import AuditError
from backend_clients.flags.client import Flags
from backend_clients.flags.definitions import AUTO_ROLLBACK
from backend_clients.flags.editor import FlagEditError, FlagEditor
from backend_clients.flags.file import FlagFileError
from backend_clients.migration.gate.thresholds import (
    BURN_CALLS,
    BURN_ERROR_SHARE,
    BURN_MINIMUM,
    BURN_MISMATCH_SHARE,
)
from backend_clients.records.rows import CallRecord, ComparisonRecord
from backend_clients.records.statistics import CallAggregate, ComparisonAggregate
from backend_clients.stages import Outcome, Stage

_log = logging.getLogger(__name__)

WHO = "auto-rollback"


def _ring() -> deque[bool]:
    return deque(maxlen=BURN_CALLS)


@dataclass(slots=True)
class _RollingWindow:
    """Of one domain in one stage since the flags last changed: which of the latest Lambda calls failed, and which
    comparisons differed.
    """

    generation: int
    failed: deque[bool] = field(default_factory=_ring)
    differed: deque[bool] = field(default_factory=_ring)
    alarm: str = ""


class AutoRollback:
    """Watches records on the recorder's thread; the step back runs on a thread of its own.

    A stage is judged by what was seen in it since the flags last changed: what failed before a stage was left does not
    count against it when it is entered anew. Where stepping back by itself is not allowed, the alarm is logged, and
    shown for as long as it lasts.

    Parameters
    ----------
    accepted
        Whether a mismatch is one that was accepted, which is no cause for alarm.
    """

    def __init__(self, flags: Flags, editor: FlagEditor, accepted: Callable[[ComparisonRecord], bool]) -> None:
        self._flags = flags
        self._editor = editor
        self._accepted = accepted
        self._lock = threading.Lock()
        self._lately: dict[tuple[str, str], _RollingWindow] = {}
        self._stepping: threading.Thread | None = None

    def watch(self, record: CallRecord | ComparisonRecord) -> None:
        """Take a record into account; never waits for the flag file."""
        if record.stage == Stage.LEGACY:
            return
        failed = _failed(record)
        differed = self._differed(record)
        if failed is None and differed is None:
            return
        with self._lock:
            lately = self._seen_in(record.domain, record.stage)
            for ring, seen in ((lately.failed, failed), (lately.differed, differed)):
                if seen is not None:
                    ring.append(seen)
            figures = _figures(lately)
            crossed = bool(figures) and not lately.alarm
            lately.alarm = figures and f"{record.domain} in {record.stage}: {figures}"
        if figures and self._may_step_back(record.domain):
            self._step_back(record.domain, record.stage, figures)
        elif crossed:
            _log.warning("burn alarm of %s in %s: %s", record.domain, record.stage, figures)

    def alarms(self, domain: str) -> tuple[str, ...]:
        """What burns now, with the figures."""
        with self._lock:
            return tuple(
                f"burn alarm: {lately.alarm}"
                for (name, _), lately in self._lately.items()
                if name == domain and lately.alarm and lately.generation == self._flags.generation
            )

    def close(self, timeout: float = 2.0) -> None:
        """Wait for a step back that is under way."""
        if self._stepping is not None:
            self._stepping.join(timeout)

    def _seen_in(self, domain: str, stage: str) -> _RollingWindow:
        generation = self._flags.generation
        lately = self._lately.get((domain, stage))
        if lately is None or lately.generation != generation:
            lately = self._lately[domain, stage] = _RollingWindow(generation)
        return lately

    def _differed(self, record: CallRecord | ComparisonRecord) -> bool | None:
        if not isinstance(record, ComparisonRecord) or record.outcome not in (Outcome.MATCH, Outcome.MISMATCH):
            return None
        return record.outcome == Outcome.MISMATCH and not self._accepted(record)

    def _may_step_back(self, domain: str) -> bool:
        return self._flags.value(AUTO_ROLLBACK, "", domain)

    def _step_back(self, domain: str, stage: str, figures: str) -> None:
        """One step at a time: what is seen meanwhile was asked before the step is in force."""
        if self._stepping is not None and self._stepping.is_alive():
            return
        self._stepping = threading.Thread(
            target=self._roll_back, args=(domain, stage, figures), name="auto-rollback", daemon=True
        )
        self._stepping.start()

    def _roll_back(self, domain: str, stage: str, figures: str) -> None:
        try:
            shares = self._editor.shares(domain)
            if shares and stage not in {share.stage for share in shares}:
                return  # the answers of a stage that nobody is in any more
            change = self._editor.rollback(domain, figures, WHO)
            _log.warning("%s stepped back from %s to %s: %s", domain, change.before, change.after, figures)
        except (AuditError, FlagEditError, FlagFileError) as error:
            _log.warning("burn alarm of %s, which cannot step back: %s: %s", domain, figures, error)
        finally:
            self._forget(domain)

    def _forget(self, domain: str) -> None:
        with self._lock:
            for name, stage in list(self._lately):
                if name == domain:
                    del self._lately[name, stage]


def _failed(record: CallRecord | ComparisonRecord) -> bool | None:
    """Whether the Lambda side failed; None where it was not asked."""
    if isinstance(record, CallRecord):
        seen: CallAggregate | ComparisonAggregate = CallAggregate(
            record.stage,
            record.origin,
            record.fell_back,
            record.failed,
            record.cold_start,
            (record.latency_ms,),
            record.at,
            record.at,
        )
    else:
        seen = ComparisonAggregate(
            record.stage,
            record.outcome,
            record.cold_start,
            (record.legacy_ms,),
            (record.lambda_ms,),
            record.at,
            record.at,
        )
    return seen.lambda_failed if seen.asked_lambda else None


def _figures(lately: _RollingWindow) -> str:
    """What is over its threshold, in words; "" when nothing is."""
    told = (
        _over(lately.failed, BURN_ERROR_SHARE, "Lambda calls failed"),
        _over(lately.differed, BURN_MISMATCH_SHARE, "comparisons differed"),
    )
    return "; ".join(text for text in told if text)


def _over(ring: Sequence[bool], share: float, what: str) -> str:
    found = sum(ring)
    if len(ring) < BURN_MINIMUM or found <= share * len(ring):
        return ""
    return f"{found} of the latest {len(ring)} {what}, more than {share:.0%}"

"""The error-rate alarm: detects a domain whose Lambda side fails or differs too often, and rolls it back if allowed."""

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
    ALARM_CALLS,
    ALARM_ERROR_SHARE,
    ALARM_MINIMUM,
    ALARM_MISMATCH_SHARE,
)
from backend_clients.records.rows import CallRecord, ComparisonRecord
from backend_clients.records.statistics import CallAggregate, ComparisonAggregate
from backend_clients.routed import Origin
from backend_clients.stages import READS, Outcome, Stage

_log = logging.getLogger(__name__)

WHO = "auto-rollback"


def _ring() -> deque[bool]:
    return deque(maxlen=ALARM_CALLS)


@dataclass(slots=True)
class _RollingWindow:
    """The latest Lambda calls and comparisons of one domain and stage since its flag last changed: True for each that
    failed or differed.
    """

    changes: int
    failed: deque[bool] = field(default_factory=_ring)
    differed: deque[bool] = field(default_factory=_ring)
    alarm: str = ""


class AutoRollback:
    """Watches records on the recorder's thread; the rollback runs on a thread of its own.

    A stage is judged by its records since the domain's flag last changed: earlier failures do not count when a domain
    enters the stage again. Without the flag `auto-rollback`, and in `shadow`, which serves nobody from Lambda and whose
    comparisons are what one needs then, the alarm is logged, and shown while it lasts.

    Parameters
    ----------
    accepted
        Returns True for mismatches on the allow-list, which do not count.
    """

    def __init__(self, flags: Flags, editor: FlagEditor, accepted: Callable[[ComparisonRecord], bool]) -> None:
        self._flags = flags
        self._editor = editor
        self._accepted = accepted
        self._lock = threading.Lock()
        self._lately: dict[tuple[str, str], _RollingWindow] = {}
        self._stepping: threading.Thread | None = None

    def watch(self, record: CallRecord | ComparisonRecord) -> None:
        """Count a record; never waits for the flag file."""
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
        if figures and self._may_step_back(record.domain, record.stage):
            self._step_back(record.domain, record.stage, figures)
        elif crossed:
            _log.warning("error-rate alarm of %s in %s: %s", record.domain, record.stage, figures)

    def alarms(self, domain: str) -> tuple[str, ...]:
        """The domain's alarms in force, with their figures."""
        with self._lock:
            return tuple(
                f"error-rate alarm: {lately.alarm}"
                for (name, _), lately in self._lately.items()
                if name == domain and lately.alarm and lately.changes == self._flags.changes(domain)
            )

    def close(self, timeout: float = 2.0) -> None:
        """Wait for a rollback in progress."""
        if self._stepping is not None:
            self._stepping.join(timeout)

    def _seen_in(self, domain: str, stage: str) -> _RollingWindow:
        changes = self._flags.changes(domain)
        lately = self._lately.get((domain, stage))
        if lately is None or lately.changes != changes:
            lately = self._lately[domain, stage] = _RollingWindow(changes)
        return lately

    def _differed(self, record: CallRecord | ComparisonRecord) -> bool | None:
        if not isinstance(record, ComparisonRecord) or record.outcome not in (Outcome.MATCH, Outcome.MISMATCH):
            return None
        return record.outcome == Outcome.MISMATCH and not self._accepted(record)

    def _may_step_back(self, domain: str, stage: str) -> bool:
        return READS[Stage(stage)].answers is Origin.LAMBDA and self._flags.value(AUTO_ROLLBACK, "", domain)

    def _step_back(self, domain: str, stage: str, figures: str) -> None:
        """Start a rollback unless one is running: records seen meanwhile are of calls from before it took effect."""
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
                return  # late answers of a stage without visitors
            change = self._editor.rollback(domain, figures, WHO)
            _log.warning("%s stepped back from %s to %s: %s", domain, change.before, change.after, figures)
        except (AuditError, FlagEditError, FlagFileError) as error:
            _log.warning("error-rate alarm of %s, which cannot step back: %s: %s", domain, figures, error)
        finally:
            self._forget(domain)

    def _forget(self, domain: str) -> None:
        with self._lock:
            for name, stage in list(self._lately):
                if name == domain:
                    del self._lately[name, stage]


def _failed(record: CallRecord | ComparisonRecord) -> bool | None:
    """Whether the Lambda side failed; None if it was not called."""
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
    """The shares above their thresholds, in words; "" if there are none."""
    exceeded = (
        _over(lately.failed, ALARM_ERROR_SHARE, "Lambda calls failed"),
        _over(lately.differed, ALARM_MISMATCH_SHARE, "comparisons differed"),
    )
    return "; ".join(text for text in exceeded if text)


def _over(ring: Sequence[bool], share: float, what: str) -> str:
    count = sum(ring)
    if len(ring) < ALARM_MINIMUM or count <= share * len(ring):
        return ""
    return f"{count} of the latest {len(ring)} {what}, more than {share:.0%}"

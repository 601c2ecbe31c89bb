"""Decides whether a domain's legacy side can be deleted, and lists exactly what to delete."""

import time
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from backend_clients.domains import DOMAINS, DomainSpec, Registry
from backend_clients.flags.text_edits import NotEditable
from backend_clients.migration.gate import thresholds
from backend_clients.migration.gate.conditions import moment
from backend_clients.migration.retirement.legacy_parts import Deletion, legacy_parts
from backend_clients.records.reader import Evidence
from backend_clients.settings import REPOSITORY
from backend_clients.stages import Stage

_DAY_SECONDS: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Retirement:
    """A domain on `lambda`: the time since legacy last answered, the reasons to keep its code, or else what to delete.

    `by_hand` are lines that use deleted code and must be edited by hand.
    """

    since: float | None
    days: float
    reasons: tuple[str, ...]
    deletions: tuple[Deletion, ...] = ()
    by_hand: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        return not self.reasons

    def as_json(self) -> dict[str, Any]:
        found = asdict(self)
        return found | {"ready": self.ready, "deletions": [str(deletion) for deletion in self.deletions]}


def is_retired(domain: DomainSpec) -> bool:
    """Whether the domain's legacy side is deleted; Lambda then serves without a flag."""
    return find_spec(domain.legacy_module) is None


def with_legacy(domains: Registry = DOMAINS) -> Registry:
    """The domains that still have a legacy side, and therefore a flag."""
    return {name: spec for name, spec in domains.items() if not is_retired(spec)}


def retirement_of(
    spec: DomainSpec, evidence: Evidence, changed_at: float | None, flags_file: Path, now: float | None = None
) -> Retirement:
    """Evaluate a domain that is on `lambda` for all visitors."""
    now, domain = time.time() if now is None else now, spec.name
    alone = evidence.window(domain, stage=Stage.LAMBDA.value, since=changed_at)
    since = _since(spec, evidence, changed_at, alone.first_at)
    days = max(0.0, now - since) / _DAY_SECONDS if since is not None else 0.0
    reasons = []
    if days < thresholds.RETIREMENT_DAYS:
        served = f"for {days:.1f} days, since {moment(since)}" if since is not None else "in no record yet"
        reasons.append(f"Lambda has served alone {served}; {thresholds.RETIREMENT_DAYS} days are required")
    if alone.calls < thresholds.COMPARISONS:
        reasons.append(f"{alone.calls} calls were recorded since; {thresholds.COMPARISONS} are required")
    if alone.lambda_errors > thresholds.ERROR_RATE * alone.lambda_calls:
        reasons.append(
            f"{alone.lambda_errors} of {alone.lambda_calls} calls failed; at most {thresholds.ERROR_RATE:.0%} may fail"
        )
    if reasons:
        return Retirement(since, days, tuple(reasons))
    try:
        parts = legacy_parts(REPOSITORY, flags_file, spec)
    except NotEditable as error:
        return Retirement(since, days, (f"{flags_file}: {error}",))
    return Retirement(since, days, (), parts.deletions, parts.by_hand)


def _since(domain: DomainSpec, evidence: Evidence, changed_at: float | None, first_at: float | None) -> float | None:
    """The start of the time without legacy: the last flag change, call in another stage, or fallback."""
    others = [stage.value for stage in domain.stages if stage is not Stage.LAMBDA]
    seen = [evidence.window(domain.name, stage=stage, since=changed_at).last_at for stage in others]
    seen += [evidence.last_fallback(domain.name), changed_at if changed_at is not None else first_at]
    return max((at for at in seen if at is not None), default=None)

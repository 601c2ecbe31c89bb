"""Whether both sides of a domain with writes hold the same data, and which data a rollback would leave on Lambda."""

from collections.abc import Callable
from datetime import datetime

from backend_clients.domains import DomainSpec
from backend_clients.flags.audit_log import Audit
from backend_clients.migration.backfill_log import BackfillLog
from backend_clients.stages import Stage


def unsynced_data(domain: DomainSpec, audit: Audit, log: BackfillLog) -> str:
    """Advice on what to run before legacy answers again; "" if legacy has all data.

    A rollback is always allowed, but writes of stage `lambda` since the last verification are missing on legacy.

    Raises
    ------
    AuditError
    """
    if not domain.writes:
        return ""
    verification = log.last_verification(domain.name)
    since = verification.at if verification is not None and verification.clean else 0.0
    for change in audit.changes(domain.name):
        left = change.at > since and Stage.LAMBDA in change.before  # it may have come there by hand
        if left or Stage.LAMBDA in change.after:
            return (
                f"{domain.stored.capitalize()} of stage lambda are on Lambda alone."
                f" Run `mattgpt backfill {domain.name}` while Lambda still answers,"
                " so that legacy has them when it does."
            )
        if change.at <= since:
            break
    return ""


def sync_problem(
    domain: DomainSpec,
    audit: Audit,
    log: BackfillLog,
    legacy_calls: Callable[[float], int],
    damaged_at: float | None = None,
) -> str:
    """Why the sides may hold different data; "" if they hold the same or the domain has no writes.

    Both sides are in sync if the last verification found no difference and no visitor was in stage `legacy` since, by
    the audit log and, for flags edited by hand or broken, by the recorded calls.

    Parameters
    ----------
    legacy_calls
        Counts the calls in stage `legacy` since a time.
    damaged_at
        When legacy's data were last set aside as damaged, in Unix seconds.
    """
    if not domain.writes:
        return ""
    verification = log.last_verification(domain.name)
    if verification is None:
        return f"{domain.stored} were never verified"
    when = datetime.fromtimestamp(verification.at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if not verification.clean:
        return f"the verification of {when} found {verification.different} {domain.stored} that differ"
    if damaged_at is not None and damaged_at >= verification.at:
        return f"legacy's {domain.stored} were damaged and set aside after the verification of {when}"
    later = (change for change in audit.changes(domain.name) if change.at > verification.at)
    if any(Stage.LEGACY in change.after for change in later) or legacy_calls(verification.at):
        return f"visitors wrote to legacy alone after the verification of {when}"
    return ""

"""Whether both sides of a domain that writes hold the same data, and what a rollback would leave behind."""

from collections.abc import Callable
from datetime import datetime

from backend_clients.domains import DomainSpec
from backend_clients.flags.audit_log import Audit
from backend_clients.migration.backfill_log import BackfillLog
from backend_clients.stages import Stage


def unsynced_data(domain: DomainSpec, audit: Audit, log: BackfillLog) -> str:
    """What to run before legacy answers again; "" if legacy has all data.

    A rollback needs no permission. But what visitors wrote in `lambda` since the last verification is not on legacy.

    Raises
    ------
    AuditError
    """
    if not domain.writes:
        return ""
    verification = log.last_verification(domain.name)
    since = verification.at if verification is not None and verification.clean else 0.0
    for change in audit.changes(domain.name):
        if Stage.LAMBDA in change.after:
            return (
                f"{domain.stored.capitalize()} of stage lambda are on Lambda alone."
                f" Run `mattgpt backfill {domain.name}` while Lambda still answers,"
                " so that legacy has them when it does."
            )
        if change.at <= since:
            break
    return ""


def sync_problem(domain: DomainSpec, audit: Audit, log: BackfillLog, legacy_calls: Callable[[float], int]) -> str:
    """Why the sides may hold different data; "" when they hold the same, or the domain only reads.

    A verification must have found both sides alike, and nobody may have been served by legacy alone since: by the
    record of changes, or, for a flag that was changed by hand or was broken, by the calls themselves.

    Parameters
    ----------
    legacy_calls
        The number of calls since a moment that were routed in stage `legacy`.
    """
    if not domain.writes:
        return ""
    verification = log.last_verification(domain.name)
    if verification is None:
        return f"{domain.stored} were never verified"
    when = datetime.fromtimestamp(verification.at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if not verification.clean:
        return f"the verification of {when} found {verification.different} {domain.stored} that differ"
    later = (change for change in audit.changes(domain.name) if change.at > verification.at)
    if any(Stage.LEGACY in change.after for change in later) or legacy_calls(verification.at):
        return f"visitors wrote to legacy alone after the verification of {when}"
    return ""

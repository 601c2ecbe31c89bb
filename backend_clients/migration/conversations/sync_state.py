"""What a rollback leaves behind: turns that Lambda alone was given."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from backend_clients.flags.audit_log import Audit
from backend_clients.migration.conversations.backfill import BackfillLog
from backend_clients.stages import Stage

_WRITING: Final = "ask"


def unsynced_conversations(domain: str, audit: Audit, log: BackfillLog) -> str:
    """What to run before legacy answers again; "" where legacy has all there is.

    A rollback needs no permission. But what visitors wrote in `lambda` since the last verification is not on legacy.

    Raises
    ------
    AuditError
    """
    if domain != _WRITING:
        return ""
    verification = log.last_verification(domain)
    since = verification.at if verification is not None and verification.clean else 0.0
    for change in audit.changes(domain):
        if Stage.LAMBDA in change.after:
            return (
                "Conversations of stage lambda are on Lambda alone."
                f" Run `mattgpt backfill {domain}` while Lambda still answers, so that legacy has them when it does."
            )
        if change.at <= since:
            break
    return ""


VERIFIED_DOMAIN: Final = "ask"


def sync_problem(domain: str, audit: Audit, log: BackfillLog, legacy_calls: Callable[[float], int]) -> str:
    """Why the sides of a domain that writes may hold different conversations; "" when they hold the same.

    A verification must have found both sides alike, and nobody may have been served by legacy alone since: by the
    record of changes, or, for a flag that was changed by hand or was broken, by the calls themselves.

    Parameters
    ----------
    legacy_calls
        The number of calls since a moment that were routed in stage `legacy`.
    """
    if domain != VERIFIED_DOMAIN:
        return ""
    verification = log.last_verification(domain)
    if verification is None:
        return "conversations were never verified"
    when = datetime.fromtimestamp(verification.at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if not verification.clean:
        return f"the verification of {when} found {verification.different} conversations that differ"
    later = (change for change in audit.changes(domain) if change.at > verification.at)
    if any(Stage.LEGACY in change.after for change in later) or legacy_calls(verification.at):
        return f"visitors wrote to legacy alone after the verification of {when}"
    return ""

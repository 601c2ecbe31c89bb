"""What a rollback leaves behind: turns that Lambda alone was given."""

from typing import Final

from backend_clients.migration.audit import Audit
from backend_clients.migration.backfill import BackfillLog
from backend_clients.routing.stages import Stage

_WRITING: Final = "ask"


def left_behind(domain: str, audit: Audit, log: BackfillLog) -> str:
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

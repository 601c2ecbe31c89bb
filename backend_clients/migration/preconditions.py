"""What must be true before a domain that writes moves on."""

from datetime import datetime

from backend_clients.migration.audit import Audit
from backend_clients.migration.backfill import BackfillLog
from backend_clients.routing.ledger import Ledger
from backend_clients.routing.stages import Stage

_ORDER = tuple(Stage)


def obstacles(domain: str, stage: Stage, audit: Audit, log: BackfillLog, ledger: Ledger) -> list[str]:
    """Why `domain` must not move to `stage` yet; empty when it may, and for domains that only read.

    Lambda answers from `live` on: by then a verification must have found both sides alike, and nobody may have written
    to legacy alone since.
    In `lambda` legacy is written no more: by then nothing may be owed.
    """
    if domain != "ask":
        return []
    found: list[str] = []
    if _ORDER.index(stage) >= _ORDER.index(Stage.LIVE):
        found += _unverified(domain, audit, log)
    if stage is Stage.LAMBDA and (owed := len(ledger.open_repairs(domain))):
        found.append(f"{owed} repairs are open; pay them with `mattgpt repairs run`")
    return found


def _unverified(domain: str, audit: Audit, log: BackfillLog) -> list[str]:
    verification = log.last_verification(domain)
    advice = f"run `mattgpt backfill {domain}`"
    if verification is None:
        return [f"conversations were never verified; {advice}"]
    when = datetime.fromtimestamp(verification.at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if not verification.clean:
        return [f"the verification of {when} found {verification.different} conversations that differ; {advice}"]
    later = (change for change in audit.changes(domain) if change.at > verification.at)
    if any(Stage.LEGACY in change.after for change in later):
        return [f"visitors wrote to legacy alone after the verification of {when}; {advice}"]
    return []

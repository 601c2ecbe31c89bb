"""Tidying up after a switch: items that neither the served edition nor the one before it holds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.industries.item_table import ItemTable
from lambdas.industries.pointer import Pointer

# What was written a short while ago may belong to an ingest that runs beside this one and has yet to switch.
GRACE: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Retired:
    items: int = 0
    problem: str = ""


def retire(items: ItemTable, pointer: Pointer, now: datetime) -> Retired:
    """Delete what is older than `GRACE` and of neither edition. A failure is told, not raised: the switch is made."""
    old = items.superseded((pointer.edition, pointer.previous), int((now - GRACE).timestamp()))
    try:
        return Retired(items.retire(old))
    except (BotoCoreError, ClientError) as error:
        return Retired(problem=f"old items are still there: {type(error).__name__}")

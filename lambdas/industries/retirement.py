"""Tidying up after a switch: items that neither the served edition nor the one before it holds."""

from dataclasses import dataclass
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.common.ingest import GRACE
from lambdas.industries.item_table import ItemTable
from lambdas.industries.pointer import Pointer


@dataclass(frozen=True)
class Retired:
    items: int = 0
    problem: str = ""


def retire(items: ItemTable, pointer: Pointer, now: datetime) -> Retired:
    """Delete what is older than `GRACE` and of neither edition. A failure is told, not raised: the switch is made."""
    try:
        return Retired(items.retire((pointer.edition, pointer.previous), int((now - GRACE).timestamp())))
    except (BotoCoreError, ClientError) as error:
        return Retired(problem=f"old items are still there: {type(error).__name__}")

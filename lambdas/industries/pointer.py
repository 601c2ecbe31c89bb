"""The industries table's version pointer: names the served version."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from lambdas.industries.answer_items import item_key

POINTER: Final = "current"


@dataclass(frozen=True)
class Pointer:
    """The served version, its format, and the previous version ("" at first)."""

    KEY: ClassVar[Mapping[str, Any]] = item_key(POINTER, POINTER)

    edition: str
    corpus_version: str
    format: int
    ingested_at: str
    previous: str = ""

"""The stories table's version pointer: names the served catalog."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from lambdas.stories.story_items import KEY as PARTITION_KEY


@dataclass(frozen=True)
class Pointer:
    """The served catalog, and the key of the previous one ("" at first)."""

    KEY: ClassVar[Mapping[str, Any]] = {PARTITION_KEY: {"S": "corpus#current"}}

    corpus_version: str
    listing_key: str
    sha256: str
    count: int
    ingested_at: str
    previous_key: str = ""

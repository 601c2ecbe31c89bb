"""The search table's version pointer: names the served index."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Pointer:
    """The served index, and the key and corpus version of the previous one ("" at first).

    `fingerprint` hashes the inputs of the index, so that the same index is not built twice.
    """

    KEY: ClassVar[Mapping[str, Any]] = {"pk": {"S": "corpus#current"}}

    corpus_version: str
    fingerprint: str
    snapshot_key: str
    sha256: str
    count: int
    ingested_at: str
    previous_key: str = ""
    previous_version: str = ""

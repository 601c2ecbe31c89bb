"""The table's items: precomputed answers, partitioned by version ("edition" in the stored data).

A version is one corpus aggregated by one set of rules; its key identifies both, and its items never change.
"""

import zlib
from collections.abc import Mapping
from typing import Any, Final

FORMAT: Final = 1  # format of a version's items; functions reject any other

PARTITION: Final = "pk"
SORT: Final = "sk"
BODY: Final = "body"
SLUGS: Final = "slugs"
LIST: Final = "list"

_LARGE: Final = 4096  # one read unit of the table, in bytes

Key = dict[str, Any]


def item_key(edition: str, name: str) -> Key:
    return {PARTITION: {"S": edition}, SORT: {"S": name}}


def detail_name(slug: str) -> str:
    return f"detail#{slug}"


def categories_name(slug: str) -> str:
    return f"categories#{slug}"


def encode_text(text: str) -> dict[str, Any]:
    """A text as an attribute; compressed if it is large."""
    encoded = text.encode()
    return {"S": text} if len(encoded) <= _LARGE else {"B": zlib.compress(encoded, 6)}


def decode_text(attribute: Mapping[str, Any]) -> str:
    text: str = attribute["S"] if "S" in attribute else zlib.decompress(attribute["B"]).decode()
    return text


def stored_bytes(attribute: Mapping[str, Any]) -> int:
    """Stored size of an attribute's value."""
    return len(attribute["S"].encode()) if "S" in attribute else len(attribute["B"])

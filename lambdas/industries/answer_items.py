"""The table's items: ready answers, each under the edition it belongs to.

An edition is one corpus aggregated in one way; its key tells both, and its items never change.
"""

import zlib
from collections.abc import Mapping
from typing import Any, Final

FORMAT: Final = 1  # what functions expect to find in an edition; they refuse any other

PARTITION: Final = "pk"
SORT: Final = "sk"
BODY: Final = "body"
SLUGS: Final = "slugs"
LIST: Final = "list"

_LARGE: Final = 4096  # what one read unit of the table covers

Key = dict[str, Any]


def item_key(edition: str, name: str) -> Key:
    return {PARTITION: {"S": edition}, SORT: {"S": name}}


def detail_name(slug: str) -> str:
    return f"detail#{slug}"


def categories_name(slug: str) -> str:
    return f"categories#{slug}"


def encode_text(text: str) -> dict[str, Any]:
    """An attribute that holds a text: as it is, or compressed when it is large."""
    encoded = text.encode()
    return {"S": text} if len(encoded) <= _LARGE else {"B": zlib.compress(encoded, 6)}


def decode_text(attribute: Mapping[str, Any]) -> str:
    text: str = attribute["S"] if "S" in attribute else zlib.decompress(attribute["B"]).decode()
    return text


def stored_bytes(attribute: Mapping[str, Any]) -> int:
    """What an attribute's value takes in the table."""
    return len(attribute["S"].encode()) if "S" in attribute else len(attribute["B"])

"""Conversations as the table keeps them: the keys of its items, and turns packed and unpacked.

A session is one partition: an item that says when it was last touched and where it was exported to, and an item a
turn. A local index holds the turns in the order of a conversation. An item with all it has in that index stays below
the table's 400 KB, since a turn is 200 KB at most. A forgotten session leaves a tombstone in a partition of its own
until no exported object can hold it.
"""

import json
import zlib
from collections.abc import Mapping
from typing import Any, Final

from contracts.conversations import Rating, Turn

KEY: Final = "pk"
SORT: Final = "sk"
TURN: Final = "turn#"
SESSION: Final = "session#"
SESSION_META: Final = "about"  # sorts before the turns, so that it is the first to be forgotten
BODY: Final = "body"
FEEDBACK: Final = "feedback"
RATED_AT: Final = "rated_at"
SORT_KEY: Final = "place"
BY_PLACE: Final = "by-place"
LAST_ACTIVITY: Final = "touched_at"
UNEXPORTED: Final = "unexported"
BY_TOUCH: Final = "unexported-by-touch"
PENDING_EXPORT: Final = "yes"
EXPORTS: Final = "exports"  # keys of the exported objects that hold a session
FORGOTTEN: Final = "forgotten"
EXPIRES_AT: Final = "expires_at"

Item = Mapping[str, Any]


def session_key(session_id: str) -> dict[str, Any]:
    return {"S": f"{SESSION}{session_id}"}


def turn_key(session_id: str, turn_id: str) -> dict[str, Any]:
    return {KEY: session_key(session_id), SORT: {"S": f"{TURN}{turn_id}"}}


def about_key(session_id: str) -> dict[str, Any]:
    return {KEY: session_key(session_id), SORT: {"S": SESSION_META}}


def tombstone_key(session_id: str) -> dict[str, Any]:
    return {KEY: {"S": FORGOTTEN}, SORT: {"S": session_id}}


def place_of(turn: Turn) -> str:
    """Where a turn stands in its conversation: as text, places sort by `asked_at`, then by turn id."""
    return f"{turn.asked_at:013d}#{turn.turn_id}"


def turn_item(turn: Turn) -> dict[str, Any]:
    body = zlib.compress(turn.model_dump_json().encode(), 6)
    return {**turn_key(turn.session_id, turn.turn_id), SORT_KEY: {"S": place_of(turn)}, BODY: {"B": body}}


def turn_json(item: Item) -> bytes:
    return zlib.decompress(item[BODY]["B"])


def turn_of(item: Item) -> Turn:
    return Turn.model_validate_json(turn_json(item))


def verdict_of(item: Item) -> list[Rating]:
    """The verdict on a turn, if there is one."""
    if FEEDBACK not in item:
        return []
    turn_id = item[SORT]["S"].removeprefix(TURN)
    return [Rating(turn_id=turn_id, **json.loads(item[FEEDBACK]["S"]))]

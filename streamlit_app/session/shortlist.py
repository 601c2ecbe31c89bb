"""The stories that a visitor starred, each with a note: kept in the session and in one parameter of the address.

A page load takes them from the address; from then on the session holds them, and the address follows.
"""

import base64
import json
import zlib
from collections.abc import Sequence
from typing import Final, NamedTuple

import streamlit as st
from pydantic import TypeAdapter

from contracts.story import StoryId
from streamlit_app.session.site import Key

PARAM: Final = "shortlist"
MOST_STARRED: Final = 20
MAX_NOTE: Final = 300
_MAX_TOKEN: Final = 6000  # characters; servers and chats take addresses of 8,000
_MAX_BYTES: Final = MOST_STARRED * 4 * (MAX_NOTE + 512)
_PAIRS: Final = TypeAdapter(list[tuple[StoryId, str]])  # it refuses what is nested too deeply
_DAMAGED: Final = "The shortlist in this link is damaged, so it starts empty. Ask for the link again."
_TOO_LONG: Final = "The notes are too long for a link. Shorten one first."


class Starred(NamedTuple):
    """A starred story and the visitor's note on it."""

    story_id: str
    note: str = ""


class DamagedShortlist(ValueError):
    """The address's parameter is not one that this site made."""


def encode_shortlist(starred: Sequence[Starred]) -> str:
    """The parameter's value; "" for none."""
    if not starred:
        return ""
    packed = zlib.compress(json.dumps(starred, ensure_ascii=False, separators=(",", ":")).encode(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode_shortlist(token: str) -> tuple[Starred, ...]:
    """The stories that a parameter's value holds, each once.

    Raises
    ------
    DamagedShortlist
    """
    try:
        if len(token) > _MAX_TOKEN:
            raise DamagedShortlist
        reader = zlib.decompressobj()
        text = reader.decompress(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)), _MAX_BYTES)
        if not reader.eof:
            raise DamagedShortlist
        pairs = {story_id: clean_note(note) for story_id, note in _PAIRS.validate_json(text)}
    except (zlib.error, ValueError) as error:
        raise DamagedShortlist from error
    if not 0 < len(pairs) <= MOST_STARRED:
        raise DamagedShortlist
    return tuple(Starred(story_id, note) for story_id, note in pairs.items())


def clean_note(text: str) -> str:
    """One line of printable text, at most as long as a note may be."""
    return "".join(char for char in " ".join(text.split()) if char.isprintable())[:MAX_NOTE].strip()


def open_shortlist() -> None:
    """Take the shortlist from the address at the session's first run; say so later if it is damaged."""
    if Key.SHORTLIST in st.session_state:
        return
    token = st.query_params.get(PARAM, "")
    try:
        st.session_state[Key.SHORTLIST] = decode_shortlist(token) if token else ()
    except DamagedShortlist:
        st.session_state[Key.SHORTLIST] = ()
        st.session_state[Key.SHORTLIST_PROBLEM] = _DAMAGED


def shortlist() -> tuple[Starred, ...]:
    starred: tuple[Starred, ...] = st.session_state.get(Key.SHORTLIST, ())
    return starred


def shortlist_params() -> dict[str, str]:
    """The address's parameter, if a story is starred."""
    token = encode_shortlist(shortlist())
    return {PARAM: token} if token else {}


def is_starred(story_id: str) -> bool:
    return any(item.story_id == story_id for item in shortlist())


def is_full() -> bool:
    return len(shortlist()) >= MOST_STARRED


def toggle_star(story_id: str) -> None:
    """Add a story, or remove it with its note. A full shortlist stays as it is."""
    if is_starred(story_id):
        _keep(tuple(item for item in shortlist() if item.story_id != story_id))
    elif not is_full():
        _keep((*shortlist(), Starred(story_id)))


def write_note(story_id: str, note: str) -> None:
    _keep(tuple(Starred(story_id, clean_note(note)) if item.story_id == story_id else item for item in shortlist()))


def remove_stars(story_ids: Sequence[str]) -> None:
    _keep(tuple(item for item in shortlist() if item.story_id not in story_ids))


def pop_problem() -> str:
    """What went wrong with the shortlist, once."""
    return str(st.session_state.pop(Key.SHORTLIST_PROBLEM, ""))


def _keep(starred: tuple[Starred, ...]) -> None:
    token = encode_shortlist(starred)
    if len(token) > _MAX_TOKEN:
        st.session_state[Key.SHORTLIST_PROBLEM] = _TOO_LONG
        return
    st.session_state[Key.SHORTLIST] = starred

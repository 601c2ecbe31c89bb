"""The stories that a visitor starred, each with a note: kept in the session and in one parameter of the address.

A page load takes them from the address; from then on the session holds them, and the address follows.
"""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
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
_NO_ROOM: Final = "The notes leave no room in the link for another story. Shorten one first."


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
    """The starred stories with what the visitor wrote, be it in the address or not."""
    drafts = _drafts()
    return tuple(item._replace(note=drafts.get(item.story_id, item.note)) for item in _kept())


def shortlist_params() -> dict[str, str]:
    """The address's parameter, if a story is starred."""
    token = encode_shortlist(_kept())
    return {PARAM: token} if token else {}


def is_starred(story_id: str) -> bool:
    return any(item.story_id == story_id for item in _kept())


def is_full() -> bool:
    return len(_kept()) >= MOST_STARRED


def is_draft(story_id: str) -> bool:
    """Whether a story's note did not fit into the address, which has the one before."""
    return story_id in _drafts()


def toggle_star(story_id: str) -> None:
    """Add a story, or remove it with its note. A full shortlist stays as it is."""
    if is_starred(story_id):
        remove_stars([story_id])
    elif not is_full():
        longer = (*_kept(), Starred(story_id))
        if _fits(longer):
            _keep(longer, _drafts())
        else:
            st.session_state[Key.SHORTLIST_PROBLEM] = _NO_ROOM


def write_note(story_id: str, note: str) -> None:
    """Keep a note; one that does not fit into the address is a draft until it does."""
    _keep(_kept(), {**_drafts(), story_id: clean_note(note)})


def remove_stars(story_ids: Sequence[str]) -> None:
    _keep(tuple(item for item in _kept() if item.story_id not in story_ids), _drafts())


def pop_problem() -> str:
    """What went wrong with the shortlist, once."""
    return str(st.session_state.pop(Key.SHORTLIST_PROBLEM, ""))


def _kept() -> tuple[Starred, ...]:
    """What the address holds."""
    starred: tuple[Starred, ...] = st.session_state.get(Key.SHORTLIST, ())
    return starred


def _drafts() -> dict[str, str]:
    """The notes that did not fit, by story."""
    drafts: dict[str, str] = st.session_state.get(Key.SHORTLIST_DRAFTS, {})
    return drafts


def _keep(starred: tuple[Starred, ...], drafts: Mapping[str, str]) -> None:
    """Keep a shortlist with each draft that fits by now; the others stay drafts as long as their story is starred."""
    left = {}
    for item in starred:
        if item.story_id not in drafts:
            continue
        noted = tuple(it._replace(note=drafts[it.story_id]) if it is item else it for it in starred)
        if _fits(noted):
            starred = noted
        else:
            left[item.story_id] = drafts[item.story_id]
    st.session_state[Key.SHORTLIST] = starred
    st.session_state[Key.SHORTLIST_DRAFTS] = left


def _fits(starred: Sequence[Starred]) -> bool:
    return len(encode_shortlist(starred)) <= _MAX_TOKEN

"""State that survives a rerun: the shared clients, the profile, the visitor, and the names of session keys."""

import hashlib
import logging
import secrets
import threading
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

import streamlit as st

from backend_clients.bootstrap import Clients, build_clients
from backend_clients.profile_file import ProfileError
from contracts.profile import Profile
from streamlit_app.session.cached_reads import CachedReads

_LOGGER: Final = logging.getLogger(__name__)
_BUILDING: Final = threading.Lock()
_BROWSER_COOKIE: Final = "_streamlit_xsrf"


class Key(StrEnum):
    """Session keys; a widget's key is one of these, alone or followed by a name."""

    VISITOR = "visitor"
    BINDING = "binding"
    SEARCH = "search"
    FILTER = "filter"
    CHIPS = "chips"
    VIEW = "view"
    SORT = "sort"
    PAGE = "page"
    TABLE = "table"
    TABLE_OPEN = "table-open"
    QUESTION = "question"
    TOO_LONG = "too-long"
    SUGGESTED = "suggested"
    PREPARED = "prepared"
    PENDING = "pending"
    TALK = "talk"
    LOCK = "lock"
    MODE = "mode"
    HELPFUL = "helpful"
    ROLE_TEXT = "role-text"
    ROLE_MATCH = "role-match"
    ROLE_PROBLEM = "role-problem"
    STRENGTHS = "strengths"
    INDUSTRY = "industry"
    CLIENTS = "clients"
    MIGRATION_DOMAIN = "migration-domain"
    SPAN = "span"
    SHARE = "share"
    ADMIN = "admin"
    MOVE = "move"
    MOVED = "moved"


@dataclass(frozen=True)
class Site:
    """The clients, profile and visitor id that a page uses."""

    clients: Clients
    profile: Profile
    visitor: str

    @property
    def reads(self) -> CachedReads:
        return CachedReads(self.clients, self.visitor)


class SetupError(Exception):
    """The site cannot run with its configuration; the message can be shown to visitors."""


def open_site() -> Site:
    """Build or reuse the clients and the profile, shared by all sessions, and read this session's visitor.

    Raises
    ------
    SetupError
        The story file, the profile or a setting is invalid.
    """
    try:
        clients = _clients()
        return Site(clients, clients.profile, visitor())
    except ProfileError as error:
        raise SetupError(f"The profile could not be loaded. {error}") from error
    except (ValueError, OSError) as error:
        _LOGGER.exception("the clients could not be built")
        raise SetupError("The stories could not be loaded. The log says why.") from error


def visitor() -> str:
    """Return a random id that stays the same on every visit, so that a percentage rollout is stable.

    Streamlit lets a page read cookies, not set them, but sets one of its own: a random token per browser. Its hash
    makes the id survive a reload; without the cookie the id lives as long as the session.
    """
    if Key.VISITOR not in st.session_state:
        token = _browser_token(st.context.cookies.get(_BROWSER_COOKIE, ""))
        st.session_state[Key.VISITOR] = hashlib.sha256(token or secrets.token_bytes(16)).hexdigest()[:32]
    return str(st.session_state[Key.VISITOR])


def _browser_token(cookie: str) -> bytes:
    """Decode the token of "2|mask|masked token|time", whose mask changes on every response; b"" if it is malformed."""
    try:
        _, mask, masked, _ = cookie.split("|")
        key = bytes.fromhex(mask)
        return bytes(byte ^ key[place % len(key)] for place, byte in enumerate(bytes.fromhex(masked)))
    except (ValueError, ZeroDivisionError):
        return b""


def forget_site() -> None:
    """Rebuild the clients and the profile on the next run, as after a restart."""
    _built.cache_clear()
    st.cache_resource.clear()


def _clients() -> Clients:
    with _BUILDING:
        if _built.cache_info().currsize:
            return _built()
        with st.spinner("Loading the stories"):
            return _built()


# Not a cached resource of Streamlit's: any browser can clear those, and the clients' threads would keep running.
@cache
def _built() -> Clients:
    clients = build_clients()
    clients.search.prepare()
    return clients

"""State that survives a rerun: the shared clients, the profile, the visitor, and the names of session keys."""

import logging
import threading
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

import streamlit as st

from backend_clients.bootstrap import Clients, build_clients
from backend_clients.first_requests import answer_in_process
from backend_clients.profile_file import NAMES_NOBODY, ProfileError
from contracts.profile import UNNAMED, Profile
from streamlit_app.session.cached_reads import CachedReads
from streamlit_app.session.visitor import VISITOR_COOKIE, new_visitor, valid_visitor

_LOGGER: Final = logging.getLogger(__name__)
_BUILDING: Final = threading.Lock()


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
    BEHAVIOUR = "behaviour"
    NARROW = "narrow"
    HEADING = "heading"
    CONTACT = "contact"
    SHORTLIST = "shortlist"
    SHORTLIST_DRAFTS = "shortlist-drafts"
    SHORTLIST_PROBLEM = "shortlist-problem"
    STAR = "star"
    NOTE = "note"
    PRINTING = "printing"


@dataclass(frozen=True)
class Site:
    """The clients, profile and visitor id that a page uses."""

    clients: Clients
    profile: Profile
    visitor: str

    @property
    def reads(self) -> CachedReads:
        return CachedReads(self.clients, self.visitor)

    def file_of_profile(self, name: str) -> Path:
        """A file that the profile names, which lies next to it."""
        return self.clients.settings.profile_file.parent / name


class SetupError(Exception):
    """The site cannot run with its configuration; the message can be shown to visitors."""


def open_site() -> Site:
    """Build or reuse the clients and the profile, shared by all sessions, and read this session's visitor.

    Raises
    ------
    SetupError
        The story file, the profile or a setting is invalid.
    """
    if not is_site_built():
        with st.spinner("Loading the stories"):
            build_site()
    return site_of(visitor())


def site_of(visitor_id: str) -> Site:
    """The built site as one visitor sees it."""
    clients = build_site()
    return Site(clients, clients.profile, visitor_id)


def build_site() -> Clients:
    """Build the clients with their indexes, or return those built before. Callers meanwhile wait for the same ones.

    Raises
    ------
    SetupError
        The story file, the profile or a setting is invalid.
    """
    try:
        with _BUILDING:
            return _built()
    except ProfileError as error:
        raise SetupError(f"The profile could not be loaded. {error}") from error
    except (ValueError, OSError) as error:
        _LOGGER.exception("the clients could not be built")
        raise SetupError("The stories could not be loaded. The log says why.") from error


def is_site_built() -> bool:
    return bool(_built.cache_info().currsize)


def visitor() -> str:
    """Return the id in the visitor cookie; without one, an id that lives as long as the session."""
    if Key.VISITOR not in st.session_state:
        known = valid_visitor(str(st.context.cookies.get(VISITOR_COOKIE, "")))
        st.session_state[Key.VISITOR] = known or new_visitor()
    return str(st.session_state[Key.VISITOR])


def close_site() -> None:
    """Write out what is queued and close all connections, when the server stops."""
    with _BUILDING:
        if is_site_built():
            _built().close()
    forget_site()


def forget_site() -> None:
    """Rebuild the clients and the profile on the next run, as after a restart."""
    _built.cache_clear()
    st.cache_resource.clear()


# Not a cached resource of Streamlit's: any browser can clear those, and the clients' threads would keep running.
@cache
def _built() -> Clients:
    clients = build_clients()
    if clients.profile is UNNAMED:
        _LOGGER.warning(NAMES_NOBODY)
    clients.search.prepare()
    _LOGGER.info("suggested questions: %d", len(clients.suggested_questions))  # found at the start, not at a visit
    answer_in_process(clients.corpus.stories, clients.operations)
    return clients

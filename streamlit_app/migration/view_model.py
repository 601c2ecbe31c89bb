"""Data of the migration page: its URL, and statistics that are cached for two seconds."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, TypeVar

import streamlit as st

from backend_clients import domains
from backend_clients.errors import BackendError, MigrationError
from backend_clients.migration.models import FlagChange, Group, StoredComparison, TrendPoint
from backend_clients.migration.service import DomainStatus, MigrationService
from streamlit_app.migration.wording import without_folders
from streamlit_app.shared.story_list import Params, last, read_number

_LOGGER: Final = logging.getLogger(__name__)
T = TypeVar("T")

DOMAINS: Final = tuple(domains.DOMAINS)
LOAD_ERRORS: Final = (MigrationError, BackendError)
_FRESH_SECONDS: Final = 2
_TREND_SECONDS: Final = 15  # counting a busy day takes a second
_HIGHEST_NUMBER: Final = 2**53


class Span(StrEnum):
    """The period of the trends."""

    HOUR = "hour"
    DAY = "day"

    @property
    def minutes(self) -> int:
        return 60 if self is Span.HOUR else 24 * 60


@dataclass(frozen=True)
class MigrationAddress:
    """The page's URL: the domain, the period, and the open mismatch, if any."""

    domain: str = DOMAINS[0]
    span: Span = Span.HOUR
    mismatch: int | None = None

    def params(self) -> Params:
        params: Params = {} if self.domain == DOMAINS[0] else {"domain": self.domain}
        if self.span is not Span.HOUR:
            params["span"] = self.span.value
        if self.mismatch is not None:
            params["mismatch"] = str(self.mismatch)
        return params

    def at(self, **changes: Any) -> "MigrationAddress":
        return replace(self, **changes)


def read_migration_address(params: Mapping[str, Sequence[str]]) -> MigrationAddress:
    """Parse query parameters; invalid ones get their defaults."""
    domain, span = last(params, "domain"), last(params, "span")
    return MigrationAddress(
        domain=domain if domain in DOMAINS else DOMAINS[0],
        span=Span(span) if span in set(Span) else Span.HOUR,
        mismatch=read_number(last(params, "mismatch"), _HIGHEST_NUMBER),
    )


@dataclass(frozen=True)
class LoadError:
    """An error message for visitors. A domain's `shares` may be known all the same."""

    message: str
    shares: str = ""


@dataclass(frozen=True)
class Overview:
    """Every domain's status or load error, and the counters of this process, as of `at`."""

    statuses: Mapping[str, DomainStatus | LoadError]
    counters: Mapping[str, int]
    at: float

    @property
    def troubles(self) -> tuple[str, ...]:
        """All problems, without duplicates."""
        found = [status.message for status in self.statuses.values() if isinstance(status, LoadError)]
        for status in self.statuses.values():
            found += [without_folders(line) for line in getattr(status, "problems", ())]
        return tuple(dict.fromkeys(found))

    @property
    def empty(self) -> bool:
        """Whether no domain has records."""
        known = [status for status in self.statuses.values() if isinstance(status, DomainStatus)]
        return all(not status.window.calls and not status.window.outcomes for status in known)


def try_load(read: Callable[[], T]) -> T | LoadError:
    """Return what was read, or the error."""
    try:
        return read()
    except LOAD_ERRORS as error:
        _LOGGER.warning("the migration page could not read: %s", error)
        return LoadError(without_folders(str(error)))


@st.cache_resource(ttl=_FRESH_SECONDS, show_spinner=False)
def overview(_desk: MigrationService) -> Overview:
    return Overview({domain: _status(_desk, domain) for domain in DOMAINS}, _desk.counters(), time.time())


@st.cache_resource(ttl=_TREND_SECONDS, max_entries=len(DOMAINS) * len(Span), show_spinner=False)
def trend(_desk: MigrationService, domain: str, minutes: int) -> list[TrendPoint] | LoadError:
    return try_load(lambda: _desk.trend(domain, minutes))


@st.cache_resource(ttl=_FRESH_SECONDS, max_entries=len(DOMAINS), show_spinner=False)
def groups(_desk: MigrationService, domain: str) -> list[Group] | LoadError:
    return try_load(lambda: _desk.groups(domain))


@st.cache_resource(ttl=_FRESH_SECONDS, max_entries=len(DOMAINS), show_spinner=False)
def changes(_desk: MigrationService, domain: str) -> list[FlagChange] | LoadError:
    return try_load(lambda: _desk.changes(domain, 10))


def _status(service: MigrationService, domain: str) -> DomainStatus | LoadError:
    """Read the status, or the stage from the flag file alone if the records cannot be read."""
    status = try_load(lambda: service.status(domain))
    if isinstance(status, DomainStatus):
        return status
    shares = try_load(lambda: service.shares(domain))
    return status if isinstance(shares, LoadError) else LoadError(status.message, shares)


def clear_caches() -> None:
    """Clear the caches after a change, so that every session sees it."""
    for cached in (overview, groups, changes):
        cached.clear()


def comparison(service: MigrationService, number: int) -> StoredComparison | LoadError | None:
    return try_load(lambda: service.comparison(number))

"""The names of all clients in a corpus and the facts of its owner, from the stories domain."""

from dataclasses import dataclass
from typing import Final

from contracts.profile import NOBODY, OwnerFacts
from contracts.stories import MAX_FACET_VALUES, MAX_PAGE, StoryList
from lambdas.ask.retrieval.stories_client import StoriesApi
from lambdas.common.http.service_client import CallContext
from lambdas.common.observability import logger

_MAX_PAGES: Final = 100


@dataclass(frozen=True)
class CorpusNames:
    """Every client's name, and the facts of the profile."""

    clients: frozenset[str] = frozenset()
    owner: OwnerFacts = NOBODY


class ClientNames:
    """Reads the names once for each corpus."""

    def __init__(self, stories: StoriesApi) -> None:
        self._stories = stories
        self._version = ""
        self._names = CorpusNames()

    def of(self, version: str, caller: CallContext) -> CorpusNames:
        """The names of a corpus; of one that is no longer served, those of its successor.

        Raises
        ------
        DependencyDown, Throttled
        """
        if version != self._version:
            listing = self._stories.listing(caller)
            names = {facet.value for facet in listing.facets.get("clients", ())}
            if len(names) >= MAX_FACET_VALUES:  # a facet lists no more
                names |= self._from_cards(listing, caller)
            self._names, self._version = CorpusNames(frozenset(names), listing.owner_facts), version
        return self._names

    def _from_cards(self, listing: StoryList, caller: CallContext) -> set[str]:
        pages = -(-listing.total // MAX_PAGE)
        if pages > _MAX_PAGES:
            logger.warning("more stories than client names are gathered from", extra={"stories": listing.total})
        starts = range(0, min(pages, _MAX_PAGES) * MAX_PAGE, MAX_PAGE)
        listings = (self._stories.listing(caller, limit=MAX_PAGE, offset=start) for start in starts)
        return {card.client for page in listings for card in page.cards if card.client}

"""What prose is checked against beside the cited stories: all clients of the corpus, and the facts of its owner."""

from dataclasses import dataclass
from typing import Final

from contracts.profile import NOBODY, OwnerFacts
from contracts.stories import MAX_FACET_VALUES, MAX_PAGE, StoryList
from lambdas.ask.retrieval.stories_client import StoriesApi
from lambdas.common.http.service_client import CallContext
from lambdas.common.observability import logger

_MAX_PAGES: Final = 100


@dataclass(frozen=True)
class GroundingContext:
    """The name of every client, and the facts of the profile."""

    clients: frozenset[str] = frozenset()
    owner: OwnerFacts = NOBODY


class GroundingContextReader:
    """Reads the context from the stories API, once a corpus."""

    def __init__(self, stories: StoriesApi) -> None:
        self._stories = stories
        self._version = ""
        self._context = GroundingContext()

    def of(self, version: str, caller: CallContext) -> GroundingContext:
        """The context of a corpus; of one that is no longer served, that of its successor.

        Raises
        ------
        DependencyDown, Throttled
        """
        if version != self._version:
            listing = self._stories.listing(caller)
            names = {facet.value for facet in listing.facets.get("clients", ())}
            if len(names) >= MAX_FACET_VALUES:  # a facet lists no more
                names |= self._from_cards(listing, caller)
            self._context, self._version = GroundingContext(frozenset(names), listing.owner_facts), version
        return self._context

    def _from_cards(self, listing: StoryList, caller: CallContext) -> set[str]:
        pages = -(-listing.total // MAX_PAGE)
        if pages > _MAX_PAGES:
            logger.warning("more stories than client names are gathered from", extra={"stories": listing.total})
        starts = range(0, min(pages, _MAX_PAGES) * MAX_PAGE, MAX_PAGE)
        listings = (self._stories.listing(caller, limit=MAX_PAGE, offset=start) for start in starts)
        return {card.client for page in listings for card in page.cards if card.client}

"""Finds stories: by the list in the URL, and one by its id or its readable name there."""

from backend_clients.errors import BackendError, InvalidRequest, NotFound
from backend_clients.routed import Routed
from contracts.search import MAX_QUERY, SearchFilters, SearchKind, SearchRequest, SearchResult
from contracts.stories import MAX_PAGE, StoryCard, StoryDetail
from streamlit_app.session.cached_reads import CachedReads
from streamlit_app.session.site import Site
from streamlit_app.shared.story_list import StoryListState
from streamlit_app.shared.story_slug import id_of_slug, title_slug


class AmbiguousName(BackendError):
    """Several stories have the name in the URL."""

    def __init__(self, cards: tuple[StoryCard, ...]) -> None:
        super().__init__("several stories have this name")
        self.cards = cards


def search_stories(
    site: Site, listing: StoryListState, *, limit: int, offset: int, era: str = ""
) -> Routed[SearchResult]:
    """Hits `offset` to `offset + limit`, best first; with `era`, of that era alone."""
    fields = listing.filters.model_dump(exclude={"q", "include_narratives"})
    if era:
        fields["eras"] = (era,)
    request = SearchRequest(
        query=listing.filters.q, filters=SearchFilters.model_validate(fields), limit=limit, offset=offset
    )
    return site.reads.search(request)


def find_story(reads: CachedReads, name: str) -> Routed[StoryDetail]:
    """The story whose id, slug or title's slug is `name`.

    Raises
    ------
    backend_clients.errors.NotFound
        No story has this name.
    AmbiguousName
        Several titles read like this.
    """
    for story_id in filter(None, (id_of_slug(name), name)):
        try:
            return reads.get_story(story_id)
        except (NotFound, InvalidRequest):  # an id that the contract rejects belongs to no story either
            continue
    named = _titled(reads, name)
    if not named:
        raise NotFound("there is no story at this address")
    if len(named) > 1:
        raise AmbiguousName(named)
    return reads.get_story(named[0].id)


def _titled(reads: CachedReads, slug: str) -> tuple[StoryCard, ...]:
    """Stories whose title's slug this is; they hold all its words, so that a search by words ranks them first."""
    words = slug.replace("-", " ")
    if slug != title_slug(words) or not words or len(words) > MAX_QUERY:
        return ()
    request = SearchRequest(query=words, from_suggestion=True, limit=MAX_PAGE)
    hits = reads.search(request, SearchKind.KEYWORD).value.hits
    return tuple(hit.card for hit in hits if title_slug(hit.card.title) == slug)

"""Finds stories: by the list in the URL, and one by its id or its readable name there, or several by theirs."""

from collections.abc import Sequence
from typing import Final

from backend_clients.errors import BackendError, InvalidRequest, NotFound
from backend_clients.routed import Routed
from contracts.rules.metrics import MetricKind
from contracts.search import MAX_QUERY, SearchFilters, SearchKind, SearchRequest, SearchResult
from contracts.stories import MAX_PAGE, StoryBatchRequest, StoryCard, StoryContent, StoryDetail
from streamlit_app.session.cached_reads import CachedReads
from streamlit_app.session.site import Site
from streamlit_app.shared.story_list import StoryListState
from streamlit_app.shared.story_slug import id_of_slug, title_slug

_RANK: Final = {kind: rank for rank, kind in enumerate(MetricKind)}


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


def find_cards(reads: CachedReads, names: Sequence[str]) -> tuple[tuple[StoryCard, ...], tuple[str, ...]]:
    """The cards of stories by id or slug, in this order and each once, and the names that no story has.

    Raises
    ------
    BackendError
        The stories could not be loaded.
    """
    ids = {name: id_of_slug(name) or name for name in dict.fromkeys(names)}
    found = load_stories(reads, tuple(ids.values()))
    cards = {story_id: _card_of(found[story_id]) for story_id in ids.values() if story_id in found}
    return tuple(cards.values()), tuple(name for name, story_id in ids.items() if story_id not in found)


def load_stories(reads: CachedReads, ids: Sequence[str]) -> dict[str, StoryContent]:
    """The stories that have these ids, by id.

    Raises
    ------
    BackendError
        The stories could not be loaded.
    """
    loaded: list[StoryContent] = []
    left = list(StoryBatchRequest.covering(ids))
    while left:
        batch = reads.get_stories(left.pop(0).ids).value
        loaded += batch.stories
        left += StoryBatchRequest.covering(batch.unprocessed)
    return {content.story.id: content for content in loaded}


def _card_of(content: StoryContent) -> StoryCard:
    """What a list shows of a whole story."""
    story = content.story
    strongest = min(content.metrics, key=lambda metric: (_RANK[metric.kind], -metric.value), default=None)
    lines = (*story.performance, *story.result) if strongest else ()
    fields = {name: getattr(story, name) for name in StoryCard.model_fields if hasattr(story, name)}
    return StoryCard(
        **fields,
        summary=content.summary,
        headline=next((line.strip(" -*•") for line in lines if strongest and strongest.text in line), ""),
        has_metric=strongest is not None,
        complete=content.integrity.complete,
    )


def _titled(reads: CachedReads, slug: str) -> tuple[StoryCard, ...]:
    """Stories whose title's slug this is; they hold all its words, so that a search by words ranks them first."""
    words = slug.replace("-", " ")
    if slug != title_slug(words) or not words or len(words) > MAX_QUERY:
        return ()
    request = SearchRequest(query=words, from_suggestion=True, limit=MAX_PAGE)
    hits = reads.search(request, SearchKind.KEYWORD).value.hits
    return tuple(hit.card for hit in hits if title_slug(hit.card.title) == slug)

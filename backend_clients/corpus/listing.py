"""Lists the stories of a corpus in memory: filtered, sorted, paged, with facets."""

from collections.abc import Callable
from functools import partial

from backend_clients.corpus.corpus import Corpus
from backend_clients.corpus.filters import StoryFilter, select
from backend_clients.corpus.summaries import card_of
from contracts.stories import Sort, StoryList, StoryListRequest
from contracts.story import Story


def listing_of(corpus: Corpus, code_version: str) -> Callable[[StoryListRequest], StoryList]:
    """The listing of one corpus, stamped with a code version."""
    return partial(_list_stories, corpus, code_version)


def _list_stories(corpus: Corpus, code_version: str, request: StoryListRequest) -> StoryList:
    found, facets = select(corpus.traits.values(), StoryFilter(request), corpus.spellings)
    page = _ordered(found, request.sort)[request.offset : request.offset + request.limit]
    return StoryList(
        cards=tuple(card_of(story) for story in page),
        total=len(found),
        facets=facets,
        first_start=min((story.start_date for story in found if story.start_date), default=""),
        last_end=max((story.end_date or story.start_date for story in found), default=""),
        owner=tuple(sorted(corpus.owner)),
        owner_facts=corpus.facts.owner,
        corpus_version=corpus.version,
        code_version=code_version,
    )


def _ordered(stories: list[Story], sort: Sort) -> list[Story]:
    """Stories are sorted by id, so a stable sort breaks ties by id in either direction."""
    field = sort.value.removeprefix("-")
    descending = sort.value.startswith("-")
    if field == "start_date":
        dated = sorted((s for s in stories if s.start_date), key=lambda s: s.start_date, reverse=descending)
        return dated + [story for story in stories if not story.start_date]
    return sorted(stories, key=lambda s: (getattr(s, field).casefold(), getattr(s, field)), reverse=descending)

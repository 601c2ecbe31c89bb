"""Service layer of the stories domain: builds the answer to each call."""

from collections.abc import Sequence
from functools import cache

from contracts.rules.metrics import integrity_of, story_metrics
from contracts.stories import (
    MAX_BATCH_BYTES,
    RelatedRequest,
    StoryBatch,
    StoryBatchRequest,
    StoryContent,
    StoryDetail,
    StoryListRequest,
    StoryRequest,
)
from contracts.story import Story
from lambdas.common.http.problems import DependencyDown, NotFound
from lambdas.common.text.summaries import headline, summary
from lambdas.stories.catalog import Catalog
from lambdas.stories.facet_filter import is_unfiltered, page, select
from lambdas.stories.related_stories import related_rows
from lambdas.stories.response import list_json, list_members, related_json
from lambdas.stories.settings import stories_settings
from lambdas.stories.store import StoryStore, story_store


class StoryService:
    """Answers stamped with corpus version and code version."""

    def __init__(self, store: StoryStore, code_version: str) -> None:
        self._store = store
        self._code_version = code_version

    def list_stories(self, request: StoryListRequest) -> str:
        """A `StoryList` as JSON. An unfiltered page is cut from precomputed parts, independent of corpus size."""
        catalog = self._store.catalog()
        start, stop = request.offset, request.offset + request.limit
        if is_unfiltered(request):
            browsing = not request.include_narratives
            rows = catalog.order(request.sort, browsing=browsing)[start:stop]
            members = catalog.unfiltered(browsing=browsing)
        else:
            selection = select(catalog, request)
            rows = page(catalog, selection, request.sort, start, stop)
            members = list_members(catalog, selection)
        return list_json(catalog, self._code_version, rows.tolist(), members)

    def story(self, request: StoryRequest) -> StoryDetail:
        """A whole story.

        Raises
        ------
        NotFound
            No story has this id.
        """
        catalog = self._store.catalog()
        story = self._body(catalog, request.id)
        if story is None:  # deleted since this catalog was loaded
            catalog = self._store.refreshed()
            story = self._body(catalog, request.id)
        if story is None:
            raise DependencyDown
        return StoryDetail(
            corpus_version=catalog.corpus_version,
            code_version=self._code_version,
            **dict(_content(story)),
        )

    def stories(self, request: StoryBatchRequest) -> StoryBatch:
        """Several whole stories."""
        catalog = self._store.catalog()
        bodies = self._bodies(catalog, request)
        if None in bodies.values():  # deleted since this catalog was loaded
            catalog = self._store.refreshed()
            bodies = self._bodies(catalog, request)
        found = [story for story in bodies.values() if story is not None]
        if len(found) < len(bodies):
            raise DependencyDown
        fitting = _fitting(found)
        return StoryBatch(
            corpus_version=catalog.corpus_version,
            code_version=self._code_version,
            stories=tuple(_content(story) for story in found[:fitting]),
            missing=tuple(story_id for story_id in dict.fromkeys(request.ids) if story_id not in bodies),
            unprocessed=tuple(story.id for story in found[fitting:]),
        )

    def related(self, request: RelatedRequest) -> str:
        """`RelatedStories` as JSON.

        Raises
        ------
        NotFound
            No story has this id.
        """
        catalog = self._store.catalog()
        related = related_rows(catalog, _row(catalog, request.id), request.limit)
        return related_json(catalog, self._code_version, related)

    def _body(self, catalog: Catalog, story_id: str) -> Story | None:
        return self._store.story(catalog.content_hash(_row(catalog, story_id)))

    def _bodies(self, catalog: Catalog, request: StoryBatchRequest) -> dict[str, Story | None]:
        """Bodies by id for the ids in the catalog; None for a body that is missing in the table."""
        rows = {story_id: catalog.ids.find(story_id) for story_id in request.ids}
        hashes = {story_id: catalog.content_hash(row) for story_id, row in rows.items() if row is not None}
        bodies = self._store.stories(tuple(hashes.values()))
        return {story_id: bodies.get(content_hash) for story_id, content_hash in hashes.items()}


@cache
def story_service() -> StoryService:
    """The service of this process."""
    return StoryService(story_store(), stories_settings().code_version)


def _row(catalog: Catalog, story_id: str) -> int:
    row = catalog.ids.find(story_id)
    if row is None:
        raise NotFound("No story has this id.", corpus_version=catalog.corpus_version)
    return row


def _content(story: Story) -> StoryContent:
    return StoryContent(
        story=story,
        summary=summary(story, headline(story)),
        metrics=story_metrics(story),
        integrity=integrity_of(story),
    )


def _fitting(stories: Sequence[Story]) -> int:
    """How many leading stories fit into an answer; at least one."""
    total = 0
    for count, story in enumerate(stories):
        total += len(story.model_dump_json().encode())
        if count and total > MAX_BATCH_BYTES:
            return count
    return len(stories)

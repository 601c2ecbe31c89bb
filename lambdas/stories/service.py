"""The rules of the stories domain: what each call answers."""

from functools import cache

from contracts.rules.metrics import integrity_of, story_metrics
from contracts.stories import RelatedRequest, StoryDetail, StoryListRequest, StoryRequest
from contracts.story import Story
from lambdas.common.http.problems import DependencyDown, NotFound
from lambdas.common.text.summaries import headline, summary
from lambdas.stories.catalog import Catalogue
from lambdas.stories.facet_filter import is_unfiltered, page, select
from lambdas.stories.related_stories import related_rows
from lambdas.stories.response import list_json, list_members, related_json
from lambdas.stories.settings import stories_settings
from lambdas.stories.store import StoryStore, story_store


class StoryService:
    """Answers, stamped with the corpus they come from and the code that made them."""

    def __init__(self, store: StoryStore, code_version: str) -> None:
        self._store = store
        self._code_version = code_version

    def list_stories(self, request: StoryListRequest) -> str:
        """A `StoryList` as JSON. Without filters the page is cut from ready parts, whatever the corpus's size."""
        catalogue = self._store.catalogue()
        start, stop = request.offset, request.offset + request.limit
        if is_unfiltered(request):
            browsing = not request.include_narratives
            rows = catalogue.order(request.sort, browsing=browsing)[start:stop]
            members = catalogue.unfiltered(browsing=browsing)
        else:
            selection = select(catalogue, request)
            rows = page(catalogue, selection, request.sort, start, stop)
            members = list_members(catalogue, selection)
        return list_json(catalogue, self._code_version, rows.tolist(), members)

    def story(self, request: StoryRequest) -> StoryDetail:
        """A whole story.

        Raises
        ------
        NotFound
            No story has this id.
        """
        catalogue = self._store.catalogue()
        story = self._body(catalogue, request.id)
        if story is None:  # retired since this listing was loaded
            catalogue = self._store.refreshed()
            story = self._body(catalogue, request.id)
        if story is None:
            raise DependencyDown
        return StoryDetail(
            corpus_version=catalogue.corpus_version,
            code_version=self._code_version,
            story=story,
            summary=summary(story, headline(story)),
            metrics=story_metrics(story),
            integrity=integrity_of(story),
        )

    def related(self, request: RelatedRequest) -> str:
        """`RelatedStories` as JSON.

        Raises
        ------
        NotFound
            No story has this id.
        """
        catalogue = self._store.catalogue()
        related = related_rows(catalogue, _row(catalogue, request.id), request.limit)
        return related_json(catalogue, self._code_version, related)

    def _body(self, catalogue: Catalogue, story_id: str) -> Story | None:
        return self._store.story(catalogue.content_hash(_row(catalogue, story_id)))


@cache
def story_service() -> StoryService:
    """The service of this process."""
    return StoryService(story_store(), stories_settings().code_version)


def _row(catalogue: Catalogue, story_id: str) -> int:
    row = catalogue.ids.find(story_id)
    if row is None:
        raise NotFound("No story has this id.")
    return row

"""Small corpora for the rules of the stories functions: drawn by hypothesis, and held in memory."""

import string
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from contracts.story import NARRATIVE_THEME, Story, content_hash
from lambdas.common.index.snapshot import unpack_snapshot
from lambdas.stories.catalog import Catalog
from lambdas.stories.ingest.preparation import prepare
from lambdas.stories.service import StoryService

VALUES = ("", "Acme", "acme", "ac\u00adme\u2003", "\u200d", "Zürich & Söhne", 'a "quoted" name')
THEMES = ("", "Delivery", NARRATIVE_THEME)
TAGS = ("Cloud", "cloud", "CLOUD", "Straße", "STRASSE", "C++", "ai")
WORDS = ("payments", "Cloud-native", "c++", "AI", "été", "v2.0", "the")
LINES = ("", "cut 40% of cost", "- saved $1.2B", "grew 4x", "served 150+ clients", "no figure here")
MONTHS = ("", "1999-12", "2020-01", "2020-02", "2021-11")

ids = st.text(alphabet=string.ascii_letters + "| /%é😀#", min_size=1, max_size=6)
values = st.sampled_from(VALUES)


def _phrases(words: Sequence[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(words), max_size=3).map(" ".join)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    fields: dict[str, Any] = {
        name: draw(values)
        for name in ("client", "employer", "role", "industry", "era", "capability", "category", "sub_category")
    }
    return Story(
        id=draw(ids),
        title=draw(_phrases(WORDS)),
        theme=draw(st.sampled_from(THEMES)),
        start_date=draw(st.sampled_from(MONTHS)),
        end_date=draw(st.sampled_from(MONTHS)),
        tags=tuple({tag.casefold(): tag for tag in draw(st.lists(st.sampled_from(TAGS), max_size=3))}.values()),
        performance=tuple(filter(None, draw(st.lists(st.sampled_from(LINES), max_size=2)))),
        **fields,
    )


corpora = st.lists(stories(), min_size=1, max_size=8, unique_by=lambda story: story.id)


def catalog_of(corpus: Sequence[Story]) -> Catalog:
    """The catalog a function would load for a corpus."""
    return Catalog(unpack_snapshot(prepare(corpus, "test-embedder", lambda _: None).listing))


class StoreInMemory:
    """A story store that is always up to date."""

    def __init__(self, corpus: Sequence[Story]) -> None:
        self._catalogue = catalog_of(corpus)
        self._stories = {content_hash(story): story for story in corpus}

    def catalog(self) -> Catalog:
        return self._catalogue

    def refreshed(self) -> Catalog:
        return self._catalogue

    def story(self, key: str) -> Story | None:
        return self._stories.get(key)


def service_of(corpus: Sequence[Story]) -> StoryService:
    return StoryService(StoreInMemory(corpus), "test")  # type: ignore[arg-type]

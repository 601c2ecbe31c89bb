"""Measures stories on both sides by the size of the corpus."""

from typing import Final, cast

from backend_clients.stories.legacy import LegacyStories
from bench.corpora import corpus_of
from bench.timing import Finding, budgeted, median_seconds, shown
from contracts.stories import RelatedRequest, StoryListRequest, StoryRequest
from contracts.story import Story
from lambdas.common.index.snapshot import unpack_snapshot
from lambdas.stories.catalog import Catalog
from lambdas.stories.ingest.preparation import prepare
from lambdas.stories.service import StoryService
from lambdas.stories.store import StoryStore
from lambdas.stories.story_items import decode_body

SIZES: Final = (100, 10_000, 100_000)
PLAIN: Final = StoryListRequest(offset=40)
FILTERED: Final = StoryListRequest(
    industries=("Cross Industry", "Telecommunications"), tags=("cloud", "AWS", "payments"), q="team", has_metric=True
)
FILTERED_BUDGET: Final = 0.005


class _InMemory:
    """An in-memory store of catalog and bodies, so that only the service is measured."""

    def __init__(self, stories: tuple[Story, ...]) -> None:
        prepared = prepare(stories, "bench", lambda _done: None)
        self._bodies = prepared.bodies
        self._catalog = Catalog(unpack_snapshot(prepared.listing))
        self.listing_bytes = len(prepared.listing)

    def catalog(self) -> Catalog:
        return self._catalog

    def story(self, content_hash: str) -> Story:
        return decode_body(self._bodies[content_hash])


def measure() -> list[Finding]:
    return [finding for size in SIZES for finding in _at(size)]


def _at(size: int) -> list[Finding]:
    """Measure each call on both sides; Lambda's in this process, up to its JSON."""
    corpus = corpus_of(size)
    store = _InMemory(corpus.stories)
    legacy, service = LegacyStories(corpus, "bench"), StoryService(cast(StoryStore, store), "bench")
    one = corpus.stories[size // 2].id
    rounds = 5 if size >= 10_000 else 30
    if size > 10_000:
        rounds = 2
    calls = {
        "list": (lambda: legacy.list_stories(PLAIN), lambda: service.list_stories(PLAIN)),
        "list, filtered": (lambda: legacy.list_stories(FILTERED), lambda: service.list_stories(FILTERED)),
        "get": (lambda: legacy.get_story(StoryRequest(id=one)), lambda: service.story(StoryRequest(id=one))),
        "related": (
            lambda: legacy.related_stories(RelatedRequest(id=one)),
            lambda: service.related(RelatedRequest(id=one)),
        ),
    }
    findings = [Finding(f"listing of {size:,} stories", f"{store.listing_bytes / 1e6:.1f} MB")]
    for name, (on_legacy, on_lambda) in calls.items():
        ours = median_seconds(on_legacy, rounds, warm_up=1)
        theirs = median_seconds(on_lambda, 50)
        label = f"{name}, {size:,} stories: legacy {shown(ours)}, lambda {shown(theirs)}"
        findings.append(Finding(label, f"{ours / theirs:,.1f}x faster"))
        if name == "list, filtered":
            findings.append(budgeted(f"{name}, {size:,} stories, lambda", theirs, FILTERED_BUDGET))
    return findings

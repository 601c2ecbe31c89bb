"""Derives requests from the loaded corpus, reproducibly by seed."""

import random
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import Any, Final

from backend_clients.corpus.corpus import Corpus
from backend_clients.routing.read_router import Operation
from contracts.industries import IndustriesRequest, IndustryRequest, industry_slug
from contracts.rules.tokens import tokens
from contracts.stories import (
    FACET_FIELDS,
    MAX_VALUE_LENGTH,
    FacetCount,
    RelatedRequest,
    Sort,
    StoryBatchRequest,
    StoryList,
    StoryListRequest,
    StoryRequest,
)
from operations.parity.runner import GeneratedRequest
from operations.parity.spellings import respelled

SEED: Final = 20_260
_UNKNOWN_IDS: Final = ("no such story|nowhere", "ключ/ключ", "100% sure|a b", "a?b#c&d=e")

_UNKNOWN_SLUGS: Final = ("no-such-industry", "Banking & more", "ünïcode/slug")


def stories_requests(operations: Sequence[Operation[Any, Any]], corpus: Corpus, count: int) -> list[GeneratedRequest]:
    """Derive requests for every id, alone and in batches, facet values, unknown ids, then random filters to `count`."""
    by_name = {operation.name: operation for operation in operations}
    everything = by_name["list"].legacy
    if everything is None:
        raise ValueError("stories has no legacy side to derive requests from")
    facets = _askable(everything(StoryListRequest(limit=1, include_narratives=True)).facets)
    rng = random.Random(SEED)
    items = list(_exhaustive(by_name, corpus, facets, rng))
    mixed = _random_lists(by_name["list"], corpus, facets, rng)
    return items + list(islice(mixed, max(0, count - len(items))))


def _askable(facets: dict[str, tuple[FacetCount, ...]]) -> dict[str, tuple[FacetCount, ...]]:
    """Drop facet values that are too long for a request."""
    return {
        field: tuple(facet for facet in found if len(facet.value) <= MAX_VALUE_LENGTH)
        for field, found in facets.items()
    }


def industries_requests(
    operations: Sequence[Operation[Any, Any]], corpus: Corpus, count: int
) -> list[GeneratedRequest]:
    """Derive requests for the list, every industry by slug and by name, and unknown slugs, repeated to `count`."""
    by_name = {operation.name: operation for operation in operations}
    all_slugs = {industry_slug(story.industry) for story in corpus.stories if story.industry}
    slugs = sorted(slug for slug in all_slugs if len(slug) <= MAX_VALUE_LENGTH)
    requests = [GeneratedRequest(by_name["list"], IndustriesRequest())]
    names = sorted({story.industry for story in corpus.stories if 0 < len(story.industry) <= MAX_VALUE_LENGTH})
    rng = random.Random(SEED)
    for slug in (*slugs, *(respelled(name, rng) for name in names), *_UNKNOWN_SLUGS):
        requests += [GeneratedRequest(by_name[name], IndustryRequest(industry=slug)) for name in ("get", "categories")]
    return list(islice(cycle(requests), max(count, len(requests))))


def _exhaustive(
    operations: dict[str, Operation[Any, Any]],
    corpus: Corpus,
    facets: dict[str, tuple[FacetCount, ...]],
    rng: random.Random,
) -> Iterator[GeneratedRequest]:
    for story_id in (*corpus.by_id, *_UNKNOWN_IDS):
        yield GeneratedRequest(operations["get"], StoryRequest(id=story_id))
        yield GeneratedRequest(operations["related"], RelatedRequest(id=story_id, limit=rng.randint(1, 12)))
    for batch in StoryBatchRequest.covering(rng.sample([*corpus.by_id, *_UNKNOWN_IDS], len(corpus.by_id) + 4)):
        yield GeneratedRequest(operations["batch"], batch)
    for sort in Sort:
        yield GeneratedRequest(operations["list"], StoryListRequest(sort=sort, limit=100))
    for field in FACET_FIELDS:
        for facet in facets[field]:
            yield GeneratedRequest(operations["list"], StoryListRequest.model_validate({field: (facet.value,)}))


def _random_lists(
    operation: Operation[Any, StoryList],
    corpus: Corpus,
    facets: dict[str, tuple[FacetCount, ...]],
    rng: random.Random,
) -> Iterator[GeneratedRequest]:
    """Yield random filters without end; some values change their spelling, and some words of `q` come from a story."""
    while True:
        fields: dict[str, Any] = {
            field: tuple(
                respelled(facet.value, rng)
                for facet in rng.sample(facets[field], rng.randint(1, min(3, len(facets[field]))))
            )
            for field in FACET_FIELDS
            if facets[field] and rng.random() < 0.25
        }
        if rng.random() < 0.3:
            fields["q"] = _words(corpus, rng)
        if rng.random() < 0.2:
            fields["mentions"] = tuple(filter(None, (_words(corpus, rng) for _ in range(rng.randint(1, 2)))))
        fields["has_metric"] = rng.choice((None, None, True, False))
        fields["include_narratives"] = rng.random() < 0.4
        fields["sort"] = rng.choice(list(Sort))
        fields["limit"] = rng.choice((1, 9, 20, 100))
        fields["offset"] = rng.choice((0, 0, 0, 1, 9, 50, 1_000))
        yield GeneratedRequest(operation, StoryListRequest.model_validate(fields))


def _words(corpus: Corpus, rng: random.Random) -> str:
    story = rng.choice(corpus.stories)
    words = tokens(" ".join(story.texts()))
    return " ".join(rng.sample(words, min(len(words), rng.randint(1, 3))))[:200] if words else ""

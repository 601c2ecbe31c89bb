"""The worker of `bench.search`, run in separate processes so that memory is measured separately."""

import hashlib
import json
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import psutil

from backend_clients.corpus.embeddings import WordLlamaEmbedder as LegacyEmbedder
from backend_clients.corpus.question_guard import QuestionGuard, load_rules
from backend_clients.search.legacy import LegacySearch
from backend_clients.search.vector_index import ExactIndex as LegacyIndex
from backend_clients.settings import Settings
from bench.corpora import corpus_of
from contracts.rules.questions.interview_questions import interview_questions
from contracts.rules.tokens import tokens
from contracts.search import CANDIDATES, SearchFilters, SearchKind, SearchRequest
from contracts.story_file import read_stories
from lambdas.common.index.exact_vectors import ExactIndex
from lambdas.common.index.snapshot import Snapshot, load_snapshot, pack_snapshot
from lambdas.common.models.embeddings import WordLlamaEmbedder
from lambdas.search.index import SearchIndex
from lambdas.search.ingest.index_builder import IndexBuilder
from lambdas.search.nonsense_rules import NonsenseRule
from lambdas.search.ranking.bm25 import FullText
from lambdas.search.ranking.fusion import Ranking
from lambdas.search.service import SearchService
from lambdas.search.store import Corpus, SearchStore

SEED: Final = 20_262
QUERIES: Final = 200
LEGACY_UP_TO: Final = 10_000
_LEGACY_QUERIES: Final = 12
_WARM_UP: Final = 20

Call = Callable[[str], object]


def sample_queries() -> list[str]:
    """Interview questions, titles and pairs of tags of the sample, shuffled with a fixed seed."""
    stories = read_stories(Settings().stories_file).stories
    found = [question for story in stories for question in interview_questions(story)]
    found += [story.title for story in stories] + [" ".join(story.tags[:2]) for story in stories if story.tags]
    random.Random(SEED).shuffle(found)
    return found[:QUERIES]


def in_turns(calls: dict[str, Call], queries: list[str]) -> dict[str, float]:
    """Median seconds of each call over the queries; each query runs through all calls in turn."""
    for query in queries[:_WARM_UP]:
        for call in calls.values():
            call(query)
    durations: dict[str, list[float]] = {name: [] for name in calls}
    for query in queries:
        for name, call in calls.items():
            started = time.perf_counter()
            call(query)
            durations[name].append(time.perf_counter() - started)
    return {name: statistics.median(found) for name, found in durations.items()}


def build(size: int, file: Path) -> dict[str, float]:
    """Build an index, write it to a file, and report time and size."""
    stories = corpus_of(size).stories
    embedder = WordLlamaEmbedder()
    embedder.load()
    before = psutil.Process().memory_info().rss
    started, worked = time.perf_counter(), time.process_time()
    packed = pack_snapshot(IndexBuilder(stories, embedder, _rules()).build(lambda _done, _total, _phase: None))
    seconds, worked = time.perf_counter() - started, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    file.write_bytes(packed)
    return {"seconds": seconds, "worked": worked, "peak": peak - before, "bytes": len(packed)}


def ask(size: int, file: Path) -> dict[str, Any]:
    """Time the Lambda side, its components and, up to a size, legacy; and measure the index's memory."""
    packed = hashlib.sha256(file.read_bytes()).hexdigest()
    embedder = WordLlamaEmbedder()
    embedder.load()
    before = psutil.Process().memory_info().rss
    started = time.perf_counter()
    snapshot = load_snapshot(file, packed)
    loading = time.perf_counter() - started
    queries = sample_queries()
    ours = lambda_calls(service_over(snapshot, embedder)) | part_calls(snapshot, embedder)
    seconds = in_turns(ours, queries)
    loaded = psutil.Process().memory_info().rss - before
    if size <= LEGACY_UP_TO:
        seconds |= in_turns(_legacy_calls(size, snapshot, file.parent), queries[:_LEGACY_QUERIES])
    return {"seconds": seconds, "loading": loading, "loaded": loaded}


def vectors(file: Path, folder: Path) -> dict[str, float]:
    """Write the index's and the queries' vectors to `vectors.npy` and `queries.npy`, for the vector databases."""
    snapshot = load_snapshot(file, hashlib.sha256(file.read_bytes()).hexdigest())
    np.save(folder / "vectors.npy", snapshot.array("vectors"))
    np.save(folder / "queries.npy", WordLlamaEmbedder().embed(sample_queries()))
    return {}


def service_over(snapshot: Snapshot, embedder: WordLlamaEmbedder) -> SearchService:
    """The Lambda side's service without process or network; its answers are not cached."""
    index, exact = SearchIndex(snapshot), ExactIndex(snapshot)
    store = _InMemory(Corpus(index, exact, Ranking(index, exact)))
    return SearchService(cast(SearchStore, store), embedder, "bench")


def lambda_calls(service: SearchService) -> dict[str, Call]:
    filters = cycle(_filters())

    def call(kind: SearchKind, **fields: Any) -> Call:
        return lambda query: service.search(kind, SearchRequest(query=query, **fields))

    def filtered(query: str) -> str:
        return service.search(SearchKind.HYBRID, SearchRequest(query=query, filters=next(filters)))

    return {
        "semantic": call(SearchKind.SEMANTIC),
        "keyword": call(SearchKind.KEYWORD),
        "hybrid": call(SearchKind.HYBRID),
        "hybrid, filtered": filtered,
    }


def part_calls(snapshot: Snapshot, embedder: WordLlamaEmbedder) -> dict[str, Call]:
    """The necessary steps of any hybrid search, and bm25s alone."""
    index, full_text = SearchIndex(snapshot), FullText(snapshot)
    rows: Any = np.array(snapshot.array("vectors"))

    def parts(query: str) -> None:
        _ = rows @ embedder.embed([query])[0]
        codes = index.words.codes(set(tokens(query)))
        carriers = [np.empty(0, np.int32), *index.keyword_postings.many(codes), *index.heading_postings.many(codes)]
        np.bincount(np.concatenate(carriers), minlength=index.size)

    def bm25(query: str) -> None:
        scores = full_text.scores(full_text.asked(query))
        np.argpartition(-scores, min(CANDIDATES, len(scores) - 1))[:CANDIDATES]

    return {"parts": parts, "bm25s": bm25}


def _legacy_calls(size: int, snapshot: Snapshot, folder: Path) -> dict[str, Call]:
    """Legacy with the vectors and passages of the index."""
    corpus, embedder = corpus_of(size), LegacyEmbedder()
    np.save(folder / f"embeddings-{corpus.version}.npy", snapshot.array("vectors"))
    np.save(folder / f"passages-{corpus.version}.npy", snapshot.array("passages.codes"))
    gate = QuestionGuard(corpus, load_rules(Settings().nonsense_file))
    legacy = LegacySearch(corpus, embedder, LegacyIndex(corpus, embedder, folder), gate, "bench")

    def call(kind: SearchKind) -> Call:
        return lambda query: getattr(legacy, kind.value)(SearchRequest(query=query))

    return {f"legacy {kind.value}": call(kind) for kind in SearchKind}


class _InMemory:
    """An in-memory store of one corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus

    def corpus(self) -> Corpus:
        return self._corpus


def _filters() -> list[SearchFilters]:
    stories = read_stories(Settings().stories_file).stories
    return [
        SearchFilters(industries=(story.industry,), themes=(story.theme,), has_metric=True)
        for story in stories
        if story.industry and story.theme and not story.is_narrative
    ]


def _rules() -> list[NonsenseRule]:
    return [NonsenseRule(rule.category, rule.pattern.pattern) for rule in load_rules(Settings().nonsense_file)]


if __name__ == "__main__":
    name, *given = sys.argv[1:]
    runs: dict[str, Callable[[], dict[str, Any]]] = {
        "build": lambda: build(int(given[0]), Path(given[1])),
        "ask": lambda: ask(int(given[0]), Path(given[1])),
        "vectors": lambda: vectors(Path(given[0]), Path(given[1])),
    }
    print(json.dumps(runs[name]()))

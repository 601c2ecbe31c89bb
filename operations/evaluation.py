"""`mattgpt eval`: how well each ranker and kind of search finds what judges found relevant."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, cast

import typer
from rich.table import Table

from backend_clients.corpus.gate import NonsenseRuleError, load_rules
from backend_clients.settings import REPOSITORY
from contracts.search import MAX_QUERY, Ranker, SearchKind, SearchRequest, SearchResult
from contracts.story import Story
from contracts.story_file import StoryFileError, read_stories
from lambdas.common.embeddings import WordLlamaEmbedder
from lambdas.common.snapshot import pack_snapshot, unpack_snapshot
from lambdas.common.vector_index import ExactIndex
from lambdas.search.fused import FusedRanking
from lambdas.search.index import SearchIndex
from lambdas.search.preparation import Blueprint
from lambdas.search.rules import NonsenseRule
from lambdas.search.service import SearchService
from lambdas.search.store import Corpus, SearchStore
from operations.console import err, fail, out
from operations.options import JsonOption, StoriesOption, settings_for
from operations.relevance import JudgedQuery, QueryFileError, measures, queries_from_interviews, read_queries

SAMPLE_QUERIES: Final = REPOSITORY / "tests" / "relevance" / "queries.yaml"
MEASURED: Final = (
    (Ranker.CLASSIC, SearchKind.SEMANTIC),
    (Ranker.CLASSIC, SearchKind.KEYWORD),
    (Ranker.CLASSIC, SearchKind.HYBRID),
    (Ranker.FUSED, SearchKind.HYBRID),
)


def eval_command(
    queries: Annotated[Path | None, typer.Option("--queries", help="Judged queries (YAML), not the sample's.")] = None,
    from_interview_questions: Annotated[
        bool,
        typer.Option(
            "--from-interview-questions", help="Each interview question for its own story; that field is not indexed."
        ),
    ] = False,
    as_json: JsonOption = False,
    stories: StoriesOption = None,
) -> None:
    """Measure MRR@10, recall@5, recall@10 and nDCG@10 of each ranker and kind of search, in-process."""
    settings = settings_for(stories)
    try:
        corpus = read_stories(settings.stories_file).stories
        if from_interview_questions:
            judged = queries_from_interviews(corpus)
            corpus = tuple(story.model_copy(update={"interview_questions": ()}) for story in corpus)
        else:
            judged = read_queries(queries or SAMPLE_QUERIES, frozenset(story.id for story in corpus))
        rules = [NonsenseRule(rule.category, rule.pattern.pattern) for rule in load_rules(settings.nonsense_file)]
    except (StoryFileError, QueryFileError, NonsenseRuleError) as error:
        fail(str(error))
    if not judged:
        fail("there are no queries to measure with")
    results = evaluate(corpus, judged, rules)
    _show(results, len(judged))
    if as_json:
        print(json.dumps({"queries": len(judged), "results": results}))


def evaluate(
    stories: Sequence[Story], judged: Sequence[JudgedQuery], rules: Sequence[NonsenseRule]
) -> dict[str, dict[str, dict[str, float]]]:
    """Measures by ranker and kind, over the Lambda side's search without network or tables."""
    err.print(f"indexing {len(stories)} stories, running {len(judged)} queries", markup=False)
    service = _service(stories, rules)
    results: dict[str, dict[str, dict[str, float]]] = {}
    for ranker, kind in MEASURED:
        rankings = [(query.grades, _ranked(service, kind, ranker, query.text)) for query in judged]
        results.setdefault(ranker.value, {})[kind.value] = measures(rankings)
    return results


class _InMemory:
    """A store that holds one corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus

    def corpus(self) -> Corpus:
        return self._corpus


def _service(stories: Sequence[Story], rules: Sequence[NonsenseRule]) -> SearchService:
    embedder = WordLlamaEmbedder()
    built = Blueprint(stories, embedder, rules).build(lambda _done, _total, _phase: None)
    snapshot = unpack_snapshot(pack_snapshot(built))
    index, exact = SearchIndex(snapshot), ExactIndex(snapshot)
    store = _InMemory(Corpus(index, exact, FusedRanking(index, exact)))
    return SearchService(cast(SearchStore, store), embedder, "eval")


def _ranked(service: SearchService, kind: SearchKind, ranker: Ranker, query: str) -> list[str]:
    request = SearchRequest(query=query[:MAX_QUERY], ranker=ranker, limit=10)
    result = SearchResult.model_validate_json(service.search(kind, request))
    return [hit.card.id for hit in result.hits]


def _show(results: dict[str, dict[str, dict[str, float]]], queries: int) -> None:
    columns = ("mrr@10", "recall@5", "recall@10", "ndcg@10")
    table = Table("ranker", "search", *columns, title=f"{queries} queries", title_justify="left")
    rows: list[tuple[Any, ...]] = [
        (ranker, kind, *(f"{found[column]:.3f}" for column in columns))
        for ranker, kinds in results.items()
        for kind, found in kinds.items()
    ]
    for row in rows:
        table.add_row(*row)
    out.print(table)

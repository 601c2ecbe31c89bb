"""`mattgpt eval`: measures search rankings against judged queries, and checks answers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, cast

import typer
from rich.table import Table

from backend_clients.corpus.question_guard import NonsenseRuleError, load_rules
from backend_clients.profile_file import ProfileError, facts_of, read_profile
from backend_clients.settings import REPOSITORY, Settings
from contracts.profile import NO_FACTS, ProfileFacts
from contracts.search import SearchKind, SearchRequest, SearchResult
from contracts.story import Story
from contracts.story_file import StoryFileError, read_stories
from lambdas.common.index.exact_vectors import ExactIndex
from lambdas.common.index.snapshot import pack_snapshot, unpack_snapshot
from lambdas.common.models.embeddings import WordLlamaEmbedder
from lambdas.search.index import SearchIndex
from lambdas.search.ingest.index_builder import IndexBuilder
from lambdas.search.nonsense_rules import NonsenseRule
from lambdas.search.ranking.fusion import Ranking
from lambdas.search.service import SearchService
from lambdas.search.store import Corpus, SearchStore
from operations.commands.evaluate_answers import evaluate_answers
from operations.evaluation.answer_questions import QuestionFileError
from operations.evaluation.ir_metrics import (
    JudgedQuery,
    QueryFileError,
    Rankings,
    measures,
    queries_from_interviews,
    read_queries,
    without_interview_questions,
)
from operations.shared.console import err, fail, out
from operations.shared.options import JsonOption, ProfileOption, StoriesOption, settings_for
from operations.shared.story_messages import story_messages

SAMPLE_QUERIES: Final = REPOSITORY / "tests" / "relevance" / "queries.yaml"

Measured = dict[str, Rankings]


def eval_command(
    queries: Annotated[Path | None, typer.Option("--queries", help="Judged queries (YAML), not the sample's.")] = None,
    from_interview_questions: Annotated[
        bool,
        typer.Option(
            "--from-interview-questions",
            help="Search with every story's interview questions, which are left out of the index.",
        ),
    ] = False,
    answers: Annotated[
        Path | None,
        typer.Option("--answers", help="Check answers only: questions and what their answers must hold (YAML)."),
    ] = None,
    as_json: JsonOption = False,
    stories: StoriesOption = None,
    profile: ProfileOption = None,
) -> None:
    """Measure MRR@10, recall@5, recall@10 and nDCG@10 of search, and check answers by kind of question, in-process.

    Without options both are measured with the sample's queries and questions.
    """
    if sum((queries is not None, from_interview_questions, answers is not None)) > 1:
        fail("--queries, --from-interview-questions and --answers each say what to ask; give one of them")
    settings = settings_for(stories, profile=profile)
    found: dict[str, Any] = {}
    if answers is None:
        found |= _ranking(settings, queries, from_interview_questions=from_interview_questions)
    if answers is not None or (queries is None and not from_interview_questions):
        found |= {"answers": _answers(settings, answers)}
    if as_json:
        print(json.dumps(found))


def _answers(settings: Settings, path: Path | None) -> dict[str, Any]:
    try:
        return evaluate_answers(settings, path).as_json()
    except (StoryFileError, QuestionFileError, ProfileError, NonsenseRuleError) as error:
        fail(str(error))


def _ranking(settings: Settings, queries: Path | None, *, from_interview_questions: bool) -> dict[str, Any]:
    try:
        corpus = _read(settings.stories_file)
        if from_interview_questions:
            judged = queries_from_interviews(corpus)
            corpus = tuple(map(without_interview_questions, corpus))
        else:
            judged = _judged(queries, corpus)
        facts = facts_of(read_profile(settings.profile_file), settings.stories_file)
        rules = [NonsenseRule(rule.category, rule.pattern.pattern) for rule in load_rules(settings.nonsense_file)]
    except (StoryFileError, QueryFileError, NonsenseRuleError, ProfileError) as error:
        fail(str(error))
    if not any(query.grades for query in judged):
        fail("there are no queries with a relevant story to measure with")
    rankings = evaluate(corpus, judged, rules, facts)
    _show(rankings, len(judged))
    return {"queries": len(judged), "results": {kind: measures(found) for kind, found in rankings.items()}}


def _read(path: Path) -> tuple[Story, ...]:
    loaded = read_stories(path)
    for message in story_messages(path, loaded):
        err.print(message, style="yellow", markup=False, soft_wrap=True)
    return loaded.stories


def _judged(path: Path | None, corpus: Sequence[Story]) -> list[JudgedQuery]:
    try:
        return read_queries(path or SAMPLE_QUERIES, frozenset(story.id for story in corpus))
    except QueryFileError as error:
        hint = "" if path else "\nThese queries are for the sample. Give --queries FILE or --from-interview-questions"
        raise QueryFileError(f"{error}{hint}") from error


def evaluate(
    stories: Sequence[Story],
    judged: Sequence[JudgedQuery],
    rules: Sequence[NonsenseRule],
    facts: ProfileFacts = NO_FACTS,
) -> Measured:
    """Rank each query with the Lambda side's search, without network or tables, by kind of search."""
    err.print(f"indexing {len(stories)} stories, running {len(judged)} queries", markup=False)
    service = _service(stories, rules, facts)
    return {kind.value: [(query.grades, _ranked(service, kind, query.text)) for query in judged] for kind in SearchKind}


class _InMemory:
    """A store that holds one corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus

    def corpus(self) -> Corpus:
        return self._corpus


def _service(stories: Sequence[Story], rules: Sequence[NonsenseRule], facts: ProfileFacts) -> SearchService:
    embedder = WordLlamaEmbedder()
    built = IndexBuilder(stories, embedder, rules, facts).build(lambda _done, _total, _phase: None)
    snapshot = unpack_snapshot(pack_snapshot(built))
    index, exact = SearchIndex(snapshot), ExactIndex(snapshot)
    store = _InMemory(Corpus(index, exact, Ranking(index, exact)))
    return SearchService(cast(SearchStore, store), embedder, "eval")


def _ranked(service: SearchService, kind: SearchKind, query: str) -> list[str]:
    request = SearchRequest(query=query, limit=10)
    result = SearchResult.model_validate_json(service.search(kind, request))
    return [hit.card.id for hit in result.hits]


def _show(rankings: Measured, queries: int) -> None:
    """Print the measures; off-topic queries, excluded from the means, are counted if they return stories."""
    off_topic = sum(not grades for grades, _ in next(iter(rankings.values())))
    title = f"{queries} queries" + (
        f", {off_topic} of them off topic, the fewer answered the better" if off_topic else ""
    )
    table = Table("search", *measures([]), *(["answered"] if off_topic else []), title=title, title_justify="left")
    for kind, found in rankings.items():
        figures = [f"{value:.3f}" for value in measures(found).values()]
        answered = sum(bool(ranked) for grades, ranked in found if not grades)
        table.add_row(kind, *figures, *([str(answered)] if off_topic else []))
    out.print(table)

"""The question guard of both sides over two portfolios: unanswerable questions get no source, answerable ones pass."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend_clients.corpus.corpus import load_corpus
from backend_clients.corpus.question_guard import QuestionGuard, load_rules
from backend_clients.profile_file import facts_of, read_profile
from backend_clients.search.legacy import LegacySearch
from backend_clients.search.vector_index import ExactIndex
from backend_clients.settings import Settings
from contracts.search import SearchKind, SearchRequest, SearchResult
from lambdas.common.index import exact_vectors
from lambdas.common.index.snapshot import pack_snapshot, unpack_snapshot
from lambdas.common.models.embeddings import WordLlamaEmbedder
from lambdas.search.index import SearchIndex
from lambdas.search.ingest.index_builder import IndexBuilder
from lambdas.search.nonsense_rules import NonsenseRule
from lambdas.search.ranking.fusion import Ranking
from lambdas.search.service import SearchService
from lambdas.search.store import Corpus
from operations.parity.question_requests import interview_questions
from tests.support.builders.search_corpora import StoreInMemory

RELEVANCE = Path(__file__).resolve().parents[2] / "relevance"
QUESTIONS = yaml.safe_load((RELEVANCE / "gate.yaml").read_text("utf-8"))
SAMPLE, OTHER = "sample", "other"
LISTS = {SAMPLE: QUESTIONS, OTHER: QUESTIONS["other"]}
FILES = {
    SAMPLE: (Settings().stories_file, Settings().profile_file),
    OTHER: (RELEVANCE / "other_portfolio.jsonl", RELEVANCE / "other_profile.yaml"),
}
DECLINED = [
    (portfolio, reason, question)
    for portfolio, lists in LISTS.items()
    for reason, questions in lists["declined"].items()
    for question in questions
]
PASSED = [(portfolio, question) for portfolio, lists in LISTS.items() for question in lists["passed"]]


@cache
def sides(folder: Path, portfolio: str) -> tuple[LegacySearch, SearchService]:
    settings = Settings()
    stories, profile = FILES[portfolio]
    facts = facts_of(read_profile(profile), stories)
    embedder = WordLlamaEmbedder()
    corpus = load_corpus(stories, embedder.name, facts)
    rules = load_rules(settings.nonsense_file)
    legacy: Any = embedder
    index = ExactIndex(corpus, legacy, folder)
    indexed = [NonsenseRule(rule.category, rule.pattern.pattern) for rule in rules]
    built = IndexBuilder(corpus.stories, embedder, indexed, facts).build(lambda *_: None)
    snapshot = unpack_snapshot(pack_snapshot(built))
    lambda_index, exact = SearchIndex(snapshot), exact_vectors.ExactIndex(snapshot)
    store: Any = StoreInMemory(Corpus(lambda_index, exact, Ranking(lambda_index, exact)))
    return LegacySearch(corpus, legacy, index, QuestionGuard(corpus, rules), "test"), SearchService(
        store, embedder, "test"
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vectors")


def asked(folder: Path, question: str, portfolio: str = SAMPLE, *, suggested: bool = False) -> SearchResult:
    """The answer of both sides, which must be equal."""
    legacy, remote = sides(folder, portfolio)
    request = SearchRequest(query=question, from_suggestion=suggested)
    one = legacy.hybrid(request)
    other = SearchResult.model_validate_json(remote.search(SearchKind.HYBRID, request))
    assert one.gate == other.gate, question
    assert one.corpus_version == other.corpus_version
    return one


@pytest.mark.parametrize(("portfolio", "reason", "question"), DECLINED)
def test_what_no_story_answers_gets_no_source_and_a_reason(
    folder: Path, portfolio: str, reason: str, question: str
) -> None:
    found = asked(folder, question, portfolio)

    assert found.gate.reason.startswith(reason)
    assert not found.hits
    assert found.gate.answer or reason == "rule:"
    assert len(found.gate.suggestions) >= 3


@pytest.mark.parametrize(("portfolio", "question"), PASSED)
def test_an_honest_question_passes(folder: Path, portfolio: str, question: str) -> None:
    assert asked(folder, question, portfolio).gate.passed


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ("Java and Rust?", "Rust"),
        ("Does he know Rust or Java?", "Rust"),
        ("Has he worked at Halvern or Google?", "Google"),
        ("Has he worked at Google or Halvern?", "Google"),
        ("Fenwright and Walmart", "Walmart"),
        ("Tell me about Kafka and RabbitMQ", "RabbitMQ"),
    ],
)
def test_of_two_things_the_unknown_one_is_named(folder: Path, question: str, unknown: str) -> None:
    assert asked(folder, question).gate.unknown == (unknown,)


@pytest.mark.parametrize("question", ["What is his salary?", "Has he got children?", "Where is he based?"])
def test_a_suggestion_is_no_way_to_personal_matters(folder: Path, question: str) -> None:
    assert asked(folder, question, suggested=True).gate == asked(folder, question).gate


def test_every_interview_question_passes_and_so_does_every_suggestion(folder: Path) -> None:
    for portfolio in LISTS:
        legacy, _ = sides(folder, portfolio)
        questions = [question for story in legacy._corpus.stories for question in interview_questions(story)]
        suggestions = asked(folder, "salary", portfolio).gate.suggestions
        refused = [question for question in questions if not asked(folder, question[:500], portfolio).gate.passed]
        refused += [
            question for question in suggestions if not asked(folder, question, portfolio, suggested=True).gate.passed
        ]

        assert len(questions) >= len(legacy._corpus.stories)
        assert len(suggestions) == 4
        assert refused == []


def test_the_lists_are_long_enough() -> None:
    assert len(DECLINED) >= 200
    assert len(PASSED) >= 170

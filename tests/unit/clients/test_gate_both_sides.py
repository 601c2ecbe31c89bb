"""The gate of both sides over the sample: what no story answers gets no source, and what stories answer passes."""

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

QUESTIONS = yaml.safe_load((Path(__file__).resolve().parents[2] / "relevance" / "gate.yaml").read_text("utf-8"))
DECLINED = [(reason, question) for reason, questions in QUESTIONS["declined"].items() for question in questions]


@cache
def sides(folder: Path) -> tuple[LegacySearch, SearchService]:
    settings = Settings()
    facts = facts_of(read_profile(settings.profile_file), settings.stories_file)
    embedder = WordLlamaEmbedder()
    corpus = load_corpus(settings.stories_file, embedder.name, facts)
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


def asked(folder: Path, question: str) -> SearchResult:
    """What both sides answer, which is one thing."""
    legacy, remote = sides(folder)
    request = SearchRequest(query=question)
    one = legacy.hybrid(request)
    other = SearchResult.model_validate_json(remote.search(SearchKind.HYBRID, request))
    assert one.gate == other.gate, question
    assert one.corpus_version == other.corpus_version
    return one


@pytest.mark.parametrize(("reason", "question"), DECLINED)
def test_what_no_story_answers_gets_no_source_and_a_reason(folder: Path, reason: str, question: str) -> None:
    found = asked(folder, question)

    assert found.gate.reason.startswith(reason)
    assert not found.hits
    assert found.gate.answer or reason == "rule:"
    assert len(found.gate.suggestions) >= 3


@pytest.mark.parametrize("question", QUESTIONS["passed"])
def test_an_honest_question_passes(folder: Path, question: str) -> None:
    assert asked(folder, question).gate.passed


def test_every_interview_question_passes(folder: Path) -> None:
    legacy, _ = sides(folder)
    questions = [question for story in legacy._corpus.stories for question in interview_questions(story)]
    refused = [question for question in questions if not asked(folder, question[:500]).gate.passed]

    assert len(questions) > 250
    assert refused == []


def test_the_lists_are_long_enough() -> None:
    assert len(DECLINED) >= 60
    assert len(QUESTIONS["passed"]) >= 60

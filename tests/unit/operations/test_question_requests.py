"""Requests derived from the corpus: always the same, of every kind, and such as the contracts take."""

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_clients.ask.client import AskClient
from backend_clients.ask.conversations import LegacyReplica
from backend_clients.ask.remote import RemoteAsk
from backend_clients.corpus.corpus import load_corpus
from backend_clients.errors import Unavailable
from backend_clients.http.session import ApiSession
from backend_clients.routed import Origin
from contracts.ask import AnswerMode, AskRequest, RerankRequest
from contracts.conversations import HistoryRequest
from contracts.rules.questions.interview_questions import interview_questions
from contracts.rules.roles.requirements import find_requirements
from contracts.search import SearchFilters, SearchRequest
from contracts.story import Story
from operations.parity import seeded_conversations as seeding
from operations.parity.question_requests import SEEDED_SESSIONS, ask_requests, search_requests
from operations.parity.seeded_conversations import seeded_conversations
from tests.support.builders.stories import SAMPLE_FILE, corpus, story
from tests.support.sides.conversations import FakeConversations
from tests.support.sides.in_process import LegacySides, turn

SAMPLE = load_corpus(SAMPLE_FILE)
NOTHING: Any = None
NO_REMOTE = RemoteAsk(ApiSession("", "", connect_timeout=1.0, read_timeout=1.0))


class Named:
    def __init__(self, name: str) -> None:
        self.name = name


SEARCHES: Any = [Named("semantic"), Named("keyword"), Named("hybrid")]
ASKS: Any = [Named("generate"), Named("rerank"), Named("match"), Named("history")]


def test_searches_go_to_every_kind_and_are_the_same_each_time() -> None:
    generated = search_requests(SEARCHES, SAMPLE, 500)
    assert Counter(item.operation.name for item in generated) == {"semantic": 500, "keyword": 500, "hybrid": 500}
    assert [item.request for item in generated] == [item.request for item in search_requests(SEARCHES, SAMPLE, 500)]
    assert len(search_requests(SEARCHES, SAMPLE, 1)) == 600


def test_searches_hold_titles_questions_tags_nonsense_filters_and_long_queries() -> None:
    requests: list[Any] = [item.request for item in search_requests(SEARCHES[:1], SAMPLE, 1000)]
    queries = [item.query for item in requests]
    assert len(set(queries) & {item.title for item in SAMPLE.stories}) > 30
    assert len(set(queries) & {q for item in SAMPLE.stories for q in interview_questions(item)}) > 20
    assert "👍 🚀" in queries
    assert max(map(len, queries)) == 500
    assert sum(item.filters != SearchFilters() for item in requests) > 200
    assert {item.offset for item in requests} == {0, 5, 90}
    assert any(item.filters.tags for item in requests)
    assert any(item.from_suggestion for item in requests)


def test_questions_are_of_every_kind_and_the_same_each_time() -> None:
    generated = ask_requests(ASKS, SAMPLE, 500)
    assert [item.request for item in generated] == [item.request for item in ask_requests(ASKS, SAMPLE, 500)]
    assert Counter(item.operation.name for item in generated) == {
        "generate": 500,
        "rerank": 50,
        "match": 25,
        "history": 13,
    }
    asks: list[Any] = [item.request for item in generated if item.operation.name == "generate"]
    assert all(isinstance(item, AskRequest) for item in asks)
    assert {item.mode for item in asks} == set(AnswerMode)
    assert sum(item.story_id is not None for item in asks) > 50
    assert {item.session_id for item in asks} > set(SEEDED_SESSIONS)
    assert sum(item.question in ("key points", "deep dive", "why?") for item in asks) > 20
    assert len({item.turn_id for item in asks}) == 500
    reranks: list[Any] = [item.request for item in generated if item.operation.name == "rerank"]
    assert all(isinstance(item, RerankRequest) for item in reranks)
    assert all(candidate.id in SAMPLE.by_id for item in reranks for candidate in item.candidates)
    matches: list[Any] = [item.request for item in generated if item.operation.name == "match"]
    assert sum(bool(find_requirements(item.description)) for item in matches) > 15
    pages = [item.request for item in generated if item.operation.name == "history"]
    assert all(isinstance(item, HistoryRequest) for item in pages)


ODD = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
ODD_STORIES = st.lists(
    st.builds(
        lambda number, title, lines, tags: story(
            f"s{number}",
            title=title.translate(dict.fromkeys([*range(32), 127], " ")).strip(),
            situation=tuple(lines),
            interview_questions=tuple(lines),
            tags=tuple(tags),
        ),
        st.integers(0, 10**9),
        ODD,
        st.lists(ODD, max_size=2),
        st.lists(st.sampled_from(["Java", "x" * 1200, "ß" * 900]), max_size=2),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda item: item.id,
)


@settings(max_examples=15)
@given(ODD_STORIES)
def test_any_corpus_gives_requests_that_the_contracts_take(stories: list[Story]) -> None:
    loaded = corpus(*stories)
    searches = [item.request for item in search_requests(SEARCHES[:1], loaded, 1)]
    assert all(isinstance(item, SearchRequest) for item in searches)
    assert len(ask_requests(ASKS, loaded, 1)) == 133


# Conversations that both sides hold for the length of a comparison


class Sides:
    """The clients as far as seeding knows them: legacy over real rules, Lambda in memory."""

    def __init__(self, folder: Path, *stories: Story) -> None:
        sides = LegacySides(stories, {item.id: 0.5 for item in stories})
        self.side = sides.ask(folder)
        self.corpus = sides.corpus
        self.ask = AskClient(NOTHING, NOTHING, self.side, NO_REMOTE)
        self.legacy = LegacyReplica(self.side)
        self.remote = FakeConversations()
        self.conversation_sides: Any = {Origin.LEGACY: self.legacy, Origin.LAMBDA: self.remote}

    def operations(self, domain: str) -> Any:
        return self.ask.operations


def seeded(clients: Any) -> Any:
    return seeded_conversations(clients)


def test_both_sides_hold_the_same_turns_until_the_end(tmp_path: Path) -> None:
    clients = Sides(
        tmp_path, *(story(f"s{n}", title=f"payments {n}", interview_questions=(f"Why {n}?",)) for n in range(4))
    )
    with seeded(clients):
        held = [clients.legacy.read(session) for session in SEEDED_SESSIONS]
        assert held == [clients.remote.read(session) for session in SEEDED_SESSIONS]
        assert [len(found.verdicts) for found in held] == [1] * 12
        assert [len(found.turns) for found in held] == [1 + number % 8 for number in range(12)]
    assert not any(
        clients.legacy.read(session).turns or clients.remote.read(session).turns for session in SEEDED_SESSIONS
    )


def test_what_an_earlier_run_left_behind_goes_first_and_turns_are_the_same_each_time(tmp_path: Path) -> None:
    stories = [story(f"s{n}", title=f"payments {n}") for n in range(4)]
    held = []
    for number in range(2):
        clients = Sides(tmp_path / str(number), *stories)
        for side in clients.conversation_sides.values():
            side.append(turn(7, session_id=SEEDED_SESSIONS[0]))
        with seeded(clients):
            held.append([clients.remote.read(session).turns for session in SEEDED_SESSIONS])
    assert held[0] == held[1]


@pytest.mark.parametrize("fields", [{}, {"interview_questions": ("x" * 3000,)}, {"title": "y" * 3000}])
def test_any_story_can_be_talked_about(tmp_path: Path, fields: dict[str, Any]) -> None:
    with seeded(Sides(tmp_path, story("a", **fields))):
        pass


def test_a_side_that_cannot_delete_is_reported_once_and_the_other_deletes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(seeding.err, "print", lambda text, **_: told.append(text))
    clients = Sides(tmp_path, story("a", title="payments"))
    with seeded(clients):
        clients.remote.error = Unavailable("down")
    assert [text for text in told if "down" in text] == told
    assert len(told) == 1
    assert not any(clients.legacy.read(session).turns for session in SEEDED_SESSIONS)


def test_without_a_legacy_side_there_is_nothing_to_seed(tmp_path: Path) -> None:
    clients = Sides(tmp_path, story("a", title="payments"))
    clients.ask = AskClient(NOTHING, NOTHING, None, NO_REMOTE)
    with pytest.raises(ValueError, match="no legacy side"), seeded(clients):
        pass


def test_turn_ids_of_seeded_sessions_are_distinct(tmp_path: Path) -> None:
    clients = Sides(tmp_path, story("a", title="payments"))
    with seeded(clients):
        ids = [item.turn_id for name in SEEDED_SESSIONS for item in clients.remote.read(name).turns]
    assert len(ids) == len(set(ids)) == sum(itertools.islice(itertools.cycle(range(1, 9)), 12))

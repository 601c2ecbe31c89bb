"""Answers without a model: the steps put together, over HTTP to the search and the stories domain."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from contracts.ask import (
    Answer,
    AnswerMode,
    AskRequest,
    DegradedReason,
    Modes,
    RerankRequest,
    ScoredId,
    Source,
    Trace,
)
from contracts.search import GuardDecision, SearchFilters
from contracts.story import Story
from lambdas.ask.answers.extractive import compose
from lambdas.ask.rerank_service import RerankService
from lambdas.ask.retrieval.reranker import Words
from lambdas.ask.retrieval.story_cache import CachedStory, StoryCache
from lambdas.common.http.problems import DependencyDown, InvalidRequest, NotFound, Throttled
from lambdas.common.http.service_client import CallContext
from tests.support.stacks.ask import SESSION, FakeAskStack, new_ask_stack, stories_of, turn
from tests.support.stacks.ask_apis import FakeApis, running_apis

CALLER = CallContext("request-1")
SHADOW = CallContext("request-2", shadow=True)
CORPUS = tuple(
    Story(id=f"{name}|ä/x #{name}", title=f"Payments {name}", client=name.title(), result=(f"{number}0% faster",))
    for number, name in enumerate(("acme", "bolt", "core", "dune", "edge"), 1)
)
IDS = tuple(story.id for story in CORPUS)
REFUSED = GuardDecision(passed=False, reason="unknown_topic", suggestions=("What of payments?",))


@pytest.fixture(scope="module")
def shared_stack() -> FakeAskStack:
    return new_ask_stack()


@pytest.fixture
def stack(shared_stack: FakeAskStack) -> Iterator[FakeAskStack]:
    yield shared_stack
    shared_stack.kept.forget(SESSION)


@pytest.fixture
def apis() -> Iterator[FakeApis]:
    with running_apis(CORPUS) as running:
        running.only_hits = tuple((story_id, 0.9 - place / 10) for place, story_id in enumerate(IDS))
        yield running


def ask(
    stack: FakeAskStack, apis: FakeApis, question: str = "payments", *, caller: CallContext = CALLER, **fields: Any
) -> Answer:
    request = AskRequest(question=question, session_id=SESSION, turn_id="turn-00000099", **fields)
    return stack.answers(apis).generate(request, caller)


def test_an_answer_with_its_sources_and_its_trace(stack: FakeAskStack, apis: FakeApis) -> None:
    answer = ask(stack, apis, " Which\npayments? ")
    assert answer.modes == compose(CORPUS[:3], answer.modes.narrative)
    assert answer.answer == answer.modes.narrative
    assert answer.sources == tuple(
        Source(number=n, id=story.id, title=story.title, client=story.client, match=100 - 10 * n)
        for n, story in enumerate(CORPUS[:3], 1)
    )
    assert (answer.turn_id, answer.mode, answer.degraded) == ("turn-00000099", AnswerMode.NARRATIVE, DegradedReason.NO)
    assert (answer.corpus_version, answer.code_version, answer.gate) == ("v1", "test", GuardDecision())
    assert answer.trace.query == "Which payments?"
    assert [item.id for item in answer.trace.retrieved] == list(IDS)
    assert [item.score for item in answer.trace.retrieved] == [0.9 - place / 10 for place in range(5)]
    assert [item.id for item in answer.trace.ranked] == list(IDS)
    assert len(answer.trace.prompt_hash) == 64
    assert answer.trace.model == "extractive"


@pytest.mark.parametrize("mode", list(AnswerMode))
def test_a_mode_can_be_asked_for(stack: FakeAskStack, apis: FakeApis, mode: AnswerMode) -> None:
    answer = ask(stack, apis, mode=mode)
    assert (answer.mode, answer.answer) == (mode, getattr(compose(CORPUS[:3], answer.modes.narrative), mode.value))


def test_the_search_gets_the_query_the_filters_and_the_suggestion(stack: FakeAskStack, apis: FakeApis) -> None:
    stack.kept.append(turn(1, question="Which payments were mended?"))
    filters = SearchFilters(clients=("Acme",), has_metric=True)
    ask(stack, apis, "and why?", filters=filters, from_suggestion=True)
    (search,) = apis.searches()
    assert search.query == "Which payments were mended? and why?"
    assert (search.filters, search.limit, search.from_suggestion) == (filters, 10, True)


def test_request_id_key_and_shadow_mark_travel_on(stack: FakeAskStack, apis: FakeApis) -> None:
    ask(stack, apis, caller=SHADOW)
    assert {call.headers["x-request-id"] for call in apis.calls} == {"request-2"}
    assert {call.headers["x-shadow"] for call in apis.calls} == {"1"}
    keys = {re.split(r"[/?]", call.path)[2]: call.headers["x-api-key"] for call in apis.calls}
    assert keys == {"search": "search-key", "stories": "stories-key"}
    apis.calls.clear()
    ask(stack, apis)
    assert not any("x-shadow" in call.headers for call in apis.calls)


@pytest.mark.parametrize(
    ("typed", "mode"), [("Key points.", AnswerMode.KEY_POINTS), ("deep_dive", AnswerMode.DEEP_DIVE)]
)
def test_a_mode_word_tells_the_last_answer_again(
    stack: FakeAskStack, apis: FakeApis, typed: str, mode: AnswerMode
) -> None:
    last = turn(2, degraded=DegradedReason.UNGROUNDED)
    for kept in (turn(1), last):
        stack.kept.append(kept)
    answer = ask(stack, apis, typed, mode=AnswerMode.NARRATIVE)
    assert (answer.mode, answer.answer) == (mode, getattr(last.modes, mode.value))
    assert (answer.modes, answer.sources, answer.degraded) == (last.modes, last.sources, DegradedReason.UNGROUNDED)
    assert (answer.trace, answer.gate, answer.corpus_version) == (Trace(), GuardDecision(), "v1")
    assert not apis.searches()


def test_a_mode_word_needs_no_other_domain(stack: FakeAskStack, apis: FakeApis) -> None:
    stack.kept.append(turn(1))
    apis.search_fault = apis.stories_fault = "500"
    answer = ask(stack, apis, "key points")
    assert (answer.answer, answer.corpus_version) == (turn(1).modes.key_points, "")


@pytest.mark.parametrize("last", [turn(1, sources=()), turn(1, refused="rule:spam"), None])
def test_a_mode_word_without_an_answer_to_tell_is_a_question(stack: FakeAskStack, apis: FakeApis, last: Any) -> None:
    if last is not None:
        stack.kept.append(last)
    assert ask(stack, apis, "key points").trace.query.endswith("key points")


def test_a_refused_question_says_why_and_nothing_else(stack: FakeAskStack, apis: FakeApis) -> None:
    apis.gate = REFUSED
    answer = ask(stack, apis, "weather?")
    assert (answer.answer, answer.modes, answer.sources, answer.gate) == ("", Modes(), (), REFUSED)
    assert answer.trace == Trace(query="weather?")
    assert not apis.story_calls()


@pytest.mark.parametrize(
    ("without", "said"),
    [
        (None, ""),
        (0, ""),
        (1, " Without them there is 1."),
        (7, " Without them there are 7."),
    ],
)
def test_filters_that_leave_nothing(stack: FakeAskStack, apis: FakeApis, without: int | None, said: str) -> None:
    apis.only_hits, apis.without_filters = (), without
    answer = ask(stack, apis, "payments?")
    assert answer.answer == f"No story matches these filters.{said}"
    assert (answer.modes, answer.sources, answer.gate.passed) == (Modes(), (), True)
    assert answer.trace == Trace(query="payments?")


def test_a_locked_story_is_the_only_source(stack: FakeAskStack, apis: FakeApis) -> None:
    answer = ask(stack, apis, story_id=IDS[3])
    assert [(source.id, source.match) for source in answer.sources] == [(IDS[3], 60)]
    assert answer.trace.retrieved == (ScoredId(id=IDS[3], score=0.9 - 3 / 10),)
    assert apis.story_calls() == [IDS[3]]


def test_a_locked_story_that_search_did_not_find_scores_nothing(stack: FakeAskStack, apis: FakeApis) -> None:
    apis.only_hits = ()
    answer = ask(stack, apis, story_id=IDS[1])
    assert [(source.id, source.match) for source in answer.sources] == [(IDS[1], 0)]


@pytest.mark.parametrize("reason", ["unknown_topic", "low_confidence"])
def test_a_locked_story_answers_what_search_would_refuse(stack: FakeAskStack, apis: FakeApis, reason: str) -> None:
    apis.gate = GuardDecision(passed=False, reason=reason)
    answer = ask(stack, apis, "how long?", story_id=IDS[1])
    assert [source.id for source in answer.sources] == [IDS[1]]
    assert answer.gate.passed


def test_a_rule_refuses_a_locked_question_too(stack: FakeAskStack, apis: FakeApis) -> None:
    apis.gate = GuardDecision(passed=False, reason="rule:spam")
    answer = ask(stack, apis, story_id=IDS[1])
    assert (answer.sources, answer.gate) == ((), apis.gate)


def test_a_question_whose_turn_is_kept_is_answered_from_the_turns_before_it(
    stack: FakeAskStack, apis: FakeApis
) -> None:
    """As a shadow call or a retry finds it."""
    for number in range(1, 9):
        stack.kept.append(turn(number))
    first = ask(stack, apis, "which one was longer?")
    for kept in (turn(99), turn(100, question="What of storms?")):
        stack.kept.append(kept)
        assert ask(stack, apis, "which one was longer?").trace == first.trace
    stack.kept.append(turn(101))
    later = AskRequest(question="which one was longer?", session_id=SESSION, turn_id="turn-00000102")
    assert stack.answers(apis).generate(later, CALLER).trace != first.trace


@pytest.mark.parametrize("story_id", ["nobody's", "..", ".", "%2F", "a/b?c#d", " "])
@pytest.mark.parametrize("gate", [GuardDecision(), REFUSED])
def test_an_unknown_locked_story_is_not_found(
    stack: FakeAskStack, apis: FakeApis, story_id: str, gate: GuardDecision
) -> None:
    apis.gate = gate
    with pytest.raises(NotFound, match=r"^there is no story with this id$") as raised:
        ask(stack, apis, story_id=story_id)
    assert raised.value.corpus_version == "v1"
    assert apis.story_calls() == [story_id]


def test_the_prompt_is_the_same_in_shadow(stack: FakeAskStack, apis: FakeApis) -> None:
    assert ask(stack, apis, caller=SHADOW) == ask(stack, apis)


def test_generate_writes_nothing(stack: FakeAskStack, apis: FakeApis) -> None:
    before = stack.items()
    ask(stack, apis)
    assert stack.items() == before


def test_stories_are_read_once_a_corpus(stack: FakeAskStack, apis: FakeApis) -> None:
    service = stack.answers(apis)
    request = AskRequest(question="payments", session_id=SESSION, turn_id="turn-00000099")
    for _ in range(3):
        service.generate(request, CALLER)
    assert sorted(apis.story_calls()) == sorted(IDS)
    apis.corpus_version = "v2"
    assert service.generate(request, CALLER).corpus_version == "v2"
    assert len(apis.story_calls()) == 2 * len(IDS)


def test_a_cold_answer_makes_one_request_for_its_stories(stack: FakeAskStack, apis: FakeApis) -> None:
    ask(stack, apis)
    assert [sorted(ids) for ids in apis.batches()] == [sorted(IDS)]


def test_a_warm_answer_requests_only_what_it_lacks(stack: FakeAskStack, apis: FakeApis) -> None:
    service = stack.answers(apis)
    apis.only_hits = tuple((story_id, 0.5) for story_id in IDS[:2])
    request = AskRequest(question="payments", session_id=SESSION, turn_id="turn-00000099")
    service.generate(request, CALLER)
    apis.only_hits = tuple((story_id, 0.5) for story_id in IDS[:4])
    service.generate(request, CALLER)
    assert [sorted(ids) for ids in apis.batches()] == [sorted(IDS[:2]), sorted(IDS[2:4])]


def test_stories_that_did_not_fit_into_an_answer_are_requested_again(stack: FakeAskStack, apis: FakeApis) -> None:
    whole = ask(stack, apis)
    apis.calls.clear()
    apis.batch_size = 4
    assert ask(stack, apis) == whole
    assert [len(ids) for ids in apis.batches()] == [len(IDS), len(IDS) - 4]


def test_an_answer_that_makes_no_progress_is_no_answer(stack: FakeAskStack, apis: FakeApis) -> None:
    apis.batch_size = 0
    with pytest.raises(DependencyDown, match="stories"):
        ask(stack, apis)
    assert len(apis.batches()) == 1


def test_a_shadow_call_fills_no_cache(stack: FakeAskStack, apis: FakeApis) -> None:
    service = stack.answers(apis)
    request = AskRequest(question="payments", session_id=SESSION, turn_id="turn-00000099")
    service.generate(request, SHADOW)
    service.generate(request, CALLER)
    service.generate(request, SHADOW)
    assert len(apis.story_calls()) == 2 * len(IDS)


def test_the_shelf_makes_room() -> None:
    def known(name: str) -> CachedStory:
        story = Story(id=name)
        return CachedStory(story, Words.of(story), 40)

    shelf = StoryCache(max_bytes=100)
    for name in ("a", "b"):
        shelf.keep("v1", known(name))
    assert shelf.find("v1", "a")
    shelf.keep("v1", known("c"))
    assert [bool(shelf.find("v1", name)) for name in "abc"] == [True, False, True]
    shelf.keep("v1", known("c"))
    assert shelf.find("v1", "a")
    assert not shelf.find("v2", "a")


def test_a_hit_whose_story_is_gone_is_left_out(stack: FakeAskStack, apis: FakeApis) -> None:
    del apis.stories[IDS[0]]
    answer = ask(stack, apis)
    assert [source.id for source in answer.sources] == list(IDS[1:4])
    apis.stories.clear()
    with pytest.raises(DependencyDown, match="stories"):
        ask(stack, apis)


@pytest.mark.parametrize(
    ("down", "fault"),
    [
        ("search", "404"),
        *((d, f) for d in ("search", "stories") for f in ("403", "500", "503", "garbage", "drop", "hang")),
    ],
)
def test_a_domain_that_is_down_is_named(stack: FakeAskStack, apis: FakeApis, down: str, fault: str) -> None:
    setattr(apis, f"{down}_fault", fault)
    request = AskRequest(question="payments", session_id=SESSION, turn_id="turn-00000099")
    with pytest.raises(DependencyDown) as raised:
        stack.answers(apis, read_seconds=0.2).generate(request, CALLER)
    assert raised.value.detail == f"The {down} service is not available; try again in a moment."


@pytest.mark.parametrize("down", ["search", "stories"])
def test_a_domain_that_is_busy_says_so(stack: FakeAskStack, apis: FakeApis, down: str) -> None:
    setattr(apis, f"{down}_fault", "429")
    with pytest.raises(Throttled):
        ask(stack, apis)


def test_a_domain_that_is_not_there(stack: FakeAskStack) -> None:
    with pytest.raises(DependencyDown, match="stories"):
        ask(stack, FakeApis({}, url="http://127.0.0.1:9"))


def test_a_connection_that_was_closed_meanwhile_is_made_again(stack: FakeAskStack, apis: FakeApis) -> None:
    service = stack.answers(apis)
    request = AskRequest(question="payments", session_id=SESSION, turn_id="turn-00000099")
    service.generate(request, CALLER)
    apis.search_fault = "drop"
    with pytest.raises(DependencyDown):
        service.generate(request, CALLER)
    apis.search_fault = ""
    assert service.generate(request, CALLER).sources


def rerank(apis: FakeApis, question: str, *ids: str) -> Any:
    candidates = tuple(ScoredId(id=story_id, score=0.5) for story_id in ids)
    return RerankService(stories_of(apis), "test").rerank(
        RerankRequest(question=question, candidates=candidates), CALLER
    )


def test_rerank_orders_the_candidates(apis: FakeApis) -> None:
    found = rerank(apis, "dune", IDS[0], IDS[1], IDS[3])
    assert [story.id for story in found.ranked] == [IDS[0], IDS[3], IDS[1]]
    assert (found.corpus_version, found.code_version) == ("v1", "test")


def test_many_candidates_are_read_in_full_batches(apis: FakeApis) -> None:
    ids = [f"candidate {number}" for number in range(60)]
    apis.stories = {story_id: Story(id=story_id) for story_id in ids}
    assert len(rerank(apis, "dune", *ids).ranked) == 60
    assert [len(batch) for batch in apis.batches()] == [25, 25, 10]


def test_rerank_reads_a_story_once(apis: FakeApis) -> None:
    assert len(rerank(apis, "dune", *IDS, IDS[0]).ranked) == 6
    assert sorted(apis.story_calls()) == sorted(IDS)


@pytest.mark.parametrize("unknown", ["nobody's", " ", "x" * 1000])
def test_rerank_refuses_candidates_that_are_no_stories(apis: FakeApis, unknown: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        rerank(apis, "dune", IDS[0], unknown)
    assert [(error.path, error.message) for error in raised.value.errors] == [
        ("candidates", "No story has the id at: 1")
    ]


def test_rerank_without_stories(apis: FakeApis) -> None:
    apis.stories_fault = "500"
    with pytest.raises(DependencyDown, match="stories"):
        rerank(apis, "dune", IDS[0])

"""Kept conversations: each turn once, in its order, in pages, and forgotten whole."""

import json
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.ask import Modes
from contracts.conversations import (
    MAX_PAGE_BYTES,
    MAX_TURN_BYTES,
    FeedbackRequest,
    ForgetRequest,
    History,
    HistoryRequest,
    Turn,
)
from lambdas.ask.conversations.service import ConversationService
from lambdas.ask.conversations.sessions import list_sessions
from lambdas.ask.conversations.store import Conversations
from lambdas.common.http.problems import Conflict, NotFound, TooLarge
from tests.support.faults.aws_clients import Countdown, CountedClient, Killed, PatchedClient
from tests.support.stacks.ask import SESSION, FakeAskStack, new_ask_stack, turn

OTHER = "session-of-somebody-else"


@pytest.fixture
def stack() -> FakeAskStack:
    return new_ask_stack()


def service_of(stack: FakeAskStack, dynamodb: Any = None) -> ConversationService:
    return ConversationService(Conversations(dynamodb or stack.dynamodb, stack.table, stack.clock), "test")


def history(stack: FakeAskStack, session_id: str = SESSION, **fields: Any) -> History:
    return service_of(stack).history(HistoryRequest(session_id=session_id, **fields))


def turn_ids(page: History) -> list[str]:
    return [kept.turn_id for kept in page.turns]


def whole_history(stack: FakeAskStack, session_id: str = SESSION, limit: int = 100) -> list[Turn]:
    turns: list[Turn] = []
    before = ""
    while True:
        page = history(stack, session_id, limit=limit, before=before)
        turns = [*page.turns, *turns]
        if not (before := page.next_before):
            return turns


def test_what_was_appended_is_read_back(stack: FakeAskStack) -> None:
    kept = turn(1, question="Was ist mit Zürich?\n\tUnd 😀?", refused="low_overlap", story_id="a|acme")
    answer = service_of(stack).append(kept)
    assert (answer.created, answer.turn_id, answer.code_version) == (True, kept.turn_id, "test")
    assert history(stack).turns == (kept,)


def test_the_same_turn_again_is_kept_once(stack: FakeAskStack) -> None:
    service = service_of(stack)
    assert [service.append(turn()).created for _ in range(3)] == [True, False, False]
    assert len(history(stack).turns) == 1


@pytest.mark.parametrize("change", [{"answer": "other"}, {"asked_at": 999}, {"question": "other?"}, {"refused": "x"}])
def test_other_content_under_the_same_id_is_a_conflict(stack: FakeAskStack, change: dict[str, Any]) -> None:
    service_of(stack).append(turn())
    with pytest.raises(Conflict, match=r"^turn already kept with other content$"):
        service_of(stack).append(turn(1, **change))
    assert history(stack).turns == (turn(),)


def test_another_session_may_use_the_same_turn_id(stack: FakeAskStack) -> None:
    service_of(stack).append(turn())
    assert service_of(stack).append(turn(1, OTHER, answer="other")).created
    assert [kept.answer for kept in history(stack, OTHER).turns] == ["other"]
    assert history(stack).turns == (turn(),)


def test_an_unknown_session_has_no_turns(stack: FakeAskStack) -> None:
    page = history(stack, "nobody-has-heard-of-it")
    assert (page.turns, page.next_before) == ((), "")


def test_turns_go_by_the_time_they_were_asked_then_by_id(stack: FakeAskStack) -> None:
    for number, (asked_at, name) in enumerate([(7, "b"), (5, "z"), (7, "a"), (10**12, "c"), (0, "y")]):
        service_of(stack).append(turn(number, asked_at=asked_at, turn_id=f"turn-000{name}"))
    assert [name[-1] for name in turn_ids(history(stack))] == ["y", "z", "a", "b", "c"]


def test_pages_go_back_from_the_newest_and_end_at_the_first(stack: FakeAskStack) -> None:
    for number in range(1, 8):
        service_of(stack).append(turn(number))
    newest = history(stack, limit=3)
    assert turn_ids(newest) == [turn(n).turn_id for n in (5, 6, 7)]
    assert newest.next_before == "0000000005000#turn-00000005"
    middle = history(stack, limit=3, before=newest.next_before)
    assert turn_ids(middle) == [turn(n).turn_id for n in (2, 3, 4)]
    first = history(stack, limit=3, before=middle.next_before)
    assert (turn_ids(first), first.next_before) == ([turn(1).turn_id], "")
    assert history(stack, limit=7).next_before == ""


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=8, unique_by=lambda pair: pair[1]),
    st.integers(1, 4),
)
def test_pages_of_any_size_hold_every_turn_once(stack_turns: list[tuple[int, int]], limit: int) -> None:
    stack = shared_stack()
    session_id = f"session-{threading.get_ident()}-{len(used_sessions)}"
    used_sessions.append(session_id)
    turns = [turn(number, session_id, asked_at=asked_at) for asked_at, number in stack_turns]
    for kept in turns:
        service_of(stack).append(kept)
    assert whole_history(stack, session_id, limit) == sorted(turns, key=lambda kept: (kept.asked_at, kept.turn_id))


used_sessions: list[str] = []
_stacks: list[FakeAskStack] = []


def shared_stack() -> FakeAskStack:
    if not _stacks:
        _stacks.append(new_ask_stack())
    return _stacks[0]


def big_turn(number: int, size: int) -> Turn:
    """A turn that has exactly `size` bytes as JSON, which hardly compress."""
    empty = turn(number, modes=Modes(), answer="")
    left = size - len(empty.model_dump_json().encode())
    narrative = "".join(chr(33 + (number * 7919 + i * i * 31 + i // 7) % 90) for i in range(left))
    plain = narrative.replace('"', "a").replace("\\", "b")
    return empty.model_copy(update={"modes": Modes(narrative=plain)})


def test_a_turn_of_the_largest_size_is_kept_and_one_byte_more_is_not(stack: FakeAskStack) -> None:
    largest = big_turn(1, MAX_TURN_BYTES)
    assert len(largest.model_dump_json().encode()) == MAX_TURN_BYTES
    assert service_of(stack).append(largest).created
    assert history(stack).turns == (largest,)
    with pytest.raises(TooLarge):
        service_of(stack).append(big_turn(2, MAX_TURN_BYTES + 1))


def test_a_page_of_large_turns_fits_into_an_answer(stack: FakeAskStack) -> None:
    turns = [big_turn(number, MAX_TURN_BYTES) for number in range(1, 13)]
    for kept in turns:
        service_of(stack).append(kept)
    page = history(stack, limit=100)
    assert 1 <= len(page.turns) < 12
    assert len(page.model_dump_json()) <= MAX_PAGE_BYTES + 1000
    assert len(json.dumps({"body": page.model_dump_json()})) < 6_000_000
    assert whole_history(stack) == turns


def test_two_appends_of_one_turn_at_the_same_moment(stack: FakeAskStack) -> None:
    created = at_once(8, lambda _: service_of(stack).append(turn()).created)
    assert sorted(created) == [False] * 7 + [True]
    assert len(history(stack).turns) == 1


def test_two_different_turns_of_one_id_at_the_same_moment(stack: FakeAskStack) -> None:
    def append(number: int) -> str:
        try:
            return str(service_of(stack).append(turn(1, answer=f"{number % 2}")).created)
        except Conflict:
            return "conflict"

    outcomes = at_once(8, append)
    assert sorted(outcomes) == ["False"] * 3 + ["True"] + ["conflict"] * 4
    assert len(history(stack).turns) == 1


def at_once(count: int, act: Any) -> list[Any]:
    barrier = threading.Barrier(count)
    outcomes: list[Any] = []

    def run(number: int) -> None:
        barrier.wait()
        outcomes.append(act(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.parametrize("calls", range(3))
def test_an_append_killed_anywhere_can_be_repeated(stack: FakeAskStack, calls: int) -> None:
    killed = service_of(stack, CountedClient(stack.dynamodb, Countdown(calls)))
    if calls < 2:
        with pytest.raises(Killed):
            killed.append(turn())
    else:
        killed.append(turn())
    assert service_of(stack).append(turn()).created == (calls < 2)
    assert history(stack).turns == (turn(),)


def test_a_session_is_forgotten_with_all_it_has(stack: FakeAskStack) -> None:
    service = service_of(stack)
    for number in range(1, 61):
        service.append(turn(number))
    service.append(turn(1, OTHER))
    service.record_feedback(FeedbackRequest(session_id=SESSION, turn_id=turn(7).turn_id, helpful=True))
    assert service.forget(ForgetRequest(session_id=SESSION)).turns == 60
    assert {item["pk"]["S"] for item in stack.items()} == {f"session#{OTHER}", "forgotten"}
    assert service.forget(ForgetRequest(session_id=SESSION)).turns == 0
    assert service.append(turn(1, answer="anew")).created


@pytest.mark.parametrize("batches", [0, 1, 2])
def test_forgetting_that_was_killed_is_finished_by_the_next_try(stack: FakeAskStack, batches: int) -> None:
    for number in range(1, 61):
        service_of(stack).append(turn(number))
    with pytest.raises(Killed):
        service_of(stack, killed_after_batches(stack, batches)).forget(ForgetRequest(session_id=SESSION))
    assert len(whole_history(stack)) == 60 - max(0, 25 * batches - 1)
    service_of(stack).forget(ForgetRequest(session_id=SESSION))
    assert {item["pk"]["S"] for item in stack.items()} == {"forgotten"}


def killed_after_batches(stack: FakeAskStack, batches: int) -> PatchedClient:
    countdown = Countdown(batches)

    def counted(real: Any, **request: Any) -> Any:
        countdown.count("batch")
        return real(**request)

    return PatchedClient(stack.dynamodb, "batch_write_item", counted)


def test_what_the_table_did_not_take_is_deleted_by_another_try(stack: FakeAskStack) -> None:
    service_of(stack).append(turn())
    refused = []

    def refusing_once(real: Any, **request: Any) -> Any:
        if not refused:
            refused.append(True)
            return {"UnprocessedItems": request["RequestItems"]}
        return real(**request)

    slow = PatchedClient(stack.dynamodb, "batch_write_item", refusing_once)
    assert service_of(stack, slow).forget(ForgetRequest(session_id=SESSION)).turns == 1
    assert {item["pk"]["S"] for item in stack.items()} == {"forgotten"}


def test_a_verdict_is_kept_with_its_turn_and_replaced_by_a_later_one(stack: FakeAskStack) -> None:
    service = service_of(stack)
    service.append(turn())
    for helpful, comment in ((True, ""), (False, "too long 😀")):
        verdict = FeedbackRequest(session_id=SESSION, turn_id=turn().turn_id, helpful=helpful, comment=comment)
        assert service.record_feedback(verdict).turn_id == turn().turn_id
    kept = next(item for item in stack.items() if "feedback" in item)
    assert json.loads(kept["feedback"]["S"]) == {"helpful": False, "comment": "too long 😀", "rated_at": 0}
    assert not service.append(turn()).created
    assert history(stack).turns == (turn(),)


def test_history_tells_the_latest_verdicts_with_their_turns(stack: FakeAskStack) -> None:
    service = service_of(stack)
    for number in (1, 2, 3):
        service.append(turn(number))
    for number, helpful, rated_at in ((3, True, 5), (1, False, 7), (1, True, 6), (3, False, 5)):
        service.record_feedback(
            FeedbackRequest(session_id=SESSION, turn_id=turn(number).turn_id, helpful=helpful, rated_at=rated_at)
        )
    verdicts = service.history(HistoryRequest(session_id=SESSION)).verdicts
    assert [(it.turn_id, it.helpful, it.rated_at) for it in verdicts] == [
        (turn(1).turn_id, False, 7),
        (turn(3).turn_id, False, 5),
    ]
    assert [it.turn_id for it in service.history(HistoryRequest(session_id=SESSION, limit=1)).verdicts] == [
        turn(3).turn_id
    ]


def test_the_maintainer_can_list_sessions_that_have_a_turn(stack: FakeAskStack) -> None:
    service = service_of(stack)
    for name in ("b", "a"):
        for number in (1, 2):
            service.append(turn(number, f"session-0123456789-{name}"))
    service.forget(ForgetRequest(session_id="session-0123456789-b"))
    stack.kept._touch("session-0123456789-c")
    assert list_sessions(stack.dynamodb, stack.table) == ["session-0123456789-a"]


@pytest.mark.parametrize(("session_id", "turn_id"), [(SESSION, "turn-of-nobody"), (OTHER, turn().turn_id)])
def test_a_verdict_needs_a_turn_of_the_same_session(stack: FakeAskStack, session_id: str, turn_id: str) -> None:
    service_of(stack).append(turn())
    with pytest.raises(NotFound, match=r"^there is no such turn$"):
        service_of(stack).record_feedback(FeedbackRequest(session_id=session_id, turn_id=turn_id, helpful=True))
    assert {item["pk"]["S"] for item in stack.items()} == {f"session#{SESSION}"}

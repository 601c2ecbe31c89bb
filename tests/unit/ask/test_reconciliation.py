"""Reconciling a conversation: a merge loses nothing on either side, a replacement takes one side for right."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.ask.conversations import Conversation
from backend_clients.ask.reconciliation import conflicts, merge, overwrite
from backend_clients.errors import Conflict
from backend_clients.routed import Origin
from contracts.conversations import FeedbackRequest, Turn
from tests.support.sides.conversations import FakeConversations
from tests.support.sides.in_process import SESSION, turn

LEGACY, LAMBDA = Origin.LEGACY, Origin.LAMBDA

TURNS = st.dictionaries(st.integers(0, 6), st.integers(0, 1)).map(
    lambda content: [turn(number, answer=f"Answer {version}") for number, version in content.items()]
)
RATINGS = st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 3)), max_size=6)


def side_of(turns: list[Turn], ratings: list[tuple[int, bool, int]] = []) -> FakeConversations:  # noqa: B006
    side = FakeConversations()
    for item in turns:
        side.append(item)
    known = {item.turn_id for item in turns}
    for number, helpful, at in ratings:
        verdict = rating(number, helpful, at)
        if verdict.turn_id in known:
            side.rate(verdict)
    side.done.clear()
    return side


def rating(number: int, helpful: bool = True, at: int = 0) -> FeedbackRequest:
    return FeedbackRequest(session_id=SESSION, turn_id=f"turn-{number:04d}", helpful=helpful, rated_at=at)


@given(TURNS, RATINGS, TURNS, RATINGS)
def test_a_replacement_makes_the_target_what_the_source_is(
    source_turns: list[Turn], source_ratings: Any, target_turns: list[Turn], target_ratings: Any
) -> None:
    source, target = side_of(source_turns, source_ratings), side_of(target_turns, target_ratings)
    wanted = source.read(SESSION)
    overwrite(SESSION, source, target)
    assert target.read(SESSION).turns == wanted.turns
    assert {it.turn_id for it in target.read(SESSION).verdicts} == {it.turn_id for it in wanted.verdicts}
    assert source.done == []
    assert overwrite(SESSION, source, target) == 0


@given(TURNS, RATINGS, TURNS, RATINGS, st.sampled_from([None, LEGACY, LAMBDA]))
def test_a_merge_leaves_both_sides_with_all_turns_and_the_latest_verdicts(
    legacy_turns: list[Turn], legacy_ratings: Any, remote_turns: list[Turn], remote_ratings: Any, keep: Origin | None
) -> None:
    sides = {LEGACY: side_of(legacy_turns, legacy_ratings), LAMBDA: side_of(remote_turns, remote_ratings)}
    before = {origin: side.read(SESSION) for origin, side in sides.items()}
    clash = conflicts(before[LEGACY], before[LAMBDA])
    if clash and keep is None:
        with pytest.raises(Conflict, match=clash[0]):
            merge(SESSION, sides)
    else:
        merge(SESSION, sides, keep)
    after = {origin: side.read(SESSION) for origin, side in sides.items()}
    for origin, held in after.items():
        assert {it.turn_id for it in held.turns} == {it.turn_id for known in before.values() for it in known.turns}
        kept = before[keep or origin].turns
        assert [it for it in held.turns if it.turn_id in clash] == [it for it in kept if it.turn_id in clash]
        assert {it for it in held.turns if it.turn_id not in clash} >= {
            it for known in before.values() for it in known.turns if it.turn_id not in clash
        }
    assert after[LEGACY].verdicts == after[LAMBDA].verdicts
    for known in before.values():
        latest = {it.turn_id: it.rated_at for it in after[LEGACY].verdicts}
        assert all(latest[it.turn_id] >= it.rated_at for it in known.verdicts)
    if not clash or keep:
        assert after[LEGACY].checksum == after[LAMBDA].checksum
        assert merge(SESSION, sides) == 0


@pytest.mark.parametrize("keep", [LEGACY, LAMBDA])
def test_whoever_is_killed_while_one_side_rewrites_has_lost_nothing(keep: Origin) -> None:
    sides = {LEGACY: side_of([turn(1, answer="legacy"), turn(2)]), LAMBDA: side_of([turn(1, answer="lambda"), turn(3)])}
    rewritten = sides[LAMBDA if keep is LEGACY else LEGACY]
    forget = rewritten.forget

    def dying(session_id: str) -> None:
        forget(session_id)
        raise KeyboardInterrupt

    rewritten.forget = dying  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        merge(SESSION, sides, keep)
    assert merge(SESSION, sides) == 3
    assert [it.turn_id for it in rewritten.turns(SESSION)] == ["turn-0001", "turn-0002", "turn-0003"]
    assert rewritten.turns(SESSION) == sides[keep].turns(SESSION)


@pytest.mark.parametrize("forgetting", [LEGACY, LAMBDA])
def test_what_is_forgotten_while_it_is_copied_does_not_come_back(forgetting: Origin) -> None:
    source = side_of([turn(1), turn(2)])

    class Written(FakeConversations):
        def append(self, item: Turn) -> None:
            source.forget(SESSION)
            self.forget(SESSION)
            super().append(item)

    target = Written()
    other = LAMBDA if forgetting is LEGACY else LEGACY
    merge(SESSION, {forgetting: source, other: target})
    assert source.read(SESSION) == target.read(SESSION) == Conversation()


def test_a_turn_written_to_both_sides_meanwhile_is_not_taken_for_a_forgotten_one() -> None:
    target = side_of([])

    class WritingMeanwhile(FakeConversations):
        def read(self, session_id: str) -> Conversation:
            known = super().read(session_id)
            self.append(turn(2))
            target.append(turn(2))
            return known

    overwrite(SESSION, WritingMeanwhile(kept=side_of([turn(1)]).kept), target)
    assert target.turns(SESSION) == [turn(1), turn(2)]
    assert "forget" not in " ".join(target.done)


def test_a_verdict_on_a_turn_forgotten_meanwhile_is_let_go() -> None:
    class Forgetting(FakeConversations):
        def rate(self, feedback: FeedbackRequest) -> None:
            self.kept.clear()
            super().rate(feedback)

    target = Forgetting(kept={SESSION: {"turn-0001": turn(1)}})
    assert merge(SESSION, {LEGACY: side_of([turn(1)], [(1, True, 5)]), LAMBDA: target}) == 0
    assert target.rated == {}

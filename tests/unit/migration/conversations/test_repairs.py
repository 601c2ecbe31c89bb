"""Repairs: pending writes are replayed until both sides match, and no acknowledged write is lost."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend_clients.errors import NotFound, Timeout, Unavailable
from backend_clients.http.session import ApiResponse
from backend_clients.migration.conversations import lease as leased_module
from backend_clients.migration.conversations import repairs as module
from backend_clients.migration.conversations.repairs import RepairWorker, run_repairs
from backend_clients.routed import Origin
from backend_clients.routing import repair_ledger as ledger_module
from backend_clients.routing.breaker import Breaker
from backend_clients.routing.repair_ledger import Ledger
from backend_clients.routing.router_parts import RouterParts
from backend_clients.routing.write_router import WriteOperation, WriteRouter
from backend_clients.stages import Stage
from contracts.conversations import AppendAck, DeleteResult, FeedbackAck, FeedbackRequest, ForgetRequest, Turn
from tests.support.sides.conversations import FakeConversations
from tests.support.sides.in_process import SESSION, turn
from tests.support.sides.routed import FakeFlags, InlinePool, MemoryRecords, eventually

LEGACY, LAMBDA = Origin.LEGACY, Origin.LAMBDA
STAMP = {"corpus_version": "v", "code_version": "c"}
OTHER = "session-of-another-visitor"


@dataclass
class Moving:
    """A conversation domain amid its move: both sides, the ledger, writes routed by the stage."""

    path: Path
    stage: Stage = Stage.DUALWRITE
    legacy: FakeConversations = field(default_factory=FakeConversations)
    remote: FakeConversations = field(default_factory=FakeConversations)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.path)
        self.flags: Any = FakeFlags(self.stage)
        pool: Any = InlinePool()
        records: Any = MemoryRecords()
        self.router = WriteRouter(
            RouterParts(self.flags, {"ask": Breaker("ask", 10**6, 0.0)}, pool, records, self.ledger)
        )
        self.sides = {LEGACY: self.legacy, LAMBDA: self.remote}

    def append(self, item: Turn) -> None:
        self._write(
            "append", item, lambda side: side.append(item), AppendAck(turn_id=item.turn_id, created=True, **STAMP)
        )

    def forget(self, session: str = SESSION) -> None:
        request = ForgetRequest(session_id=session)
        self._write("forget", request, lambda side: side.forget(session), DeleteResult(turns=0, **STAMP))

    def rate(self, feedback: FeedbackRequest) -> None:
        kept = FeedbackAck(turn_id=feedback.turn_id, **STAMP)
        self._write("rate", feedback, lambda side: side.rate(feedback), kept)

    def _write(self, name: str, request: Any, do: Callable[[FakeConversations], None], kept: Any) -> None:
        def legacy(_: Any) -> Any:
            do(self.legacy)
            return kept

        def remote(_: Any) -> ApiResponse[Any]:
            do(self.remote)
            return ApiResponse(kept)

        operation: WriteOperation[Any, Any] = WriteOperation(
            "ask", name, legacy, remote, lambda asked: asked.session_id
        )
        self.router.write(operation, request, "visitor")

    def held(self) -> tuple[list[str], list[str]]:
        """Turn ids of the session on legacy and on Lambda."""
        return ([item.turn_id[-1] for item in side.turns(SESSION)] for side in (self.legacy, self.remote))  # type: ignore[return-value]

    def repair(self) -> int:
        """Repair as when every lease is over."""
        self.let_go()
        report = run_repairs(self.ledger, self.sides)
        assert (report.unresolved, report.in_progress) == ((), 0)
        return report.settled

    def let_go(self) -> None:
        for repair in self.ledger.open_repairs(limit=10_000):
            self.ledger.release(repair.id)


@pytest.fixture
def moving(tmp_path: Path) -> Iterator[Moving]:
    made = Moving(tmp_path / "repairs.sqlite3")
    yield made
    made.ledger.close()


def rating(number: int, helpful: bool = True, at: int = 0) -> FeedbackRequest:
    return FeedbackRequest(session_id=SESSION, turn_id=f"turn-{number:04d}", helpful=helpful, rated_at=at)


# One side owes


@pytest.mark.parametrize(("stage", "lagging"), [(Stage.DUALWRITE, LAMBDA), (Stage.LIVE, LEGACY)])
def test_the_lagging_side_is_made_equal_to_the_other(moving: Moving, stage: Stage, lagging: Origin) -> None:
    moving.flags.current = stage
    moving.append(turn(1))
    moving.sides[lagging].error = Unavailable("down")
    moving.append(turn(2))
    moving.append(turn(3))
    moving.sides[lagging].error = None
    assert moving.repair() == 2
    assert [*moving.held()] == [["1", "2", "3"]] * 2
    assert (moving.ledger.open_repairs(), moving.repair()) == ([], 0)


@pytest.mark.parametrize(("stage", "lagging"), [(Stage.DUALWRITE, LAMBDA), (Stage.LIVE, LEGACY)])
def test_turns_written_to_the_lagging_side_alone_in_an_earlier_stage_survive(
    moving: Moving, stage: Stage, lagging: Origin
) -> None:
    """As after a rollback without reconciliation."""
    moving.flags.current = stage
    moving.append(turn(1))
    moving.sides[lagging].append(turn(2))
    moving.sides[lagging].error = Unavailable("down")
    moving.append(turn(3))
    moving.sides[lagging].error = None
    moving.repair()
    assert [*moving.held()] == [["1", "2", "3"]] * 2


def test_a_completed_write_that_was_reported_as_failed_reaches_the_lagging_side(moving: Moving) -> None:
    moving.legacy.error = Timeout("late")
    with pytest.raises(Timeout):
        moving.append(turn(1))
    moving.legacy.error = None
    moving.legacy.append(turn(1))
    moving.repair()
    assert [*moving.held()] == [["1"], ["1"]]


def test_a_pending_deletion_is_replayed(moving: Moving) -> None:
    moving.append(turn(1))
    moving.remote.error = Unavailable("down")
    moving.forget()
    moving.remote.error = None
    moving.repair()
    assert [*moving.held()] == [[], []]


def test_ratings_are_replayed_in_order_and_one_of_a_deleted_turn_is_dropped(moving: Moving) -> None:
    moving.append(turn(1))
    moving.remote.error = Unavailable("down")
    moving.rate(rating(1, helpful=False))
    moving.append(turn(2))
    moving.rate(rating(2))
    moving.rate(rating(1))
    moving.remote.error = None
    moving.repair()
    assert moving.remote.rated == moving.legacy.rated
    assert len(moving.remote.rated) == 2
    moving.remote.error = Unavailable("down")
    moving.rate(rating(1))
    moving.forget()
    moving.remote.error = None
    assert moving.repair() == 2
    assert moving.remote.rated == {}


def test_a_rating_of_an_unknown_turn_stays_pending_until_the_turn_is_there(moving: Moving) -> None:
    moving.legacy.append(turn(1))
    moving.rate(rating(1))
    assert moving.ledger.open_repairs()[0].last_error.startswith("NotFound")
    moving.repair()
    assert moving.remote.rated == moving.legacy.rated != {}


def test_the_later_of_two_ratings_ends_up_on_both_sides(moving: Moving) -> None:
    moving.append(turn(1))
    moving.remote.error = Unavailable("down")
    moving.rate(rating(1, helpful=False, at=1))
    moving.remote.error = None
    moving.flags.current = Stage.LIVE
    moving.rate(rating(1, at=2))
    moving.repair()
    assert moving.remote.rated == moving.legacy.rated
    (verdict,) = moving.legacy.rated.values()
    assert (verdict.helpful, verdict.rated_at) == (True, 2)


def test_turns_with_equal_ids_and_different_content_stay_pending_with_the_reason(moving: Moving) -> None:
    moving.remote.append(turn(1, answer="Other"))
    moving.append(turn(1))
    moving.append(turn(2))
    assert moving.ledger.open_repairs()[0].last_error.startswith("Conflict: turn already kept with other content")
    for _ in range(2):
        report = run_repairs(moving.ledger, moving.sides)
        assert (report.settled, len(report.unresolved)) == (0, 1)
    assert [*moving.held()] == [["1", "2"]] * 2
    errors = {repair.last_error for repair in moving.ledger.open_repairs()}
    assert errors == {
        "Conflict: the sides have different turns of the same id (turn-0001); say with --keep whose are to stay"
    }
    moving.remote.kept[SESSION]["turn-0001"] = turn(1)
    assert moving.repair() == 2


# Failures of a repair


def test_an_entry_that_the_contract_now_rejects_stays_pending_and_loses_nothing(moving: Moving) -> None:
    moving.append(turn(1))
    moving.append(turn(1, session_id=OTHER))
    moving.remote.error = Unavailable("down")
    moving.forget()
    moving.append(turn(2))
    moving.append(turn(2, session_id=OTHER))
    moving.remote.error = None
    moving.legacy.forget(SESSION)  # so that the last forgetting is owed by both, with a turn after it
    moving.remote.kept[SESSION] = {"turn-0002": turn(2)}
    entry = moving.ledger.add("ask", "append", SESSION, LEGACY, {"question": "a visitor's words"})
    moving.ledger.release(entry)
    report = run_repairs(moving.ledger, moving.sides)
    assert report.settled == 1
    (told,) = report.unresolved
    assert told.startswith(f"{SESSION}: InvalidRequest: ")
    assert "words" not in told
    assert [item.turn_id for item in moving.remote.turns(SESSION)] == ["turn-0002"]
    assert [item.turn_id for item in moving.remote.turns(OTHER)] == ["turn-0001", "turn-0002"]


def test_a_failed_repair_stays_pending_with_its_reason_and_others_are_replayed(moving: Moving) -> None:
    moving.remote.error = Unavailable("down")
    moving.append(turn(1))
    moving.append(turn(1, session_id=OTHER))
    moving.remote.error, moving.remote.errors = None, {SESSION: Timeout("late")}
    report = run_repairs(moving.ledger, moving.sides)
    assert (report.settled, report.unresolved) == (1, (f"{SESSION}: Timeout: late",))
    (repair,) = moving.ledger.open_repairs()
    assert (repair.key, repair.attempts, repair.last_error) == (SESSION, 2, "Timeout: late")
    moving.remote.errors = {}
    assert moving.repair() == 1
    assert [*moving.held()] == [["1"], ["1"]]


def test_a_repair_cut_off_midway_is_done_again(moving: Moving) -> None:
    moving.remote.error = Unavailable("down")
    for number in (1, 2, 3):
        moving.append(turn(number))
    moving.remote.error = None
    append = moving.remote.append

    def dying(item: Turn) -> None:
        append(item)
        if item == turn(2):
            raise KeyboardInterrupt

    moving.remote.append = dying  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        run_repairs(moving.ledger, moving.sides)
    assert len(moving.ledger.open_repairs()) == 3
    assert run_repairs(moving.ledger, moving.sides).in_progress == 1  # as long as whoever was killed might be at work
    moving.remote.append = append  # type: ignore[method-assign]
    assert moving.repair() == 3
    assert [*moving.held()] == [["1", "2", "3"]] * 2


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def time(self) -> float:
        return self.now

    monotonic = time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for used_in in (ledger_module, leased_module):
        monkeypatch.setattr(used_in, "time", made)
    return made


def owing_many(path: Path, count: int) -> Moving:
    """Turns that are missing on Lambda, with a lease of 10 seconds."""
    made = Moving(path)
    made.ledger.lease = 10.0
    made.remote.error = Unavailable("down")
    for number in range(count):
        made.append(turn(number + 1))
    made.remote.error = None
    return made


def test_a_repair_that_takes_longer_than_a_lease_keeps_its_conversation_to_itself(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "repairs.sqlite3"
    claimed: list[int] = []
    with closing(owing_many(path, 8).ledger) as ledger, closing(Ledger(path, lease=10.0)) as other:
        remote, legacy = FakeConversations(), FakeConversations()
        for number in range(8):
            legacy.append(turn(number + 1))
        append = remote.append

        def slow(item: Turn) -> None:
            clock.now += 4.9
            claimed.append(len(other.claim("ask", SESSION)))
            append(item)

        remote.append = slow  # type: ignore[method-assign]
        assert run_repairs(ledger, {LEGACY: legacy, LAMBDA: remote}).settled == 8
    assert claimed == [0] * 8


def test_a_repair_that_lost_its_lease_writes_no_more(tmp_path: Path, clock: Clock) -> None:
    moving = owing_many(tmp_path / "repairs.sqlite3", 3)
    append = moving.remote.append

    def stuck(item: Turn) -> None:
        clock.now += 10.1
        claimed.append(len(other.claim("ask", SESSION)))
        append(item)

    moving.remote.append = stuck  # type: ignore[method-assign]
    claimed: list[int] = []
    with closing(moving.ledger), closing(Ledger(moving.path, lease=10.0)) as other:
        (told,) = run_repairs(moving.ledger, moving.sides).unresolved
        assert told.endswith("the repair took too long and is left to the next one")
        assert claimed == [3]
        assert [item.turn_id for item in moving.remote.turns(SESSION)] == ["turn-0001"]
        assert moving.ledger.claimable_keys("ask") == []  # it is the other's
        moving.remote.append = append  # type: ignore[method-assign]
        assert moving.repair() == 3
    assert [*moving.held()] == [["1", "2", "3"]] * 2


# Both sides owe


def stage_changed_amid_faults(moving: Moving) -> None:
    """Turn 1 is on legacy alone, turn 2 on Lambda alone, and both were acknowledged."""
    moving.remote.error = Unavailable("down")
    moving.append(turn(1))
    moving.remote.error = None
    moving.flags.current = Stage.LAMBDA
    moving.append(turn(2))
    assert [*moving.held()] == [["1"], ["2"]]


def test_turns_that_were_handed_off_to_legacy_reach_lambda_once(moving: Moving) -> None:
    moving.flags.current = Stage.LIVE
    moving.append(turn(1))
    moving.remote.error = Unavailable("down")
    moving.append(turn(2))
    moving.remote.error = None
    moving.append(turn(3))  # legacy takes it too: it has the whole conversation
    assert [*moving.held()] == [["1", "2", "3"], ["1"]]
    moving.let_go()
    moving.repair()
    assert [*moving.held()] == [["1", "2", "3"]] * 2


def test_a_deletion_that_was_handed_off_reaches_lambda(moving: Moving) -> None:
    moving.flags.current = Stage.LIVE
    moving.append(turn(1))
    moving.remote.error = Unavailable("down")
    moving.forget()
    moving.remote.error = None
    moving.append(turn(2))
    moving.let_go()
    moving.repair()
    assert [*moving.held()] == [["2"]] * 2


def test_turns_are_merged_if_both_sides_lag(moving: Moving) -> None:
    stage_changed_amid_faults(moving)
    assert moving.repair() == 2
    assert [*moving.held()] == [["1", "2"]] * 2


def test_both_sides_delete_if_both_lag_and_the_last_write_is_a_deletion(moving: Moving) -> None:
    stage_changed_amid_faults(moving)
    moving.forget()
    moving.repair()
    assert [*moving.held()] == [[], []]


def test_what_was_forgotten_stays_so_when_the_conversation_goes_on(moving: Moving) -> None:
    stage_changed_amid_faults(moving)
    moving.forget()
    moving.append(turn(3))
    assert [*moving.held()] == [["1"], ["3"]]
    moving.repair()
    assert [*moving.held()] == [["3"], ["3"]]


def test_turns_after_a_forgetting_are_kept_whichever_side_they_were_given_to(moving: Moving) -> None:
    stage_changed_amid_faults(moving)
    moving.forget()
    moving.append(turn(3))
    moving.flags.current = Stage.SHADOW
    moving.append(turn(4))
    moving.repair()
    assert [*moving.held()] == [["3", "4"]] * 2


@pytest.mark.parametrize("failing", [LEGACY, LAMBDA])
def test_both_lagging_sides_stay_pending_while_one_is_down(moving: Moving, failing: Origin) -> None:
    stage_changed_amid_faults(moving)
    moving.sides[failing].error = Unavailable("down")
    moving.let_go()
    assert run_repairs(moving.ledger, moving.sides).settled == 0
    moving.sides[failing].error = None
    assert len(moving.ledger.open_repairs()) == 2
    assert moving.repair() == 2


# Back to a stage of one side while something is owed


@pytest.mark.parametrize(
    ("stage", "single", "lagging"), [(Stage.LIVE, Stage.LEGACY, LEGACY), (Stage.DUALWRITE, Stage.LAMBDA, LAMBDA)]
)
def test_a_turn_written_to_a_lagging_side_alone_survives_the_repair(
    moving: Moving, stage: Stage, single: Stage, lagging: Origin
) -> None:
    moving.flags.current = stage
    moving.sides[lagging].error = Unavailable("down")
    moving.append(turn(1))
    moving.sides[lagging].error = None
    moving.flags.current = single
    moving.append(turn(2))
    moving.repair()
    assert [*moving.held()] == [["1", "2"]] * 2


# Writes that somebody is at work on


def test_a_write_in_the_making_is_not_settled_under_its_writers_hands(moving: Moving) -> None:
    """Another process is still writing the first side, so a repair finds the turn on neither side."""
    seen: list[Any] = []

    class Slow(FakeConversations):
        def append(self, item: Turn) -> None:
            seen.append(run_repairs(moving.ledger, moving.sides))
            super().append(item)

    moving.legacy = moving.sides[LEGACY] = Slow()
    moving.remote.error = Unavailable("down")
    moving.append(turn(1))
    assert [(report.settled, report.in_progress) for report in seen] == [(0, 1)]
    moving.remote.error = None
    assert run_repairs(moving.ledger, moving.sides).settled == 1
    assert [*moving.held()] == [["1"], ["1"]]


def test_a_conversation_with_many_entries_is_replayed_as_a_whole(moving: Moving) -> None:
    for number in range(1001):
        moving.ledger.add("ask", "append", SESSION, LAMBDA, turn(number).model_dump(mode="json"))
    moving.legacy.append(turn(1))
    moving.remote.append(turn(2))
    moving.ledger.add("ask", "append", SESSION, LEGACY, turn(2).model_dump(mode="json"))
    assert moving.repair() == 1002
    assert [*moving.held()] == [["1", "2"]] * 2


# Any course of events


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["append", "append", "append", "forget", "retry", "repair"]),
        st.sampled_from(list(Stage)),
        st.sampled_from([None, LEGACY, LAMBDA]),
    ),
    max_size=12,
)


@given(STEPS)
@example([("append", Stage.DUALWRITE, LAMBDA), ("append", Stage.LIVE, None), ("repair", Stage.LIVE, None)])
@example([("append", Stage.LIVE, LEGACY), ("append", Stage.LEGACY, None), ("repair", Stage.LIVE, None)])
def test_every_acknowledged_turn_is_on_both_sides_after_all_replays(
    steps: list[tuple[str, Stage, Origin | None]],
) -> None:
    acknowledged: list[str] = []
    numbers = itertools.count(1)
    refused: list[Turn] = []
    with TemporaryDirectory() as folder, closing((moving := Moving(Path(folder) / "repairs.sqlite3")).ledger):
        for step, stage, failing in steps:
            moving.flags.current = stage
            for origin, side in moving.sides.items():
                side.error = Unavailable("down") if origin is failing else None
            try:
                if step == "repair":
                    moving.let_go()
                    run_repairs(moving.ledger, moving.sides)
                elif step == "forget":
                    acknowledged.clear()  # also where it fails: that was the visitor's wish
                    moving.forget()
                elif step == "append" or refused:
                    item = refused.pop() if step == "retry" else turn(next(numbers))
                    refused.append(item)
                    moving.append(item)
                    refused.pop()
                    acknowledged.append(item.turn_id)
            except Unavailable:
                pass
        for side in moving.sides.values():
            side.error = None
        moving.repair()
        dual = [stage for _, stage, _ in steps if stage not in (Stage.LEGACY, Stage.LAMBDA)]
        if len(dual) == len(steps):
            known = [{item.turn_id for item in side.turns(SESSION)} for side in moving.sides.values()]
            assert known[0] == known[1]
            assert known[0] >= set(acknowledged)
        assert moving.ledger.open_repairs() == []


# The drain


def test_the_drain_pays_while_it_runs_and_outlives_what_goes_wrong(
    moving: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: list[int] = []
    faults = iter([ZeroDivisionError("oops"), NotFound("odd")])

    def run(*_: Any) -> None:
        rounds.append(1)
        for fault in faults:
            raise fault

    monkeypatch.setattr(module, "run_repairs", run)
    drain = RepairWorker(moving.ledger, moving.sides, 0.01)
    assert eventually(lambda: len(rounds) >= 4)
    drain.close()
    done = len(rounds)
    assert not drain._thread.is_alive()
    assert len(rounds) == done


def test_the_repair_worker_resolves_pending_writes(moving: Moving) -> None:
    moving.remote.error = Unavailable("down")
    moving.append(turn(1))
    moving.remote.error = None
    drain = RepairWorker(moving.ledger, moving.sides, 0.01)
    assert eventually(lambda: moving.ledger.open_repairs() == [])
    drain.close()
    assert [*moving.held()] == [["1"], ["1"]]

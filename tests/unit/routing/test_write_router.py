"""Routing writes by stage: the order of the sides, the caller's result, and the writes left pending."""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from backend_clients.errors import (
    BackendError,
    Conflict,
    ContractViolation,
    InvalidRequest,
    NotFound,
    RateLimited,
    Timeout,
    Unavailable,
)
from backend_clients.http.session import ApiResponse
from backend_clients.routed import Origin, Routed
from backend_clients.routing.breaker import Breaker, CircuitOpen
from backend_clients.routing.read_router import Operation, Router
from backend_clients.routing.repair_ledger import Ledger
from backend_clients.routing.router_parts import RouterParts
from backend_clients.routing.shadow import ShadowPool
from backend_clients.routing.write_router import WriteOperation, WriteRouter
from backend_clients.stages import WRITES, Stage
from tests.support.sides.routed import Answer, FakeFlags, InlinePool, MemoryRecords, Question, endpoint, eventually

LEGACY, LAMBDA = Origin.LEGACY, Origin.LAMBDA
ORDER = {
    Stage.LEGACY: (LEGACY,),
    Stage.DUALWRITE: (LEGACY, LAMBDA),
    Stage.SHADOW: (LEGACY, LAMBDA),
    Stage.LIVE: (LAMBDA, LEGACY),
    Stage.RAMPDOWN: (LAMBDA, LEGACY),
    Stage.LAMBDA: (LAMBDA,),
}
BOTH = [stage for stage, sides in ORDER.items() if len(sides) == 2]
HANDING_OFF = [Stage.LIVE, Stage.RAMPDOWN]
OUTCOMES: dict[str, Answer | Exception] = {
    "kept": Answer(),
    "not found": NotFound("no such turn"),
    "invalid": InvalidRequest("too large"),
    "conflict": Conflict("kept with other content"),
    "unavailable": Unavailable("down"),
    "timeout": Timeout("late"),
    "violation": ContractViolation("odd"),
    "busy": RateLimited("busy", 3.0),
    "unexpected": ZeroDivisionError("oops"),
}
REFUSALS = ("not found", "invalid", "conflict")
TOLD = {
    "not found": "NotFound: no such turn",
    "invalid": "InvalidRequest: too large",
    "conflict": "Conflict: kept with other content",
    "unavailable": "Unavailable: down",
    "timeout": "Timeout: late",
    "violation": "ContractViolation: odd",
    "busy": "RateLimited: busy",
    "unexpected": "Unavailable: something went wrong",
}


@dataclass
class Writes:
    """A write router over two sides with outcomes by name; `seen` records calls and the writes then pending."""

    folder: Path
    stage: Stage
    legacy: str = "kept"
    remote: str = "kept"
    pool: Any = field(default_factory=InlinePool)
    before: dict[Origin, Callable[[], None]] = field(default_factory=dict)
    seen: list[tuple[Origin, str]] = field(default_factory=list)
    owed_then: list[list[Origin]] = field(default_factory=list)
    has_legacy: bool = True
    always_both_sides: bool = False

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.folder / "repairs.sqlite3")
        self.flags: Any = FakeFlags(self.stage)
        self.records: Any = MemoryRecords()
        self.breakers = {"quiz": Breaker("quiz", 5, 30.0)}
        self.router = WriteRouter(RouterParts(self.flags, self.breakers, self.pool, self.records, self.ledger))
        legacy = (lambda request: self._side(LEGACY, request)) if self.has_legacy else None
        self.operation = WriteOperation(
            "quiz",
            "append",
            legacy,
            lambda request: ApiResponse(self._side(LAMBDA, request)),
            lambda request: request.text[:1],
            always_both_sides=self.always_both_sides,
        )

    def _side(self, side: Origin, request: Question) -> Answer:
        self.seen.append((side, request.text))
        self.owed_then.append(self.owed())
        self.before.get(side, lambda: None)()
        outcome = OUTCOMES[self.legacy if side is LEGACY else self.remote]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def write(self, text: str = "a1") -> Routed[Any]:
        return self.router.write(self.operation, Question(text=text), "visitor")

    def owed(self) -> list[Origin]:
        return [repair.missing_on for repair in self.ledger.open_repairs()]


@pytest.fixture
def writes(tmp_path: Path) -> Iterator[Callable[..., Writes]]:
    made: list[Writes] = []

    def make(stage: Stage, **parts: Any) -> Writes:
        made.append(Writes(tmp_path / str(len(made)), stage, **parts))
        return made[-1]

    yield make
    for each in made:
        each.ledger.close()


def test_the_table_of_writes_is_the_one_that_is_tested() -> None:
    assert WRITES == ORDER
    assert list(ORDER) == list(Stage)


@pytest.mark.parametrize(("stage", "first", "second"), [*itertools.product(Stage, OUTCOMES, OUTCOMES)])
def test_a_write(writes: Any, stage: Stage, first: str, second: str) -> None:
    authoritative, *others = ORDER[stage]
    by_side = {authoritative: first, **dict.fromkeys(others, second)}
    made: Writes = writes(stage, legacy=by_side.get(LEGACY, second), remote=by_side.get(LAMBDA, second))
    first_failed = first not in ("kept", *REFUSALS)
    stands_in = stage in HANDING_OFF and first_failed
    handed_off = stands_in and second == "kept"

    error: BackendError | None = None
    routed = None
    try:
        routed = made.write()
    except BackendError as raised:
        error = raised

    # the caller sees what the authoritative side said, or that legacy took the write in its place
    if first == "kept" or handed_off:
        assert error is None
        assert routed is not None
        origin, reason = (LEGACY, f"handed off: {TOLD[first]}") if handed_off else (authoritative, "default")
        assert (routed.value, routed.origin, routed.stage, routed.reason) == (Answer(), origin, stage, reason)
        assert (routed.fell_back, routed.cold_start) == (handed_off, False)
    elif first == "unexpected":
        assert type(error) is Unavailable
    else:
        assert error is OUTCOMES[first]

    # the other side is called after it if it took the write, or in its place
    assert [side for side, _ in made.seen] == (
        [authoritative, *others] if first == "kept" or stands_in else [authoritative]
    )

    # the entry was there before any side was called; legacy takes a hand-off while both sides may miss it
    assert made.owed_then[0] == others
    if stands_in:
        assert made.owed_then[1] == [LEGACY, LAMBDA]

    # afterwards: resolved where both agree or the write was rejected, else pending, with the other side's reason
    repairs = made.ledger.open_repairs()
    assert [repair.missing_on for repair in repairs] == pending_after(stage, first, second)
    for repair in repairs:
        assert (repair.domain, repair.operation, repair.key) == ("quiz", "append", "a")
        assert repair.request == {"text": "a1"}
        replicated = first == "kept"
        assert (repair.attempts, repair.last_error) == ((1, TOLD[second]) if replicated else (0, ""))
        assert made.ledger.claimable_keys("quiz") == (["a"] if replicated else [])  # a lost write may still be made

    (call,) = made.records.calls
    assert (call.domain, call.operation, call.stage) == ("quiz", "append", stage)
    assert call.origin == (LEGACY if handed_off else authoritative)
    assert (call.failed, call.fell_back) == (first_failed and not handed_off, handed_off)
    assert made.records.comparisons == []


def pending_after(stage: Stage, first: str, second: str) -> list[Origin]:
    """The sides that may miss a write."""
    others = list(ORDER[stage][1:])
    if not others or first in REFUSALS or first == second == "kept":
        return []
    if first == "kept" or stage not in HANDING_OFF:
        return others
    return [LAMBDA] if second == "kept" else [LEGACY, LAMBDA]


# Kills


@pytest.mark.parametrize("stage", BOTH)
def test_a_kill_within_the_first_side_leaves_the_entry(writes: Any, stage: Stage) -> None:
    first, second = ORDER[stage]
    made: Writes = writes(stage, before={first: leave})
    with pytest.raises(SystemExit):
        made.write()
    assert [side for side, _ in made.seen] == [first]
    assert made.owed() == [second]
    assert made.ledger.claimable_keys("quiz") == []  # nobody knows yet that it will never be made


@pytest.mark.parametrize("stage", BOTH)
def test_a_kill_within_the_second_side_leaves_the_entry(writes: Any, stage: Stage) -> None:
    first, second = ORDER[stage]
    made: Writes = writes(stage, before={second: leave})
    with pytest.raises(SystemExit):
        made.write()
    assert [side for side, _ in made.seen] == [first, second]
    assert made.owed() == [second]


def leave() -> None:
    raise SystemExit(1)


@pytest.mark.parametrize("stage", BOTH)
def test_a_dropped_or_lost_second_write_stays_pending(writes: Any, stage: Stage) -> None:
    made: Writes = writes(stage, pool=InlinePool(full=True))
    assert made.write().value == Answer()
    assert len(made.seen) == 1
    assert made.owed() == [ORDER[stage][1]]
    assert made.ledger.claimable_keys("quiz") == ["a"]


@pytest.mark.parametrize("stage", BOTH)
def test_the_second_side_never_delays_the_caller(writes: Any, stage: Stage) -> None:
    gate = threading.Event()
    pool = ShadowPool(workers=1, queue_size=10, timeout=5.0)
    made: Writes = writes(stage, pool=pool, before={ORDER[stage][1]: lambda: bool(gate.wait(10))})
    assert made.write().value == Answer()
    assert eventually(lambda: len(made.seen) == 2)
    assert made.owed() == [ORDER[stage][1]]
    gate.set()
    assert pool.drain(5.0)
    assert made.owed() == []
    pool.close()


# The ledger itself down


@pytest.mark.parametrize("stage", Stage)
def test_without_a_ledger_nothing_is_written_where_two_sides_are(writes: Any, stage: Stage, tmp_path: Path) -> None:
    made: Writes = writes(stage)
    made.ledger.close()
    made.ledger._path = tmp_path / "file" / "repairs.sqlite3"
    (tmp_path / "file").write_text("in the way", "utf-8")
    if stage in BOTH:
        with pytest.raises(Unavailable, match="ledger"):
            made.write()
        assert made.seen == []
    else:
        made.owed = list  # type: ignore[method-assign]
        assert made.write().value == Answer()


# Order under a key


@pytest.mark.parametrize("stage", BOTH)
def test_the_caller_gets_a_rejection_even_if_the_ledger_fails_meanwhile(
    writes: Any, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: Writes = writes(stage, legacy="not found", remote="not found")

    def locked(_: int) -> None:
        raise Unavailable("the repair ledger cannot be written")

    monkeypatch.setattr(made.ledger, "resolve", locked)
    with pytest.raises(NotFound):
        made.write()
    assert made.owed() == [ORDER[stage][1]]


@pytest.mark.parametrize("stage", BOTH)
def test_a_write_that_was_made_is_a_success_also_where_the_second_is_dropped_and_the_ledger_fails(
    writes: Any, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, gate = threading.Event(), threading.Event()
    with closing(ShadowPool(workers=1, queue_size=1, timeout=5.0)) as pool:
        pool.submit(lambda: (entered.set(), gate.wait(10)), gate.set)
        assert entered.wait(5)
        pool.submit(gate.wait, gate.set)
        made: Writes = writes(stage, pool=pool)

        def locked(_: int) -> None:
            raise Unavailable("the repair ledger cannot be written")

        monkeypatch.setattr(made.ledger, "release", locked)
        assert made.write().value == Answer()
        gate.set()
    assert made.owed() == [ORDER[stage][1]]


def test_a_write_waits_while_an_earlier_one_under_its_key_is_pending(writes: Any) -> None:
    made: Writes = writes(Stage.DUALWRITE, remote="unavailable")
    made.write("a1")
    made.remote = "kept"
    made.write("a2")
    made.write("b1")
    assert [text for side, text in made.seen if side is LAMBDA] == ["a1", "b1"]
    assert [repair.request["text"] for repair in made.ledger.open_repairs()] == ["a1", "a2"]
    assert made.ledger.open_repairs()[1].last_error == ""
    for repair in made.ledger.open_repairs():
        made.ledger.resolve(repair.id)
    made.write("a3")
    assert made.owed() == []


def test_second_writes_of_a_key_stay_in_order_on_a_busy_pool(writes: Any) -> None:
    pool = ShadowPool(workers=4, queue_size=200, timeout=30.0)
    made: Writes = writes(Stage.LIVE, pool=pool)
    for number in range(40):
        made.write(f"a{number:02d}")
    assert pool.drain(20.0)
    second = [text for side, text in made.seen if side is LEGACY]
    assert second == sorted(second)
    owed = [repair.request["text"] for repair in made.ledger.open_repairs()]
    assert sorted([*second, *owed]) == [f"a{number:02d}" for number in range(40)]
    pool.close()


# A stage that changes while something is owed


@pytest.mark.parametrize(
    ("stage", "single", "owing"), [(Stage.LIVE, Stage.LEGACY, LEGACY), (Stage.DUALWRITE, Stage.LAMBDA, LAMBDA)]
)
def test_a_write_to_a_lagging_side_alone_is_pending_on_the_other_side(
    writes: Any, stage: Stage, single: Stage, owing: Origin
) -> None:
    made: Writes = writes(stage, **{"legacy" if owing is LEGACY else "remote": "unavailable"})
    made.write("a1")
    assert made.owed() == [owing]
    made.flags.current = single
    made.legacy = made.remote = "kept"
    routed = made.write("a2")
    assert (routed.origin, routed.stage) == (owing, single)
    assert set(made.owed()) == {LEGACY, LAMBDA}
    assert made.seen[-1] == (owing, "a2")
    made.write("b1")
    assert made.seen[-1] == (owing, "b1")
    assert len(made.owed()) == 2


@pytest.mark.parametrize("stage", Stage)
def test_without_a_legacy_side_lambda_is_written_and_nothing_is_pending(writes: Any, stage: Stage) -> None:
    made: Writes = writes(stage, has_legacy=False)
    assert (made.write().origin, made.seen, made.owed()) == (LAMBDA, [(LAMBDA, "a1")], [])


# What both sides get whatever the stage


@pytest.mark.parametrize("stage", Stage)
def test_a_write_everywhere_reaches_the_other_side_in_every_stage(writes: Any, stage: Stage) -> None:
    made: Writes = writes(stage, always_both_sides=True)
    authoritative = ORDER[stage][0]
    routed = made.write()
    other = LEGACY if authoritative is LAMBDA else LAMBDA
    assert (routed.origin, [side for side, _ in made.seen], made.owed()) == (authoritative, [authoritative, other], [])


@pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.LAMBDA])
def test_a_write_to_both_sides_is_pending_on_the_side_that_missed_it(writes: Any, stage: Stage) -> None:
    other = LEGACY if stage is Stage.LAMBDA else LAMBDA
    made: Writes = writes(stage, always_both_sides=True, **{"legacy" if other is LEGACY else "remote": "unavailable"})
    assert made.write().value == Answer()
    assert made.owed() == [other]


# The circuit and reads


def test_an_open_circuit_leaves_second_writes_pending_and_hands_first_ones_off(writes: Any) -> None:
    made: Writes = writes(Stage.DUALWRITE, remote="timeout")
    for number in range(7):
        made.write(f"{number}x")
    assert len([side for side, _ in made.seen if side is LAMBDA]) == 5
    assert [repair.last_error.split(":")[0] for repair in made.ledger.open_repairs()] == ["Timeout"] * 5 + [
        "CircuitOpen"
    ] * 2
    made.flags.current = Stage.LIVE
    assert made.write("z1").reason.startswith("handed off: CircuitOpen")
    assert LEGACY not in made.owed()
    assert "z" in made.ledger.claimable_keys("quiz")  # Lambda was not called, so nothing can still be on its way
    made.legacy = "unavailable"
    with pytest.raises(CircuitOpen):
        made.write("y1")
    assert [repair.missing_on for repair in made.ledger.open_repairs() if repair.key == "y"] == [LAMBDA]
    made.legacy = "invalid"
    with pytest.raises(CircuitOpen):
        made.write("x1")
    assert "x" not in {repair.key for repair in made.ledger.open_repairs()}  # neither side can have written it


@pytest.mark.parametrize("stage", HANDING_OFF)
def test_a_conversation_that_was_handed_off_stays_with_legacy_until_it_is_repaired(writes: Any, stage: Stage) -> None:
    made: Writes = writes(stage, remote="unavailable")
    made.write("a1")
    made.remote = "kept"
    routed = made.write("a2")
    assert (routed.origin, routed.fell_back) == (LEGACY, False)
    assert made.seen[-1] == (LEGACY, "a2")  # its replication waits for the earlier write
    assert made.owed() == [LAMBDA, LAMBDA]
    assert made.write("b1").origin == LAMBDA
    for repair in made.ledger.open_repairs():
        made.ledger.resolve(repair.id)
    assert made.write("a3").origin == LAMBDA


@pytest.mark.parametrize("stage", HANDING_OFF)
def test_a_kill_while_legacy_takes_a_write_leaves_both_sides_pending(writes: Any, stage: Stage) -> None:
    made: Writes = writes(stage, remote="timeout", before={LEGACY: leave})
    with pytest.raises(SystemExit):
        made.write()
    assert made.owed() == [LEGACY, LAMBDA]


def test_without_a_ledger_nothing_is_handed_off(writes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made: Writes = writes(Stage.LIVE, remote="unavailable")
    add = made.ledger.add

    def once(*entry: Any) -> int:
        monkeypatch.setattr(made.ledger, "add", full)
        return add(*entry)

    def full(*_: Any) -> int:
        raise Unavailable("the repair ledger cannot be written")

    monkeypatch.setattr(made.ledger, "add", once)
    with pytest.raises(Unavailable, match="down"):
        made.write()
    assert [side for side, _ in made.seen] == [LAMBDA]
    assert made.owed() == [LEGACY]


def test_a_read_under_a_key_avoids_a_lagging_side_until_it_caught_up(writes: Any) -> None:
    made: Writes = writes(Stage.LIVE, legacy="unavailable")
    reads = Operation(
        endpoint("quiz", "history"),
        lambda _: Answer(text="legacy"),
        lambda _, *, shadow=False: ApiResponse(Answer(text="lambda")),
        lambda answer: {"text": answer.text},
        key=lambda request: request.text[:1],
    )
    router = Router(RouterParts(made.flags, made.breakers, made.pool, made.records, made.ledger))
    made.write("a1")
    made.flags.current = Stage.LEGACY
    assert router.read(reads, Question(text="a2"), "visitor").origin is LAMBDA
    assert router.read(reads, Question(text="b1"), "visitor").origin is LEGACY
    made.ledger.resolve(made.ledger.open_repairs()[0].id)
    assert router.read(reads, Question(text="a2"), "visitor").origin is LEGACY

"""The repair ledger: pending writes stay on disk until they are resolved."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_clients.errors import Unavailable
from backend_clients.routed import Origin
from backend_clients.routing import repair_ledger as module
from backend_clients.routing.repair_ledger import Ledger

LEGACY, LAMBDA = Origin.LEGACY, Origin.LAMBDA
BEFORE_LEASES = (
    "CREATE TABLE repairs (id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, domain TEXT NOT NULL,"
    " operation TEXT NOT NULL, key TEXT NOT NULL, owed_by TEXT NOT NULL, request TEXT NOT NULL,"
    " attempts INTEGER NOT NULL DEFAULT 0, last_error TEXT NOT NULL DEFAULT '')"
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(Ledger(tmp_path / "made" / "repairs.sqlite3")) as made:
        yield made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the time that the ledger reads."""
    now = [1000.0]
    monkeypatch.setattr(module.time, "time", lambda: now[0])

    def at(moment: float) -> None:
        now[0] = moment

    return at


def numbers(ledger: Ledger, **asked: Any) -> list[int]:
    return [repair.id for repair in ledger.open_repairs(**asked)]


def test_an_entry_holds_the_write(ledger: Ledger, clock: Callable[[float], None]) -> None:
    clock(1234.5)
    entry = ledger.add("ask", "append", "one", LAMBDA, {"question": "Größe?", "sources": [1]})
    (repair,) = ledger.open_repairs()
    assert (repair.id, repair.at, repair.domain, repair.operation, repair.key) == (
        entry,
        1234.5,
        "ask",
        "append",
        "one",
    )
    assert (repair.missing_on, repair.request) == (LAMBDA, {"question": "Größe?", "sources": [1]})
    assert (repair.attempts, repair.last_error) == (0, "")


def test_an_entry_is_on_disk_as_soon_as_it_is_added(ledger: Ledger, tmp_path: Path) -> None:
    ledger.add("ask", "append", "one", LAMBDA, {})
    with closing(sqlite3.connect(tmp_path / "made" / "repairs.sqlite3")) as connection:
        assert connection.execute("SELECT COUNT(*) FROM repairs").fetchone() == (1,)
    with closing(Ledger(tmp_path / "made" / "repairs.sqlite3")) as other:
        assert len(other.open_repairs()) == 1


def test_what_is_settled_is_gone_and_numbers_are_never_used_again(ledger: Ledger) -> None:
    first = ledger.add("ask", "append", "one", LAMBDA, {})
    ledger.resolve(first)
    ledger.resolve(first)
    second = ledger.add("ask", "append", "one", LAMBDA, {})
    assert (second > first, numbers(ledger)) == (True, [second])


def test_a_failure_is_counted_and_its_reason_kept(ledger: Ledger) -> None:
    entry = ledger.add("ask", "append", "one", LAMBDA, {})
    ledger.failed(entry, "Timeout: late")
    ledger.failed(entry, "x" * 1000)
    (repair,) = ledger.open_repairs()
    assert (repair.attempts, repair.last_error) == (2, "x" * 500)
    ledger.failed(999, "nobody's")


def test_writes_take_turns_under_their_key(ledger: Ledger) -> None:
    first = ledger.add("ask", "append", "one", LAMBDA, {})
    other = ledger.add("ask", "append", "two", LAMBDA, {})
    second = ledger.add("ask", "append", "one", LAMBDA, {})
    assert [ledger.may_replicate_now("ask", "one", entry) for entry in (first, second)] == [True, False]
    assert ledger.may_replicate_now("ask", "two", other)
    ledger.resolve(first)
    assert ledger.may_replicate_now("ask", "one", second)
    assert not ledger.may_replicate_now("ask", "one", first)
    ledger.resolve(second)
    assert not ledger.may_replicate_now("ask", "one", second)


# Who is at work


def test_an_entry_belongs_to_its_writer_until_it_fails_is_released_or_the_lease_expires(
    tmp_path: Path, clock: Callable[[float], None]
) -> None:
    with closing(Ledger(tmp_path / "repairs.sqlite3", lease=20.0)) as ledger:
        entries = [ledger.add("ask", "append", key, LAMBDA, {}) for key in ("failed", "let-go", "killed", "late")]
        ledger.add("quiz", "append", "other", LAMBDA, {})
        assert ledger.claimable_keys("ask") == []
        assert [ledger.claim("ask", key) for key in ("failed", "let-go", "killed")] == [[], [], []]
        ledger.failed(entries[0], "Timeout: late")
        ledger.release(entries[1])
        assert ledger.claimable_keys("ask") == ["failed", "let-go"]
        clock(1010.5)
        assert not ledger.may_replicate_now("ask", "late", entries[3])
        assert ledger.claimable_keys("ask") == ["failed", "let-go"]
        clock(1021.0)
        assert ledger.claimable_keys("ask") == ["failed", "let-go", "killed", "late"]


def test_one_young_entry_keeps_its_whole_conversation_from_being_repaired(ledger: Ledger) -> None:
    ledger.failed(ledger.add("ask", "append", "one", LAMBDA, {}), "Timeout: late")
    young = ledger.add("ask", "append", "one", LAMBDA, {})
    assert (ledger.claimable_keys("ask"), ledger.claim("ask", "one")) == ([], [])
    assert not ledger.may_replicate_now(
        "ask", "one", young
    )  # the earlier one is owed: this one is left to the same repair
    assert ledger.claimable_keys("ask") == ["one"]


def test_who_claims_a_conversation_has_it_alone_until_the_lease_is_over(
    tmp_path: Path, clock: Callable[[float], None]
) -> None:
    path = tmp_path / "repairs.sqlite3"
    with closing(Ledger(path, lease=20.0)) as ledger, closing(Ledger(path, lease=20.0)) as other:
        for number in range(1200):
            ledger.release(ledger.add("ask", "append", "one", LAMBDA, {"n": number}))
        assert [repair.request["n"] for repair in ledger.claim("ask", "one")] == list(range(1200))
        assert other.claim("ask", "one") == ledger.claim("ask", "one") == []
        clock(1020.5)
        assert len(other.claim("ask", "one")) == 1200
        assert ledger.claim("ask", "nobody") == []


def test_a_lease_granted_while_a_claim_waits_for_the_lock_is_in_force(ledger: Ledger, tmp_path: Path) -> None:
    entry = ledger.add("ask", "append", "s1", LAMBDA, {})
    ledger.release(entry)
    path = tmp_path / "made" / "repairs.sqlite3"
    with closing(Ledger(path)) as other, closing(sqlite3.connect(path, timeout=5.0)) as lock:
        lock.execute("BEGIN IMMEDIATE")
        claimed: list[int] = []
        waiting = threading.Thread(target=lambda: claimed.append(len(other.claim("ask", "s1"))))
        waiting.start()
        time.sleep(0.1)  # the claim has begun and waits for the lock
        lock.execute("UPDATE repairs SET due = ?", (time.time() + ledger.lease,))
        lock.commit()
        waiting.join()
    assert claimed == [0]


def test_a_ledger_from_before_leases_is_read_on(tmp_path: Path) -> None:
    path = tmp_path / "repairs.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(BEFORE_LEASES)
        connection.execute(
            "INSERT INTO repairs (at, domain, operation, key, owed_by, request)"
            " VALUES (1, 'ask', 'append', 'one', ?, '{}')",
            (LAMBDA.value,),
        )
    with closing(Ledger(path)) as ledger:
        assert ledger.claimable_keys("ask") == ["one"]
        assert len(ledger.claim("ask", "one")) == 1


def test_many_may_open_a_ledger_from_before_leases_at_the_same_moment(tmp_path: Path) -> None:
    for number in range(10):
        path = tmp_path / f"{number}.sqlite3"
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(BEFORE_LEASES)
        together = threading.Barrier(8)

        def read(_: int, path: Path = path, together: threading.Barrier = together) -> list[str]:
            together.wait(10)
            with closing(Ledger(path)) as ledger:
                return ledger.claimable_keys("ask")

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(read, range(8))) == [[]] * 8


def test_reading_pending_writes_does_not_wait_for_writers(ledger: Ledger, tmp_path: Path) -> None:
    ledger.add("ask", "append", "one", LAMBDA, {})
    assert ledger.lagging_sides("ask", "one") == {LAMBDA}
    path = tmp_path / "made" / "repairs.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as other, ThreadPoolExecutor(1) as pool:
        other.execute("BEGIN IMMEDIATE")
        writing = pool.submit(ledger.add, "ask", "append", "one", LEGACY, {})
        time.sleep(0.2)
        began = time.monotonic()
        assert ledger.lagging_sides("ask", "one") == {LAMBDA}
        assert len(ledger.open_repairs()) == 1
        assert time.monotonic() - began < 1
        assert not writing.done()
        other.execute("COMMIT")
        writing.result(10)
    assert ledger.lagging_sides("ask", "one") == {LAMBDA, LEGACY}


def test_lagging_sides_under_a_key(ledger: Ledger) -> None:
    assert ledger.lagging_sides("ask", "one") == frozenset()
    entry = ledger.add("ask", "append", "one", LAMBDA, {})
    ledger.add("ask", "append", "one", LEGACY, {})
    ledger.add("ask", "append", "two", LEGACY, {})
    assert ledger.lagging_sides("ask", "one") == {LEGACY, LAMBDA}
    assert ledger.lagging_sides("quiz", "one") == frozenset()
    ledger.resolve(entry)
    assert ledger.lagging_sides("ask", "one") == {LEGACY}


def test_pending_writes_are_listed_oldest_first_by_domain_age_and_number(
    ledger: Ledger, clock: Callable[[float], None]
) -> None:
    entries = []
    for moment, domain in ((1000.0, "ask"), (1001.0, "quiz"), (1003.0, "ask")):
        clock(moment)
        entries.append(ledger.add(domain, "append", "one", LAMBDA, {}))
    clock(1004.0)
    assert numbers(ledger) == entries
    assert numbers(ledger, domain="ask") == [entries[0], entries[2]]
    assert numbers(ledger, domain="ask", older_than=2.0) == [entries[0]]
    assert numbers(ledger, older_than=1.0) == entries
    assert numbers(ledger, limit=2) == entries[:2]


@pytest.mark.parametrize("content", [None, b"this is no database" * 100])
def test_a_ledger_that_cannot_be_used_is_unavailable(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "file"
    path.write_bytes(content or b"")
    ledger = Ledger(path if content else path / "repairs.sqlite3")
    for call in (
        lambda: ledger.add("ask", "append", "one", LAMBDA, {}),
        lambda: ledger.resolve(1),
        lambda: ledger.failed(1, "x"),
        lambda: ledger.release(1),
        lambda: ledger.may_replicate_now("ask", "one", 1),
        lambda: ledger.lagging_sides("ask", "one"),
        lambda: ledger.claim("ask", "one"),
        lambda: ledger.claimable_keys("ask"),
        ledger.open_repairs,
    ):
        with pytest.raises(Unavailable, match="the repair ledger cannot be"):
            call()


def test_a_ledger_closed_is_opened_again_when_used(ledger: Ledger) -> None:
    entry = ledger.add("ask", "append", "one", LAMBDA, {})
    ledger.close()
    ledger.close()
    assert numbers(ledger) == [entry]


STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "settle", "fail"]), st.sampled_from("ab"), st.sampled_from(Origin)), max_size=25
)


@given(STEPS)
@settings(max_examples=30)
def test_any_course_of_events_agrees_with_a_list(steps: list[tuple[str, str, Origin]]) -> None:
    with TemporaryDirectory() as folder, closing(Ledger(Path(folder) / "repairs.sqlite3")) as ledger:
        model: list[tuple[int, str, Origin]] = []
        for step, key, side in steps:
            if step == "add":
                model.append((ledger.add("ask", "append", key, side, {}), key, side))
            elif model and step == "settle":
                ledger.resolve(model.pop(0)[0])
            elif model:
                ledger.failed(model[-1][0], "error")
            assert [(repair.id, repair.key, repair.missing_on) for repair in ledger.open_repairs()] == model
            for name in "ab":
                assert ledger.lagging_sides("ask", name) == {of for _, under, of in model if under == name}
            for place, (entry, under, _) in enumerate(model):
                earlier = any(other == under for _, other, _ in model[:place])
                assert ledger.may_replicate_now("ask", under, entry) is not earlier

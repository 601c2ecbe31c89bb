"""Backfill: old conversations reach the Lambda side, also when it is stopped; a verification finds what differs."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.ask.conversations import LegacyReplica
from backend_clients.ask.in_process.conversation_store import ConversationStore
from backend_clients.errors import Unavailable
from backend_clients.migration.backfill_log import BackfillLog
from backend_clients.migration.conversations import backfill as module
from backend_clients.migration.conversations.backfill import Backfill, Difference, stored_sessions
from backend_clients.routed import Origin
from backend_clients.storage.sqlite import open_database
from contracts.conversations import FeedbackRequest
from tests.support.builders.stories import story
from tests.support.sides.conversations import FakeConversations
from tests.support.sides.in_process import LegacySides, turn

NAMES = [f"session-number-{number:03d}" for number in range(7)]


class Old:
    """Legacy's conversations of one to three turns each, an empty Lambda side, and the log."""

    def __init__(self, folder: Path, names: list[str] = NAMES) -> None:
        side = LegacySides([story()], {})
        self.legacy = LegacyReplica(side.ask(folder))
        self.store: ConversationStore = side.store
        self.remote = FakeConversations()
        self.log = BackfillLog(folder / "records.sqlite3")
        listings = {Origin.LEGACY: stored_sessions(self.store), Origin.LAMBDA: self.remote.sessions}
        self.work = Backfill(listings, {Origin.LEGACY: self.legacy, Origin.LAMBDA: self.remote}, self.log)
        self.count = 0
        for number, name in enumerate(names):
            for place in range(1 + number % 3):
                self.store.append(turn(place, session_id=name))
                self.count += 1

    def fill(self, pause: float = 0.0) -> tuple[int, list[int]]:
        told: list[int] = []
        return self.work.run(told.append, pause), told

    def differences(self) -> list[Difference]:
        return self.work.verify(lambda _: None)

    def alike(self) -> bool:
        return all(self.legacy.read(name) == self.remote.read(name) for name in (*NAMES, *self.remote.kept))


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Old]:
    made = Old(tmp_path)
    yield made
    made.store.close()


def test_every_session_is_copied_and_reported(old: Old) -> None:
    assert old.fill() == (old.count, [1, 2, 3, 1, 2, 3, 1])
    assert old.alike()
    assert old.log.done_through("ask") == ""


def test_a_second_run_starts_over_and_writes_nothing(old: Old) -> None:
    old.fill()
    done = list(old.remote.done)
    assert old.fill() == (0, [0] * 7)
    assert old.remote.done == done


def test_what_lambda_alone_was_given_reaches_legacy_in_sessions_of_both_and_of_its_own(old: Old) -> None:
    """As after a rollback from the stage in which legacy is written no more."""
    old.fill()
    for name in (NAMES[1], "session-of-lambda-alone", "a-session-before-all"):
        old.remote.append(turn(99, session_id=name))
        old.remote.rate(FeedbackRequest(session_id=name, turn_id="turn-0099", helpful=True, rated_at=7))
    assert [found.session_id for found in old.differences()] == [
        "a-session-before-all",
        NAMES[1],
        "session-of-lambda-alone",
    ]
    assert old.fill() == (3, [1, 0, 1, 0, 0, 0, 0, 0, 1])
    assert old.alike()
    assert old.differences() == []
    assert len(old.legacy.read(NAMES[1]).turns) == 3
    assert [it.rated_at for it in old.legacy.read("session-of-lambda-alone").verdicts] == [7]


def test_verdicts_are_copied_and_compared(old: Old) -> None:
    old.fill()
    old.store.rate(FeedbackRequest(session_id=NAMES[0], turn_id="turn-0000", helpful=False, comment="hm", rated_at=7))
    assert old.differences() == [Difference(NAMES[0], 1, 1)]
    old.fill()
    assert old.differences() == []


def test_turns_that_differ_under_one_id_stay_until_somebody_says_whose_are_to_stay(old: Old) -> None:
    old.fill()
    old.remote.kept[NAMES[2]]["turn-0001"] = turn(1, session_id=NAMES[2], answer="Other")
    old.remote.append(turn(50, session_id=NAMES[2]))
    assert old.fill()[0] == 0
    assert old.differences() == [Difference(NAMES[2], 4, 4, conflicts=1)]
    assert old.work.run(lambda _: None, keep=Origin.LAMBDA) == 4
    assert old.differences() == []
    assert old.legacy.read(NAMES[2]).turns[1].answer == "Other"


@pytest.mark.parametrize("stopped_at", range(len(NAMES)))
def test_a_run_that_was_stopped_goes_on_after_the_last_session_it_finished(old: Old, stopped_at: int) -> None:
    old.remote.errors = {NAMES[stopped_at]: Unavailable("down")}
    with pytest.raises(Unavailable):
        old.fill()
    assert old.log.done_through("ask") == (NAMES[stopped_at - 1] if stopped_at else "")
    copied = sum(len(kept) for kept in old.remote.kept.values())
    old.remote.errors = {}
    written, told = old.fill()
    assert (written, len(told)) == (old.count - copied, len(NAMES) - stopped_at)
    assert old.alike()
    assert old.fill()[1] == [0] * 7


def test_a_kill_within_a_session_is_made_good(old: Old) -> None:
    append = old.remote.append
    calls: list[str] = []

    def dying(item: object) -> None:
        append(item)  # type: ignore[arg-type]
        calls.append("")
        if len(calls) == 5:
            raise KeyboardInterrupt

    old.remote.append = dying  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        old.fill()
    old.fill()
    assert old.alike()
    assert old.differences() == []


def test_a_pause_follows_each_session(old: Old, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(module.time, "sleep", pauses.append)
    old.fill(pause=0.5)
    assert pauses == [0.5] * 7
    old.fill()
    assert len(pauses) == 7


# Verification


def test_a_verification_counts_sessions_and_finds_what_differs(old: Old) -> None:
    old.fill()
    assert old.differences() == []
    checked = old.log.last_verification("ask")
    assert checked is not None
    assert (checked.sessions, checked.different, checked.clean) == (7, 0, True)
    old.remote.forget(NAMES[0])
    old.remote.append(turn(9, session_id=NAMES[1]))
    old.remote.kept[NAMES[3]] = {"turn-0000": turn(0, session_id=NAMES[3], answer="Other")}
    assert old.differences() == [
        Difference(NAMES[0], 1, 0),
        Difference(NAMES[1], 2, 3),
        Difference(NAMES[3], 1, 1, conflicts=1),
    ]
    checked = old.log.last_verification("ask")
    assert checked is not None
    assert (checked.sessions, checked.different, checked.clean) == (7, 3, False)


def test_a_verification_changes_nothing(old: Old) -> None:
    assert len(old.differences()) == 7
    assert old.remote.done == []
    assert old.remote.kept == {}


def test_a_verification_that_cannot_be_made_is_not_kept(old: Old) -> None:
    old.remote.errors = {NAMES[4]: Unavailable("down")}
    with pytest.raises(Unavailable):
        old.differences()
    assert old.log.last_verification("ask") is None


def test_the_log_is_kept_by_domain(old: Old, tmp_path: Path) -> None:
    old.log.note("ask", "one")
    old.log.note("ask", "two")
    old.log.add_verification("quiz", 5, 1)
    again = BackfillLog(tmp_path / "records.sqlite3")
    assert (again.done_through("ask"), again.done_through("quiz")) == ("two", "")
    assert again.last_verification("ask") is None
    kept = again.last_verification("quiz")
    assert kept is not None
    assert kept.at > 0


def test_no_conversations_are_nothing_to_do(tmp_path: Path) -> None:
    old = Old(tmp_path, [])
    assert old.fill() == (0, [])
    assert old.differences() == []
    checked = old.log.last_verification("ask")
    assert checked is not None
    assert checked.sessions == 0


@given(st.sets(st.integers(0, 999), max_size=12), st.integers(1, 5), st.integers(-1, 999))
def test_sessions_are_walked_in_batches_of_any_size(numbers: set[int], batch: int, after: int) -> None:
    with TemporaryDirectory() as folder, closing(ConversationStore(Path(folder, "kept.sqlite3"))) as store:
        for number in numbers:
            store.append(turn(1, session_id=f"session-number-{number:03d}"))

        class Batched:
            def sessions(self, after: str) -> list[str]:
                return store.sessions(after, batch)

        start = f"session-number-{after:03d}" if after >= 0 else ""
        walked = list(stored_sessions(Batched())(start))  # type: ignore[arg-type]
        assert walked == [f"session-number-{number:03d}" for number in sorted(numbers) if number > after]


def test_reading_the_log_makes_no_file_and_waits_for_no_writer(tmp_path: Path) -> None:
    path = tmp_path / "made" / "migration.sqlite3"
    log = BackfillLog(path)
    assert (log.done_through("ask"), log.last_verification("ask")) == ("", None)
    assert list(tmp_path.iterdir()) == []
    open_database(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert (log.done_through("ask"), log.last_verification("ask")) == ("", None)
        assert time.monotonic() - began < 1

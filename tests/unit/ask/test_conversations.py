"""Conversations in SQLite: each acknowledged turn once and for good, in order, page by page; and copying a session."""

import contextlib
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.ask.conversations import Conversation, LambdaReplica, LegacyReplica
from backend_clients.ask.in_process.conversation_store import ConversationStore, cursor_of
from backend_clients.errors import Conflict, ContractViolation, InvalidRequest, NotFound, Unavailable
from backend_clients.http.session import ApiResponse
from backend_clients.settings import REPOSITORY
from contracts.ask import Modes, Source
from contracts.conversations import (
    MAX_PAGE_BYTES,
    MAX_TURN_BYTES,
    FeedbackRequest,
    History,
    HistoryRequest,
    Rating,
    Turn,
)
from tests.support.builders.stories import story
from tests.support.sides.in_process import SESSION, LegacySides, turn

OTHER = "session-of-another-visitor"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConversationStore]:
    with contextlib.closing(ConversationStore(tmp_path / "made" / "conversations.sqlite3")) as made:
        yield made


def page(store: ConversationStore, limit: int = 20, before: str = "", session: str = SESSION) -> tuple[list[Turn], str]:
    return store.page(HistoryRequest(session_id=session, limit=limit, before=before))


def rating(
    number: int, helpful: bool = True, comment: str = "", session: str = SESSION, at: int = 0
) -> FeedbackRequest:
    return FeedbackRequest(
        session_id=session, turn_id=f"turn-{number:04d}", helpful=helpful, comment=comment, rated_at=at
    )


def verdict(number: int, helpful: bool = True, comment: str = "", at: int = 0) -> Rating:
    return Rating(turn_id=f"turn-{number:04d}", helpful=helpful, comment=comment, rated_at=at)


# Appending


def test_a_turn_is_kept_as_it_was(store: ConversationStore) -> None:
    full = turn(1, question="“Größe”\n\t👍", answer="# 40%\n", story_id="a|b", refused="", modes=Modes(narrative="n"))
    assert store.append(full)
    assert page(store) == ([full], "")


def test_the_same_turn_again_is_kept_once(store: ConversationStore) -> None:
    assert [store.append(turn(1)) for _ in range(3)] == [True, False, False]
    assert page(store) == ([turn(1)], "")


@pytest.mark.parametrize(
    "fields",
    [{"question": "Other"}, {"answer": "Other"}, {"asked_at": 1}, {"sources": ()}, {"refused": "x"}, {"story_id": "a"}],
)
def test_the_same_id_with_other_content_is_a_conflict(store: ConversationStore, fields: dict[str, Any]) -> None:
    store.append(turn(1))
    with pytest.raises(Conflict, match="turn already kept with other content"):
        store.append(turn(1, **fields))
    assert page(store) == ([turn(1)], "")
    assert store.append(turn(2))


def test_another_session_may_use_the_same_id(store: ConversationStore) -> None:
    store.append(turn(1))
    assert store.append(turn(1, session_id=OTHER, answer="Other"))
    assert page(store)[0] == [turn(1)]


def test_a_turn_that_is_too_large_is_refused(store: ConversationStore) -> None:
    large = turn(1, modes=Modes(deep_dive="x" * MAX_TURN_BYTES))
    with pytest.raises(InvalidRequest):
        store.append(large)
    fits = MAX_TURN_BYTES - len(turn(1, modes=Modes()).model_dump_json().encode())
    assert store.append(turn(1, modes=Modes(deep_dive="x" * fits)))
    with pytest.raises(InvalidRequest):
        store.append(turn(2, modes=Modes(deep_dive="é" * (fits // 2 + 1))))


# Pages


def test_a_page_holds_the_newest_turns_oldest_first(store: ConversationStore) -> None:
    for number in (3, 1, 5, 2, 4):
        store.append(turn(number))
    newest, before = page(store, limit=2)
    assert ([item.turn_id for item in newest], before) == (["turn-0004", "turn-0005"], cursor_of(turn(4)))
    assert before == "1750000000004#turn-0004"
    middle, before = page(store, limit=2, before=before)
    assert [item.turn_id for item in middle] == ["turn-0002", "turn-0003"]
    assert page(store, limit=2, before=before) == ([turn(1)], "")
    assert page(store, limit=5)[1] == ""


def test_a_page_of_large_turns_is_shorter_as_it_is_on_the_other_side(store: ConversationStore) -> None:
    large = [turn(number, modes=Modes(deep_dive="é" * 95_000)) for number in range(12)]
    for item in large:
        store.append(item)
    size = len(large[0].model_dump_json().encode())
    newest, before = page(store, limit=100)
    assert newest == large[-(MAX_PAGE_BYTES // size) :]
    assert page(store, limit=100, before=before) == (large[: len(large) - len(newest)], "")


def test_turns_of_the_same_moment_go_by_id(store: ConversationStore) -> None:
    for number in (2, 3, 1):
        store.append(turn(number, asked_at=7))
    assert [item.turn_id for item in page(store)[0]] == ["turn-0001", "turn-0002", "turn-0003"]


@pytest.mark.parametrize("before", ["0", "zzz", "1750000000002", "'; DROP TABLE turns; --", "%"])
def test_any_cursor_is_only_a_point_in_time(store: ConversationStore, before: str) -> None:
    for number in (1, 2, 3):
        store.append(turn(number))
    shown, _ = page(store, before=before)
    assert [item for item in (turn(1), turn(2), turn(3)) if cursor_of(item) < before] == shown


def test_a_session_that_nobody_had_is_empty(store: ConversationStore) -> None:
    store.append(turn(1))
    assert page(store, session=OTHER) == ([], "")


MOMENTS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9999)), unique_by=lambda item: item[1], max_size=25)


@given(MOMENTS, st.integers(1, 7))
def test_pages_put_together_are_all_turns_in_order(moments: list[tuple[int, int]], limit: int) -> None:
    with TemporaryDirectory() as folder, contextlib.closing(ConversationStore(Path(folder, "kept.sqlite3"))) as store:
        kept = [turn(number, asked_at=10 ** (asked_at % 13) + asked_at) for asked_at, number in moments]
        for item in kept:
            store.append(item)
        told: list[Turn] = []
        before = ""
        for _ in range(len(kept) + 1):
            shown, before = page(store, limit=limit, before=before)
            assert len(shown) <= limit
            told = shown + told
            if not before:
                break
        assert told == sorted(kept, key=lambda item: (item.asked_at, item.turn_id))


# Forgetting and rating


def test_forgetting_takes_turns_and_ratings_of_one_session(store: ConversationStore) -> None:
    for number in (1, 2):
        store.append(turn(number))
        store.append(turn(number, session_id=OTHER))
    store.rate(rating(1))
    store.rate(rating(1, session=OTHER))
    assert (store.forget(SESSION), store.forget(SESSION), store.forget("nobody")) == (2, 0, 0)
    assert page(store) == ([], "")
    assert len(page(store, session=OTHER)[0]) == 2
    assert store.verdicts_on([turn(1), turn(2), turn(1, session_id=OTHER)]) == [verdict(1)]
    assert store.append(turn(1, answer="Written again"))
    assert store.verdicts_on([turn(1)]) == []


def test_a_later_verdict_replaces_the_earlier_and_an_earlier_one_changes_nothing(store: ConversationStore) -> None:
    store.append(turn(1))
    store.append(turn(2))
    store.rate(rating(2, at=5))
    for comment, at in (("good", 5), ("at once", 5), ("late", 4), ("no, bad", 6), ("later still", 0)):
        store.rate(rating(1, helpful=comment != "no, bad", comment=comment, at=at))
    assert store.verdicts_on([turn(2), turn(1)]) == [verdict(2, at=5), verdict(1, False, "no, bad", 6)]


def test_verdicts_of_a_file_from_before_they_had_a_time_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE feedback (session_id TEXT NOT NULL, turn_id TEXT NOT NULL, helpful INTEGER NOT NULL,"
            " comment TEXT NOT NULL, PRIMARY KEY (session_id, turn_id)) WITHOUT ROWID"
        )
        connection.execute("INSERT INTO feedback VALUES (?, 'turn-0001', 0, 'hm')", (SESSION,))
    with contextlib.closing(ConversationStore(path)) as store:
        assert store.verdicts_on([turn(1)]) == [verdict(1, False, "hm")]
        store.append(turn(1))
        store.rate(rating(1, at=7))
        assert store.verdicts_on([turn(1)]) == [verdict(1, at=7)]


@pytest.mark.parametrize("feedback", [rating(2), rating(1, session=OTHER)])
def test_only_a_turn_of_the_session_can_be_rated(store: ConversationStore, feedback: FeedbackRequest) -> None:
    store.append(turn(1))
    with pytest.raises(NotFound, match="there is no such turn"):
        store.rate(feedback)
    assert page(store)[0] == [turn(1)]


def test_sessions_are_listed_in_order_and_in_batches(store: ConversationStore) -> None:
    names = [f"session-number-{number:03d}" for number in range(7)]
    for name in reversed(names):
        for number in (1, 2):
            store.append(turn(number, session_id=name))
    assert store.sessions() == names
    assert store.sessions(after=names[2], limit=3) == names[3:6]
    assert store.sessions(after=names[-1]) == []


# Faults


def test_a_store_that_cannot_be_used_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    store = ConversationStore(tmp_path / "file" / "conversations.sqlite3")
    for call in (
        lambda: store.append(turn(1)),
        lambda: page(store),
        lambda: store.forget(SESSION),
        lambda: store.rate(rating(1)),
        lambda: store.verdicts_on([turn(1)]),
        store.sessions,
    ):
        with pytest.raises(Unavailable, match="conversations cannot be kept right now") as raised:
            call()
        assert str(tmp_path) not in str(raised.value)


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\0" + bytes(5000)])
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "conversations.sqlite3"
    path.write_bytes(content)
    stores = [ConversationStore(path) for _ in range(2)]
    assert [store.append(turn(number)) for number, store in enumerate(stores)] == [True, True]
    assert page(stores[0])[0] == [turn(0), turn(1)]
    (aside,) = tmp_path.glob("*.damaged-*")
    assert aside.read_bytes() == content
    (line,) = [record.getMessage() for record in caplog.records]
    assert line == f"conversations.sqlite3 is damaged: it is kept as {aside.name}, and a new one is begun"
    for store in stores:
        store.close()


def test_a_file_damaged_while_it_is_used_is_set_aside_by_one_of_its_users(tmp_path: Path) -> None:
    path = tmp_path / "conversations.sqlite3"
    stores = [ConversationStore(path) for _ in range(2)]
    for number in range(40):
        stores[number % 2].append(turn(number, answer="x" * 2000))
    for store in stores:
        store.close()  # which writes the log back
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 40_000)
    for store in stores:
        store._opened().close()  # its schema can be read: the damage shows later
    with pytest.raises(Unavailable):
        page(stores[0], limit=100)
    assert stores[0].append(turn(50))
    assert stores[1].append(turn(51))
    assert page(stores[0])[0] == [turn(50), turn(51)]
    assert len([*tmp_path.glob("*.damaged-*")]) == 1
    for store in stores:
        store.close()


def test_a_store_goes_on_with_the_file_that_replaced_its_own(store: ConversationStore, tmp_path: Path) -> None:
    store.append(turn(1))
    for file in [*store._path.parent.glob(f"{store._path.name}*")]:
        file.rename(file.with_name(f"old-{file.name}"))
    assert page(store)[0] == []
    assert store.append(turn(2))


def test_conversations_are_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "conversations.sqlite3"
    store = ConversationStore(path)
    store.append(turn(1))
    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in path.parent.iterdir()}
    assert modes == dict.fromkeys(
        ("conversations.sqlite3", *(f"conversations.sqlite3-{end}" for end in ("wal", "shm"))), "0o600"
    )
    assert path.parent.stat().st_mode & 0o777 == 0o700
    store.close()
    path.chmod(0o644)
    store.append(turn(2))
    assert path.stat().st_mode & 0o777 == 0o600
    store.close()


def test_a_store_that_comes_back_is_used_again(tmp_path: Path) -> None:
    blocked = tmp_path / "folder"
    blocked.write_text("in the way", "utf-8")
    store = ConversationStore(blocked / "conversations.sqlite3")
    with pytest.raises(Unavailable):
        store.append(turn(1))
    blocked.unlink()
    assert store.append(turn(1))
    store.close()


def test_a_full_disk_keeps_nothing_half(store: ConversationStore, tmp_path: Path) -> None:
    store.append(turn(1))
    connection: Any = store._connection
    connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(Unavailable):
        store.append(turn(2, modes=Modes(deep_dive="x" * 50_000)))
    connection.execute("PRAGMA max_page_count = 1000000")
    assert page(store)[0] == [turn(1)]
    assert store.append(turn(2))


def test_writers_on_threads_and_connections_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "conversations.sqlite3"
    stores = [ConversationStore(path) for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        created = list(pool.map(lambda number: stores[number % 2].append(turn(number // 2)), range(60)))
    assert sum(created) == 30
    assert len(page(stores[0], limit=100)[0]) == 30
    for store in stores:
        store.close()


def test_closing_twice_is_no_harm_and_use_opens_again(store: ConversationStore) -> None:
    store.append(turn(1))
    store.close()
    store.close()
    assert page(store)[0] == [turn(1)]


def test_a_kill_loses_no_acknowledged_turn(tmp_path: Path) -> None:
    path = tmp_path / "conversations.sqlite3"
    acknowledged: list[int] = []
    for round_number in range(3):
        command = [sys.executable, "-m", "tests.support.faults.keeper", str(path), str(round_number * 1000)]
        with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as keeper:
            assert keeper.stdout is not None
            for line in keeper.stdout:
                acknowledged.append(int(line))
                if len(acknowledged) % 7 == 0:
                    keeper.send_signal(signal.SIGKILL)
                    acknowledged += [int(rest) for rest in keeper.stdout]
                    break
        assert keeper.returncode == -signal.SIGKILL
    with contextlib.closing(ConversationStore(path)) as store:
        kept = {item.turn_id: item for item in page(store, limit=100)[0]}
    assert len(acknowledged) >= 7
    for number in acknowledged[-90:]:
        assert kept[f"turn-{number:04d}"] == turn(number, answer="x" * 2000)


# Conversations of either side


class Remote:
    """The Lambda side's API over a store of its own."""

    def __init__(self, folder: Path) -> None:
        self.side = LegacySides([story()], {}).ask(folder / "remote.sqlite3")
        self.shadows: list[bool] = []

    def history(self, request: HistoryRequest, *, shadow: bool = False) -> ApiResponse[History]:
        self.shadows.append(shadow)
        return ApiResponse(self.side.history(request))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.side, name)


@pytest.fixture(params=["legacy", "lambda"])
def conversations(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "legacy":
        return LegacyReplica(LegacySides([story()], {}).ask(tmp_path))
    remote: Any = Remote(tmp_path)
    remote.side = LegacySides([story()], {}).ask(tmp_path)
    return LambdaReplica(remote)


def test_a_side_tells_all_of_a_session_however_much(conversations: Any) -> None:
    for number in range(230):
        conversations.append(turn(number))
    for number in (5, 220, 104):
        conversations.rate(rating(number, at=number))
    assert conversations.read(SESSION) == Conversation(
        tuple(turn(number) for number in range(230)), tuple(verdict(number, at=number) for number in (5, 104, 220))
    )
    assert conversations.read(OTHER) == Conversation()
    with pytest.raises(NotFound):
        conversations.rate(rating(999))
    conversations.forget(SESSION)
    assert conversations.read(SESSION) == Conversation()


def test_reading_the_lambda_side_is_marked_as_shadow(tmp_path: Path) -> None:
    remote: Any = Remote(tmp_path)
    remote.side = LegacySides([story()], {}).ask(tmp_path)
    LambdaReplica(remote).read(SESSION)
    assert remote.shadows == [True]


def test_pages_that_never_come_to_an_end_are_no_conversation(tmp_path: Path) -> None:
    remote: Any = Remote(tmp_path)
    page = History(turns=(turn(1),), next_before="x", corpus_version="v", code_version="c")
    remote.history = lambda request, shadow: ApiResponse(page)
    with pytest.raises(ContractViolation):
        LambdaReplica(remote).read(SESSION)


def test_a_checksum_tells_content_order_and_verdicts() -> None:
    def checksum(*turns: Turn, verdicts: tuple[Rating, ...] = ()) -> str:
        return Conversation(turns, verdicts).checksum

    assert checksum(turn(1), turn(2)) == checksum(turn(1), turn(2))
    assert len(checksum()) == 64
    others = {
        checksum(),
        checksum(turn(1)),
        checksum(turn(1), turn(2)),
        checksum(turn(2), turn(1)),
        checksum(turn(1), turn(2, answer="x")),
        checksum(turn(1), turn(2), turn(2)),
        checksum(turn(1), turn(2, sources=(Source(number=1, id="a", title="A", client="Acme", match=81),))),
        *(
            checksum(turn(1), turn(2), verdicts=(verdict(1, helpful, at=at),))
            for helpful in (True, False)
            for at in (0, 1)
        ),
    }
    assert len(others) == 11

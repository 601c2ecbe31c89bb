"""Records on disk: written off the caller's path, redacted, capped, and lost rather than in the way."""

import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from backend_clients.records import schema
from backend_clients.records.reader import Evidence
from backend_clients.records.recorder import Recorder
from backend_clients.records.rows import MAX_PAYLOAD, CallRecord, ComparisonRecord
from backend_clients.stages import Stage
from contracts.stories import StoryListRequest
from tests.support.sides.routed import Question


def call(**fields: Any) -> CallRecord:
    usual = {
        "domain": "stories", "operation": "list", "stage": Stage.LIVE, "origin": "lambda", "reason": "share",
        "fell_back": False, "failed": False, "latency_ms": 1.5, "cold_start": True,
    }  # fmt: skip
    return CallRecord(**(usual | fields))


def comparison(request: BaseModel | None = None, **fields: Any) -> ComparisonRecord:
    usual = {
        "domain": "stories", "operation": "list", "stage": Stage.SHADOW, "outcome": "match", "layer": "",
        "legacy_ms": 1.0, "lambda_ms": None, "cold_start": False,
    }  # fmt: skip
    return ComparisonRecord(request=request or Question(), **(usual | fields))


@contextmanager
def recorder(path: Path, row_cap: int = 100, queue_size: int = 10_000, **options: Any) -> Iterator[Recorder]:
    made = Recorder(path, row_cap, queue_size, **options)
    try:
        yield made
    finally:
        made.close()


def rows(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def test_a_call_is_stored_as_the_visitor_saw_it(tmp_path: Path) -> None:
    path = tmp_path / "var" / "records.sqlite3"
    with recorder(path) as records:
        records.record(call(fell_back=True, at=12.5))
        assert records.flush()
        stored = rows(
            path,
            "SELECT at, domain, operation, stage, origin, reason, fell_back, failed, latency_ms, cold_start FROM calls",
        )
    assert stored == [(12.5, "stories", "list", "live", "lambda", "share", 1, 0, 1.5, 1)]


def test_a_comparison_is_stored_with_its_request_and_differences(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    request = StoryListRequest(q="größe", clients=("Acme",))
    with recorder(path) as records:
        records.record(comparison(request, outcome="mismatch", layer="order", differences=("a", "b"), at=1.0))
        records.flush()
        ((outcome, layer, legacy_ms, lambda_ms, asked, differences),) = rows(
            path, "SELECT outcome, layer, legacy_ms, lambda_ms, request, differences FROM comparisons"
        )
    assert (outcome, layer, legacy_ms, lambda_ms) == ("mismatch", "order", 1.0, None)
    assert json.loads(asked) == {"q": "größe", "clients": ["Acme"]}
    assert "größe" in asked
    assert json.loads(differences) == ["a", "b"]


def test_a_stored_request_can_be_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    request = StoryListRequest(q="swift", sort="title", limit=5, has_metric=False)
    with recorder(path) as records:
        records.record(comparison(request))
        records.flush()
        ((asked,),) = rows(path, "SELECT request FROM comparisons")
    assert StoryListRequest.model_validate_json(asked) == request


def test_personal_details_are_redacted_in_requests_and_differences(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    request = StoryListRequest(q="mail jane@example.com", clients=("call 555 123 4567",))
    with recorder(path) as records:
        records.record(comparison(request, differences=("jane@example.com", "kept $450,000")))
        records.flush()
        ((asked, differences),) = rows(path, "SELECT request, differences FROM comparisons")
    assert json.loads(asked) == {"q": "mail [e-mail]", "clients": ["call [number]"]}
    assert json.loads(differences) == ["[e-mail]", "kept $450,000"]


def test_records_are_written_on_another_thread(tmp_path: Path) -> None:
    writers: set[str] = set()

    class Watched(BaseModel):
        def model_dump(self, **options: Any) -> dict[str, Any]:
            writers.add(threading.current_thread().name)
            return {}

    with recorder(tmp_path / "records.sqlite3") as records:
        records.record(comparison(Watched()))
        assert records.flush()
    assert writers == {"migration-records"}


def test_each_table_keeps_the_newest_rows_up_to_the_cap(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    with recorder(path, row_cap=3) as records:
        for number in range(10):
            records.record(call(at=float(number)))
            records.record(comparison(at=float(number)))
            records.flush()
    assert rows(path, "SELECT at FROM calls ORDER BY id") == [(7.0,), (8.0,), (9.0,)]
    assert rows(path, "SELECT at FROM comparisons ORDER BY id") == [(7.0,), (8.0,), (9.0,)]


def test_many_records_at_once_are_all_written_in_order(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    with recorder(path, row_cap=5000) as records:
        for number in range(1200):
            records.record(call(at=float(number)))
        assert records.flush(30.0)
        assert records.lost == 0
    assert [at for (at,) in rows(path, "SELECT at FROM calls ORDER BY id")] == [float(number) for number in range(1200)]


def test_records_of_an_earlier_run_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    for _ in range(2):
        with recorder(path) as records:
            records.record(call())
    assert rows(path, "SELECT COUNT(*) FROM calls") == [(2,)]


def test_closing_writes_what_was_recorded(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    records = Recorder(path, 100)
    records.record(call())
    records.close()
    assert rows(path, "SELECT COUNT(*) FROM calls") == [(1,)]


@pytest.mark.parametrize("where", ["file/records.sqlite3", "."])
def test_a_place_that_cannot_be_written_loses_records_counts_them_and_raises_nothing(
    tmp_path: Path, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no directory")
    with recorder(tmp_path / where) as records:
        for _ in range(3):
            records.record(call())
        assert records.flush()
        assert records.lost == 3
    assert "migration records lost" in caplog.text


def test_writing_goes_on_once_the_place_can_be_written(tmp_path: Path) -> None:
    obstacle = tmp_path / "var"
    obstacle.write_text("no directory")
    with recorder(obstacle / "records.sqlite3") as records:
        records.record(call())
        assert records.flush()
        obstacle.unlink()
        records.record(call())
        assert records.flush()
        assert records.lost == 1
    assert rows(obstacle / "records.sqlite3", "SELECT COUNT(*) FROM calls") == [(1,)]


def test_a_file_that_is_no_database_loses_records_and_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    path.write_bytes(b"precious notes " * 100)
    with recorder(path) as records:
        records.record(call())
        assert records.flush()
        assert records.lost == 1
    assert path.read_bytes() == b"precious notes " * 100


def test_a_locked_database_loses_records_without_holding_up_the_caller_and_then_recovers(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    with recorder(path) as records:
        records.record(call(at=1.0))
        assert records.flush()
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            started = time.perf_counter()
            records.record(call(at=2.0))
            assert time.perf_counter() - started < 0.5
            assert records.flush(10.0)
            assert records.lost == 1
            other.execute("ROLLBACK")
        records.record(call(at=3.0))
        assert records.flush()
    assert rows(path, "SELECT at FROM calls") == [(1.0,), (3.0,)]


def test_a_record_that_cannot_be_stored_is_lost_alone(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    gate, inside = threading.Event(), threading.Event()

    class Unstorable(BaseModel):
        def model_dump(self, **options: Any) -> dict[str, Any]:
            raise ZeroDivisionError

    with recorder(path, watch=lambda _: inside.set() or gate.wait(10)) as records:
        records.record(call(at=1.0))
        assert inside.wait(5)
        for record in (call(at=2.0), comparison(Unstorable()), comparison(at=3.0)):  # one batch
            records.record(record)
        gate.set()
        assert records.flush()
        assert records.lost == 1
    assert rows(path, "SELECT at FROM calls UNION ALL SELECT at FROM comparisons") == [(1.0,), (2.0,), (3.0,)]


def test_half_a_surrogate_pair_is_stored_as_a_question_mark(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    with recorder(path) as records:
        records.record(call(reason="half a pair: \ud800"))
        records.record(comparison(differences=("\udfff",)))
        assert records.flush()
        assert records.lost == 0
    assert rows(path, "SELECT reason FROM calls UNION ALL SELECT differences FROM comparisons") == [
        ("half a pair: ?",),
        ('["?"]',),
    ]


def test_a_full_queue_loses_records_and_counts_them(tmp_path: Path) -> None:
    gate, inside = threading.Event(), threading.Event()

    class Slow(BaseModel):
        def model_dump(self, **options: Any) -> dict[str, Any]:
            inside.set()
            gate.wait(10)
            return {}

    with recorder(tmp_path / "records.sqlite3", queue_size=2) as records:
        records.record(comparison(Slow()))
        assert inside.wait(5)
        for _ in range(5):
            records.record(call())
        assert records.lost == 3
        assert not records.flush(0.05)
        gate.set()
        assert records.flush()
        assert records.lost == 3


# Both answers of a mismatch


def payloads(path: Path) -> list[Any]:
    found = rows(path, "SELECT legacy_payload, lambda_payload, cut FROM comparisons ORDER BY id")
    return [(legacy and json.loads(legacy), remote and json.loads(remote), cut) for legacy, remote, cut in found]


def test_both_answers_of_a_mismatch_are_kept_redacted(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    views = ({"text": "mail jane@example.com"}, {"text": ["größe", 1.5, None]})
    with recorder(path) as records:
        records.record(comparison(outcome="mismatch", views=views, versions={"legacy_corpus": "v1"}))
        records.record(comparison())
        assert records.flush()
    assert payloads(path) == [({"text": "mail [e-mail]"}, {"text": ["größe", 1.5, None]}, 0), (None, None, 0)]
    assert rows(path, "SELECT versions FROM comparisons") == [('{"legacy_corpus": "v1"}',), ("{}",)]


@pytest.mark.parametrize("large", [0, 1])
def test_answers_of_which_one_is_too_large_are_left_out_and_marked(tmp_path: Path, large: int) -> None:
    path = tmp_path / "records.sqlite3"
    views = [{"text": "small"}, {"text": "small"}]
    with recorder(path) as records:
        for length in (MAX_PAYLOAD - len('{"text": ""}'), MAX_PAYLOAD):
            views[large] = {"text": "x" * length}
            records.record(comparison(outcome="mismatch", views=tuple(views)))
        assert records.flush()
    (legacy, remote, cut), left_out = payloads(path)
    assert (cut, left_out) == (0, (None, None, 1))
    assert {len(legacy["text"]), len(remote["text"])} == {5, MAX_PAYLOAD - 12}


def test_only_the_newest_mismatches_keep_their_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "PAYLOADS", 2)
    path = tmp_path / "records.sqlite3"
    with recorder(path) as records:
        for number in range(4):
            records.record(comparison(outcome="mismatch", views=({"n": number}, {"n": -1})))
            records.record(comparison())
            records.flush()
    assert [legacy for legacy, _, _ in payloads(path) if legacy] == [{"n": 2}, {"n": 3}]
    assert rows(path, "SELECT COUNT(*) FROM comparisons") == [(8,)]


# Requests


def test_requests_are_kept_redacted_only_while_they_are_asked_for_and_the_newest_of_each_domain(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    for kept in (0, 2):
        with recorder(path, requests=kept) as records:
            for number in range(5):
                for domain in ("stories", "search"):
                    request = StoryListRequest(q=f"jane@example.com {number}")
                    records.record(call(domain=domain, request=request, at=time.time()))
            records.record(call(domain="stories", at=time.time()))
            assert records.flush()
        expected = [(domain, f'{{"q": "[e-mail] {number}"}}') for domain in ("search", "stories") for number in (3, 4)]
        found = rows(path, "SELECT domain, request FROM requests ORDER BY domain, id")
        assert found == (expected if kept else [])


# Age


def test_records_over_the_age_limit_go(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    now = time.time()
    day = 86_400.0
    with recorder(path, requests=10) as records:
        for at in (now - 40 * day, now - 1 * day):
            records.record(call(at=at, request=Question()))
            records.record(comparison(at=at))
        assert records.flush()
    with recorder(path, days=2.0) as records:
        records.record(call(at=now))
        assert records.flush()
    assert rows(path, "SELECT at FROM calls ORDER BY id") == [(now - day,), (now,)]
    assert rows(path, "SELECT at FROM comparisons") == rows(path, "SELECT at FROM requests") == [(now - day,)]


# Older files

OLD_SCHEMA = """
CREATE TABLE calls (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, domain TEXT NOT NULL, operation TEXT NOT NULL, stage TEXT NOT NULL,
    origin TEXT NOT NULL, reason TEXT NOT NULL, fell_back INTEGER NOT NULL, failed INTEGER NOT NULL,
    latency_ms REAL NOT NULL, cold_start INTEGER NOT NULL);
CREATE TABLE comparisons (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, domain TEXT NOT NULL, operation TEXT NOT NULL, stage TEXT NOT NULL,
    outcome TEXT NOT NULL, layer TEXT NOT NULL, legacy_ms REAL, lambda_ms REAL, cold_start INTEGER NOT NULL,
    request TEXT NOT NULL, differences TEXT NOT NULL);
CREATE INDEX calls_by_domain ON calls (domain, stage, id);
CREATE INDEX comparisons_by_domain ON comparisons (domain, stage, id);
INSERT INTO calls VALUES (7, 1.0, 'stories', 'list', 'live', 'lambda', 'share', 0, 0, 1.5, 0);
INSERT INTO comparisons VALUES (9, 1.0, 'stories', 'list', 'live', 'mismatch', 'order', 1, 2, 0, '{"q": "x"}', '[]');
"""


def old_file(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLD_SCHEMA)
    return path


def test_an_older_file_is_brought_up_to_date_with_its_records(tmp_path: Path) -> None:
    path = old_file(tmp_path / "records.sqlite3")
    assert [(item.id, item.legacy, item.versions) for item in Evidence(path).comparisons()] == [(9, None, {})]
    with recorder(path, days=1e6) as records:
        records.record(comparison(outcome="mismatch", views=({"n": 1}, {"n": 2}), at=2.0))
        records.record(call(at=2.0))
        assert records.flush()
        assert records.lost == 0
    newer, older = Evidence(path).comparisons()
    assert (older.id, older.request, older.differences, older.legacy, older.cut) == (9, {"q": "x"}, (), None, False)
    assert (newer.id, newer.legacy, newer.remote) == (10, {"n": 1}, {"n": 2})
    assert rows(path, "SELECT id, at FROM calls") == [(7, 1.0), (8, 2.0)]


def test_several_sites_that_start_on_an_older_file_at_once_lose_nothing(tmp_path: Path) -> None:
    path = old_file(tmp_path / "records.sqlite3")
    made = [Recorder(path, 100, days=1e6) for _ in range(4)]
    for records in made:
        records.record(call())
    for records in made:
        assert records.flush(20.0)
        records.close()
    assert [records.lost for records in made] == [0, 0, 0, 0]
    assert rows(path, "SELECT COUNT(*) FROM calls") == [(5,)]


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = old_file(tmp_path / "records.sqlite3")
    monkeypatch.setattr(schema, "_UPGRADES", (*schema._UPGRADES, ("no such statement",)))
    with recorder(path) as records:
        records.record(call())
        assert records.flush()
        assert records.lost == 1
    assert [column[1] for column in rows(path, "PRAGMA table_info(comparisons)")][-1] == "differences"
    assert rows(path, "SELECT id FROM comparisons") == [(9,)]


def test_a_file_of_a_later_version_is_written_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    with recorder(path) as records:
        records.record(call())
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("ALTER TABLE calls ADD COLUMN later TEXT; PRAGMA user_version = 99;")
    with recorder(path) as records:
        records.record(call())
        assert records.flush()
        assert records.lost == 0
    assert rows(path, "SELECT COUNT(*) FROM calls") == [(2,)]


# A full disk

FULL_DISK = """
import json, resource, sys
from pathlib import Path
from backend_clients.records.recorder import Recorder
from tests.unit.records.test_recorder import call

records = Recorder(Path(sys.argv[1]), 10**6)
records.record(call(reason="first"))
assert records.flush()
free = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, free[1]))
for _ in range(10):
    for _ in range(60):
        records.record(call(reason="x" * 1000))
    assert records.flush(30.0)
lost = records.lost
resource.setrlimit(resource.RLIMIT_FSIZE, free)
records.record(call(reason="last"))
assert records.flush()
print(json.dumps([lost, records.lost]))
records.close()
"""


def test_a_full_disk_loses_records_counts_them_and_is_got_over(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    lost, lost_in_all = json.loads(done.stdout)
    assert lost == lost_in_all > 0
    ((kept,),) = rows(path, "SELECT COUNT(*) FROM calls")
    assert kept + lost == 602
    assert rows(path, "SELECT reason FROM calls ORDER BY id DESC LIMIT 1") == [("last",)]
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


def test_a_watcher_that_fails_loses_no_record(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def failing(_: Any) -> None:
        raise ZeroDivisionError

    path = tmp_path / "records.sqlite3"
    with recorder(path, watch=failing) as records:
        records.record(call())
        assert records.flush()
        assert records.lost == 0
    assert rows(path, "SELECT COUNT(*) FROM calls") == [(1,)]
    assert "watching the migration records failed" in caplog.text

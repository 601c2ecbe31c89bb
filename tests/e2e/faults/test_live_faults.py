"""In `live`, whatever becomes of the Lambda side, the visitor sees stories and the record says why legacy served."""

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from backend_clients.bootstrap import Clients, build_clients
from backend_clients.routed import Origin
from backend_clients.settings import Settings
from contracts.stories import StoryListRequest
from tests.support.servers.raw_server import Script, answering, cutting, raw_server
from tests.support.stacks.cloud import FLAGS, KEY, Both, both_sides

pytestmark = pytest.mark.alone

BROWSE = StoryListRequest(limit=5)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    with both_sides(tmp_path_factory.mktemp("live")) as both:
        both.put("stories", "live")
        deadline = time.monotonic() + 3
        while both.clients.flags.stage("stories", "v").stage != "live":
            assert time.monotonic() < deadline, "the flag was not read again"
            time.sleep(0.05)
        yield both


def clients_of(folder: Path, url: str, **settings: object) -> Clients:
    flags = folder / "feature_flags.yaml"
    flags.write_text(FLAGS.format(domain="stories", stage="live"))
    given = {"data_dir": folder, "flags_file": flags, "api_key": SecretStr(KEY), "stories_api_url": url, **settings}
    return build_clients(Settings(**given))


def last_call(clients: Clients) -> tuple[str, str, int]:
    assert clients.recorder.flush()
    with sqlite3.connect(clients.settings.records_file) as connection:
        return connection.execute("SELECT origin, reason, fell_back FROM calls ORDER BY id DESC LIMIT 1").fetchone()


def test_lambda_answers_while_it_can(live: Both) -> None:
    routed = live.clients.stories.list_stories(BROWSE, "v")
    assert (routed.origin, routed.fell_back, len(routed.value.cards)) == (Origin.LAMBDA, False, 5)


def test_killed_processes_are_replaced_or_stood_in_for(live: Both) -> None:
    stop = threading.Event()
    failures: list[Exception] = []

    def browse() -> None:
        while not stop.is_set():
            try:
                assert live.clients.stories.list_stories(BROWSE, "v").value.total == 104
            except Exception as error:  # noqa: BLE001  whatever a visitor would see
                failures.append(error)

    visitors = [threading.Thread(target=browse) for _ in range(3)]
    for visitor in visitors:
        visitor.start()
    for _ in range(5):
        time.sleep(0.3)
        live.cloud.kill("ListStoriesFunction")
    stop.set()
    for visitor in visitors:
        visitor.join()
    assert failures == []


def test_a_hanging_process_is_stood_in_for(live: Both, tmp_path: Path) -> None:
    clients = clients_of(tmp_path, live.cloud.url, read_timeout=0.5)
    try:
        clients.stories.list_stories(BROWSE, "v")
        stopped = [pid for pid in children_of(live.cloud.pid) if "awslambdaric" in command_of(pid)]
        assert stopped
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            routed = clients.stories.list_stories(BROWSE, "v")
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
        assert (routed.origin, routed.fell_back, len(routed.value.cards)) == (Origin.LEGACY, True, 5)
        assert last_call(clients) == ("legacy", "Timeout: the Lambda side did not answer in time", 1)
    finally:
        clients.close()


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (answering(b"<html>not here</html>", "404 Not Found", "Content-Type: text/html"), "ContractViolation"),
        (answering(b'{"message": "Forbidden"}', "403 Forbidden"), "KeyRefused"),
        (cutting(b""), "Unavailable"),
    ],
    ids=["html-404", "foreign-403", "closed"],
)
def test_an_answer_of_somebody_else_is_stood_in_for(script: Script, reason: str, tmp_path: Path) -> None:
    with raw_server(script) as server:
        clients = clients_of(tmp_path, server.url)
        try:
            routed = clients.stories.list_stories(BROWSE, "v")
            assert (routed.origin, routed.fell_back, len(routed.value.cards)) == (Origin.LEGACY, True, 5)
            assert last_call(clients)[1].startswith(reason + ":")
        finally:
            clients.close()


def test_without_a_listener_reads_fall_back_and_the_circuit_opens(tmp_path: Path) -> None:
    clients = clients_of(tmp_path, "http://127.0.0.1:9", breaker_failures=3)
    try:
        for _ in range(4):
            assert clients.stories.list_stories(BROWSE, "v").origin is Origin.LEGACY
        assert clients.breakers["stories"].state == "open"
        assert last_call(clients)[1].startswith("CircuitOpen:")
    finally:
        clients.close()


def children_of(pid: int) -> list[int]:
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            if parent == pid:
                found += [int(entry.name), *children_of(int(entry.name))]
    return found


def command_of(pid: int) -> str:
    return (Path("/proc") / str(pid) / "cmdline").read_text().replace("\0", " ")

"""`mattgpt up`: site and stack together from one command, one log, one end, and nothing left behind."""

import json
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import psutil
import pytest
from playwright.sync_api import expect

from backend_clients.profile_file import NAMES_NOBODY
from lambdas.local.options import api_key_of
from tests.support.builders.stories import line
from tests.support.command import COMMAND, NAMED_FLAGS, Maintainer, maintainer, sample_rows
from tests.support.site.server import running_browser, settle

START_SECONDS = 100
END_SECONDS = 15
FIRST_CALLS = ("/api/stories", "/api/industries", "/api/ask/history?session_id=a-session-of-this-test")


class Up:
    """A running `mattgpt up`."""

    def __init__(self, process: subprocess.Popen[str], port: int, api_port: int, marked: Path) -> None:
        self.site = f"http://127.0.0.1:{port}"
        self.stack = f"http://127.0.0.1:{api_port}"
        self.lines: list[str] = []
        self.process = process
        self._marked = marked
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def log(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, said: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while said not in self.log:
            assert self.process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.05)

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait; returns the exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        code = self.process.wait(END_SECONDS)
        self._reader.join(5)
        return code

    def processes(self) -> list[psutil.Process]:
        """Every process that came of this one; all of them inherit the folder for temporary files."""
        return [process for process in psutil.process_iter() if self._is_mine(process)]

    def _is_mine(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get("TMPDIR") == str(self._marked)
        except psutil.Error:
            return False

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            self.lines.extend(map(str.rstrip, output))


@pytest.fixture
def me(tmp_path: Path) -> Maintainer:
    return maintainer(tmp_path)


@contextmanager
def started(me: Maintainer, *options: str) -> Iterator[Up]:
    """Start it over four stories and a broken line, on free ports."""
    rows = sample_rows(4)
    stories = me.folder / "mine.jsonl"
    stories.write_bytes(b"\n".join([line(rows[0]), b"{broken", *map(line, rows[1:])]))
    marked = me.folder / "marked"
    marked.mkdir()
    port, api_port = free_ports(2)
    process = subprocess.Popen(
        [COMMAND, "up", "--port", str(port), "--api-port", str(api_port), "--stories", stories, *options],
        env=me.environment | {"TMPDIR": str(marked), "FLAGS_FILE": "flags.yaml"},  # of the folder it is started in
        cwd=me.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=_hear_ctrl_c,  # noqa: PLW1509 - one system call, which takes no lock
    )
    up = Up(process, port, api_port, marked)
    try:
        yield up
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _hear_ctrl_c() -> None:
    """Tests that run in the background ignore it, and so would what they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def get(url: str, **headers: str) -> Any:
    with urlopen(Request(url, headers=headers), timeout=10) as response:
        assert response.status == 200
        return response.read()


def is_cold(url: str) -> bool:
    """Whether the function that answers had to be started for it."""
    with urlopen(Request(url, headers={"x-api-key": key_for(url)}), timeout=30) as response:
        return response.headers.get("X-Cold-Start") is not None


def key_for(url: str) -> str:
    return api_key_of(urlsplit(url).path.split("/")[2], {})


def eventually(found: Callable[[], object], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while not found() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(found())


def assert_all_is_gone(up: Up) -> None:
    assert eventually(lambda: not up.processes()), [process.cmdline() for process in up.processes()]
    for url in (up.site, up.stack):
        socket.create_server(("127.0.0.1", int(url.rpartition(":")[2]))).close()


def test_site_and_stack_answer_from_the_file_and_ctrl_c_ends_both(me: Maintainer) -> None:
    with started(me) as up:
        up.wait_for("flags  ")
        assert json.loads(get(f"{up.site}/-/ready")) == {"status": "ready"}
        assert b"<title>Portfolio" in get(up.site)
        health = json.loads(get(f"{up.stack}/-/health"))
        assert health["status"] == "ready"
        listed = json.loads(get(f"{up.stack}/api/stories", **{"x-api-key": key_for("/api/stories")}))
        assert listed["total"] == 4
        assert [path for path in FIRST_CALLS if is_cold(up.stack + path)] == []
        assert "not warmed up" not in up.log
        assert len(up.processes()) > 3
        assert [process.cmdline() for process in up.processes() if "local-key-of" in " ".join(process.cmdline())] == []
        (site,) = [process for process in up.processes() if "streamlit" in process.cmdline()]
        assert site.environ()["SHOW_MAINTAINER"] == "1"

        began = time.monotonic()
        assert up.end(signal.SIGINT) == 0
        assert time.monotonic() - began < END_SECONDS
        assert_all_is_gone(up)

        assert "up    | stopping" in up.lines
        assert f"up    | stories 4 from {me.folder / 'mine.jsonl'}" in up.lines
        assert f"up    | {NAMES_NOBODY}" in up.lines
        assert f"up    | {me.folder / 'mine.jsonl'}: line 2: not JSON: " in up.log
        assert f"up    | site   {up.site.replace('127.0.0.1', 'localhost')}" in up.lines
        assert f"up    | stack  {up.stack}  (AWS services at http://127.0.0.1:" in up.log
        assert f"up    | flags  {me.flags}: the site reloads it" in up.log
        assert f"up    | data   {me.data}" in up.lines
        assert "usage statistics" not in up.log  # the site's configuration holds wherever it is started from
        assert "Traceback" not in up.log
        assert re.search(r"^cloud \| gateway ", up.log, re.MULTILINE)


def test_a_broken_flag_file_leaves_stories_readable_and_sigterm_ends_both(me: Maintainer) -> None:
    me.flags.write_text(NAMED_FLAGS.replace("  search:\n    state", "  search:\n   state"))
    with started(me) as up:
        up.wait_for("flags  ")
        assert f"up    | {me.flags}: line 10: not YAML" in up.log  # before anyone comes
        with running_browser() as browser:
            page = browser.new_page(base_url=up.site)
            page.goto("/explore")
            settle(page)
            for row in sample_rows(4):
                expect(page.get_by_text(row["Title"]).first).to_be_visible()
        assert eventually(lambda: f"{me.flags}: line 10: not YAML" in up.log)
        assert up.end(signal.SIGTERM) == 0
        assert_all_is_gone(up)
        assert (me.data / "migration.sqlite3").exists()


def test_a_stack_that_is_killed_is_started_again_while_the_site_serves(me: Maintainer) -> None:
    with started(me) as up:
        up.wait_for("flags  ")
        kill_cloud(up)
        deadline = time.monotonic() + START_SECONDS
        while "serves again" not in up.log:
            assert b"<title>Portfolio" in get(up.site)
            assert time.monotonic() < deadline, up.log
            time.sleep(0.2)
        assert "up    | cloud ended with exit code -9; starting it again" in up.lines
        assert json.loads(get(f"{up.stack}/api/stories", **{"x-api-key": key_for("/api/stories")}))["total"] == 4
        (site,) = [process for process in up.processes() if "streamlit" in process.cmdline()]
        site.kill()
        assert up.wait() == 1
        assert "site ended with exit code -9; stopping all processes" in up.log
        assert_all_is_gone(up)
        assert "Traceback" not in up.log


def test_the_stack_alone_and_then_the_site_alone(me: Maintainer) -> None:
    with started(me, "--stack-only") as stack:
        stack.wait_for("data   ")
        assert not [process for process in stack.processes() if "streamlit" in process.cmdline()]
        assert "flags  " not in stack.log
        site = me.environment | {"TMPDIR": str(me.folder / "marked")}
        port = free_ports(1)[0]
        command = [COMMAND, "up", "--site-only", "--port", str(port), "--api-port", stack.stack.rpartition(":")[2]]
        with subprocess.Popen(command, env=site, cwd=me.folder, stdout=subprocess.PIPE, text=True) as process:
            alone = Up(process, port, 0, me.folder / "marked")
            alone.wait_for("flags  ")
            assert f"up    | stack  {stack.stack}  (AWS services at" in alone.log
            assert b"<title>" in get(alone.site)
            assert alone.end(signal.SIGTERM) == 0
        assert json.loads(get(f"{stack.stack}/-/health"))["status"] == "ready"
        assert stack.end(signal.SIGTERM) == 0
        assert_all_is_gone(stack)


def kill_cloud(up: Up) -> None:
    (cloud,) = [process for process in up.processes() if "lambdas.local" in process.cmdline()]
    cloud.kill()


def test_neither_site_nor_stack_is_no_choice(me: Maintainer) -> None:
    result = me.types("up", "--site-only", "--stack-only")
    assert (result.exit_code, result.output.strip()) == (2, "--site-only and --stack-only exclude each other")


@pytest.mark.parametrize("option", ["--port", "--api-port"])
def test_a_taken_port_is_one_clear_line(me: Maintainer, option: str) -> None:
    other = "--api-port" if option == "--port" else "--port"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = me.types("up", option, port, other, free_ports(1)[0])
    told = f"{option}: port {port} is already in use; choose another\n"
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", told)


@pytest.mark.parametrize("command", [("up",), ("repairs", "list"), ("repairs", "run"), ("parity", "run")], ids=" ".join)
def test_a_folder_that_can_store_nothing_is_one_clear_line(me: Maintainer, command: tuple[str, ...]) -> None:
    me.data.write_text("this is no folder")
    ports = free_ports(2)
    options = ("--port", ports[0], "--api-port", ports[1]) if command == ("up",) else ("--api-port", ports[1])
    result = me.types(*command, *options)
    told = f"{me.data}: nothing can be stored in this folder: File exists\n"
    assert (result.exit_code, result.stderr) == (1, told), result.output
    assert "stack" not in result.stdout


def test_one_port_for_both_is_one_clear_line(me: Maintainer) -> None:
    (port,) = free_ports(1)
    result = me.types("up", "--port", port, "--api-port", port)
    assert (result.exit_code, result.stderr) == (1, "--port and --api-port must differ\n")


@pytest.mark.parametrize("content", [None, b"", b"{\n"])
def test_a_story_file_that_cannot_serve_is_one_clear_line(me: Maintainer, content: bytes | None) -> None:
    file = me.folder / "gone.jsonl"
    if content is not None:
        file.write_bytes(content)
    port, api_port = free_ports(2)
    result = me.types("up", "--port", port, "--api-port", api_port, "--stories", file)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert result.stderr.startswith(f"{file}: ")

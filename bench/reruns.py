"""Measures what a page's rerun costs the real server, driven over its WebSocket as a browser does.

The floor is an empty application in the same run. `python -m bench.reruns --memory 2000` prints memory over reruns.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from backend_clients.settings import REPOSITORY, Settings
from bench.corpora import write_corpus
from bench.timing import MILLISECOND, Finding, shown
from streamlit_app.routes import Route

SAMPLE: Final = 114
PROCESSOR_BUDGET: Final = 60 * MILLISECOND
PAGES: Final = {"home": (Route.HOME, ""), "explore": (Route.EXPLORE, ""), "table": (Route.EXPLORE, "view=table")}
_APP: Final = REPOSITORY / "streamlit_app" / "app.py"
_EMPTY: Final = "import streamlit as st\nst.write('floor')\n"
_ROUNDS: Final = 40
_START_SECONDS: Final = 900.0  # embedding 10,000 stories for the first time takes minutes


class Session:
    """One visitor's WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self._socket = connection

    def rerun(self, route: Route, query: str) -> float:
        """Run a page once; returns the seconds until the script's end."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = "" if route is Route.HOME else route.url_path
        began = time.perf_counter()
        self._socket.send(message.SerializeToString())
        while not self._finished():
            pass
        return time.perf_counter() - began

    def _finished(self) -> bool:
        received = ForwardMsg()
        received.ParseFromString(self._socket.recv(timeout=60, decode=False))
        if received.WhichOneof("type") == "delta" and received.delta.new_element.HasField("exception"):
            raise RuntimeError(received.delta.new_element.exception.message)
        return received.WhichOneof("type") == "script_finished"


@contextmanager
def visiting(port: int, cookie: str = "") -> Iterator[Session]:
    """A session of a browser with this `Cookie` header."""
    headers = {"Cookie": cookie} if cookie else {}
    with connect(
        f"ws://127.0.0.1:{port}/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        additional_headers=headers,
        max_size=None,
        ping_interval=None,
        compression=None,
    ) as connection:
        yield Session(connection)


@contextmanager
def served(script: Path, ready: str, **settings: str) -> Iterator[tuple[int, psutil.Process]]:
    """Serve a script and yield its port and process once it answers at `ready`."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.address", "127.0.0.1"]
    command += ["--server.port", str(port), "--server.headless", "true", "--server.fileWatcherType", "none"]
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=os.environ | settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait(f"http://127.0.0.1:{port}{ready}")
            yield port, psutil.Process(process.pid)
        finally:
            process.terminate()


@contextmanager
def served_site(size: int, **settings: str) -> Iterator[tuple[int, psutil.Process]]:
    """Serve the site with `size` stories, every domain on its in-process side."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stories = Settings().stories_file if size == SAMPLE else write_corpus(size, folder / "stories.jsonl")
        flags = folder / "flags.yaml"
        flags.write_text("flags: {}\n", encoding="utf-8")
        own = {"DATA_DIR": name, "FLAGS_FILE": str(flags), "STORIES_FILE": str(stories), "STORIES_API_URL": ""}
        with served(_APP, "/-/ready", **own, **settings) as site:
            yield site


def measure() -> list[Finding]:
    """Processor and elapsed time of a rerun by page, after the floor."""
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.py"
        empty.write_text(_EMPTY, encoding="utf-8")
        with served(empty, "/_stcore/health") as (port, process):
            elapsed, processor = costs(port, process, Route.HOME, "")
    findings = [Finding("empty application", f"{shown(processor)} processor, {shown(elapsed)} elapsed")]
    with served_site(SAMPLE) as (port, process):
        findings += [_page(f"{name}, {SAMPLE} stories", port, process, *page) for name, page in PAGES.items()]
    return findings


def costs(port: int, process: psutil.Process, route: Route, query: str) -> tuple[float, float]:
    """Median elapsed and mean processor time of a rerun; the clock of processor time is too coarse for single ones."""
    with visiting(port) as session:
        for _ in range(5):
            session.rerun(route, query)
        before = _processor_seconds(process)
        elapsed = [session.rerun(route, query) for _ in range(_ROUNDS)]
        processor = (_processor_seconds(process) - before) / _ROUNDS
    return statistics.median(elapsed), processor


def _page(name: str, port: int, process: psutil.Process, route: Route, query: str) -> Finding:
    elapsed, processor = costs(port, process, route, query)
    figure = f"{shown(processor)} processor, {shown(elapsed)} elapsed"
    return Finding(name, figure, f"≤ {shown(PROCESSOR_BUDGET)} processor", processor <= PROCESSOR_BUDGET)


def _processor_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _wait(url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urlopen(url, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(f"no answer from {url}")


def _print_memory(reruns: int) -> None:
    """Resident memory every tenth of the way, alternating between the pages."""
    with served_site(SAMPLE) as (port, process), visiting(port) as session:
        for number in range(1, reruns + 1):
            session.rerun(*list(PAGES.values())[number % len(PAGES)])
            if number % (reruns // 10) == 0:
                print(f"{number:>6} reruns  {process.memory_info().rss / 1e6:6.1f} MB", flush=True)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--memory", type=int, metavar="RERUNS", required=True)
    _print_memory(arguments.parse_args().memory)

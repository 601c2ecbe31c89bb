"""Runs the local cloud as a child process, for tests and for other commands."""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lambdas.local.child_processes import die_with_parent
from lambdas.local.options import REPOSITORY, api_key_of

START_SECONDS = 30
STOP_SECONDS = 10

# Connects to the loopback address directly and ignores proxies of the environment.
_http = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class CloudError(Exception):
    """The local cloud did not start; the message is its output."""


class Cloud:
    """A running local cloud."""

    def __init__(
        self, process: subprocess.Popen[str], environment: Mapping[str, str], on_line: Callable[[str], object]
    ) -> None:
        self._environment = environment
        self._on_line = on_line
        self.url = ""
        self.aws_endpoint = ""
        self.lines: deque[str] = deque(maxlen=10_000)
        self._process = process
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def stacks(self) -> dict[str, Any]:
        """Per stack: `resources` (logical id -> name or URL), `outputs`, `functions`."""
        return dict(self.request("GET", "/-/stacks")["stacks"])

    def key_of(self, stack: str) -> str:
        """The key of a stack's API."""
        return api_key_of(stack, self._environment)

    def health(self) -> dict[str, Any]:
        return dict(self.request("GET", "/-/health"))

    def kill(self, function: str) -> int:
        """SIGKILL every process of a function; returns how many there were."""
        return int(self.request("POST", f"/-/functions/{quote(function, safe='')}/kill")["killed"])

    def invoke(self, function: str, event: Any) -> Any:
        """Invoke a function directly; returns its result, or Lambda's description of the error."""
        return self.request("POST", f"/-/functions/{quote(function, safe='')}/invocations", event)

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """An administrative request; JSON in, JSON out."""
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, content, method=method)
        with _http.open(request, timeout=60) as response:
            return json.load(response)

    def wait_ready(self) -> None:
        """Wait until the gateway is ready.

        Raises
        ------
        CloudError
            The process exited or took too long.
        """
        deadline = time.monotonic() + START_SECONDS
        while not self._ready.wait(0.05):
            ended = self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                self._reader.join(1)
                raise CloudError("\n".join(self.lines) or "the local cloud took too long to start")

    def stop(self) -> int:
        """Stop the cloud and all its child processes; returns its exit code."""
        self._process.terminate()
        try:
            code = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._reader.join(1)
        return code

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                self.lines.append(line.rstrip("\n"))
                self._on_line(self.lines[-1])
                if not self._ready.is_set():
                    self._note(*line.split(maxsplit=1))

    def _note(self, word: str = "", rest: str = "") -> None:
        match word:
            case "gateway":
                self.url = rest.strip()
            case "aws":
                self.aws_endpoint = rest.strip()
            case "ready":
                self._ready.set()


@contextmanager
def running_cloud(
    templates: Sequence[Path | str] = (),
    *,
    port: int = 0,
    parameters: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    options: Sequence[str] = (),
    on_line: Callable[[str], object] = lambda _: None,
) -> Iterator[Cloud]:
    """Start `python -m lambdas.local`, wait until it serves, and stop it at the end.

    Parameters
    ----------
    templates
        Paths or globs; every domain of the repository if empty.
    env
        Variables added to this process's own; `<STACK>_API_KEY` or `API_KEY` is the key that an API requires.
    options
        Further command line options, such as `["--concurrency", "8"]`.
    on_line
        Called with each line of output, from a separate thread.

    Raises
    ------
    CloudError
        It did not start; the message is its output.
    """
    environment = {**os.environ, **(env or {})}
    command = [sys.executable, "-m", "lambdas.local", "--port", str(port), *options]
    command += ["--templates", *map(str, templates)] if templates else []
    for name, value in (parameters or {}).items():
        command += ["--param", f"{name}={value}"]
    process = subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call, which takes no lock
    )
    cloud = Cloud(process, environment, on_line)
    try:
        cloud.wait_ready()
        yield cloud
    finally:
        cloud.stop()

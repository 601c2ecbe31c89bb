"""Child processes that share one log and end together."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from lambdas.local.child_processes import die_with_parent, kill_group

_GRACE_SECONDS: Final = 8.0


class Processes:
    """Starts named processes, prefixes their output lines, and stops all of them at the end."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        """Start a process in its own group, so that Ctrl-C reaches it only through `stop`.

        It is killed if this process is killed.
        """
        process = subprocess.Popen(
            command,
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call, which takes no lock
        )
        self._running[name] = process
        threading.Thread(target=_relay, args=(name, process), daemon=True).start()

    def ended(self) -> tuple[str, int] | None:
        """The first process that has ended, and its exit code."""
        for name, process in self._running.items():
            if (code := process.poll()) is not None:
                return name, code
        return None

    def kill(self, name: str) -> None:
        """End a process and those it started, at once; `ended` tells of it then."""
        process = self._running[name]
        kill_group(process.pid)
        process.wait()

    def stop(self) -> None:
        """Terminate every process, the last started first, and kill those still running after eight seconds."""
        with _undisturbed():
            for process in reversed(self._running.values()):
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
            deadline = time.monotonic() + _GRACE_SECONDS
            for process in self._running.values():
                try:
                    process.wait(max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    kill_group(process.pid)
                    process.wait()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ignore further signals while stopping, so that a second Ctrl-C leaves no process behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _relay(name: str, process: subprocess.Popen[str]) -> None:
    if process.stdout is None:
        return
    for line in process.stdout:
        if line.strip():
            sys.stdout.write(f"{name:<5} | {line.rstrip()}\n")
            sys.stdout.flush()

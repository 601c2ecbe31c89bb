"""Serves the site and the local Lambda stack as child processes, and starts the stack again if it ends."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import requests
import typer

from backend_clients.domains import DOMAINS
from backend_clients.settings import REPOSITORY, Settings
from contracts.story import Story
from operations.shared.console import fail
from operations.shared.options import path_settings
from operations.stack.loaders import load_into
from operations.stack.local_stack import Stacks, find_stack, note_stack, site_settings
from operations.stack.processes import Processes
from operations.stack.warm_up import warm_up

T = TypeVar("T")

HOST: Final = "127.0.0.1"
_CLOUD: Final = "cloud"
_START_SECONDS: Final = 60.0
_BUILD_SECONDS: Final = 900.0  # embedding a large corpus for the first time takes minutes
_FIRST_PAUSE: Final = 1.0  # before a stack is started that ended soon after its start; doubled each time
_LONGEST_PAUSE: Final = 60.0
_STEADY_SECONDS: Final = 60.0  # a stack that ran for so long is started again at once


@dataclass
class LocalServing:
    """The processes of `mattgpt up`. `say` prints a line; `fail` ends the command where something cannot start."""

    processes: Processes
    settings: Settings
    stories: Sequence[Story]
    port: int
    api_port: int
    say: Callable[[str], None]
    _restarts: int = 0
    _started: float = 0.0

    def start_stack(self) -> Stacks:
        """Start the local Lambda stack and load the stories."""
        command = [sys.executable, "-m", "lambdas.local", "--host", HOST, "--port", str(self.api_port)]
        self.processes.start(_CLOUD, command, self._environment(), REPOSITORY)
        stack = self._wait("the local Lambda stack", lambda: find_stack(self.api_port))
        load_into(stack, self.settings)
        note_stack(self.settings, self.api_port)
        return stack

    def warm_up(self, stack: Stacks) -> None:
        """Have every function answer once; a problem is printed and stops nothing."""
        for problem in warm_up(site_settings(self.settings, stack), self.stories):
            self.say(f"not warmed up: {problem}")

    def start_site(self, stack: Stacks | None) -> None:
        """Start the site before these stacks; with None, before the addresses of the settings."""
        site = [sys.executable, "-m", "streamlit", "run", str(REPOSITORY / "streamlit_app" / "app.py")]
        site += ["--server.address", HOST, "--server.port", str(self.port), "--server.headless", "true"]
        own = {name.upper(): str(path) for name, path in path_settings(self.settings)}
        own["SHOW_MAINTAINER"] = os.environ.get("SHOW_MAINTAINER", "1")
        if stack is not None:
            apis = site_settings(self.settings, stack)
            for domain in DOMAINS.values():  # keys too: everybody on the machine can read command lines
                own[domain.api_url_setting.upper()] = domain.api_url(apis)
                own[domain.api_key_setting.upper()] = domain.api_key(apis)
        # Streamlit reads its configuration, including theme and error details, from its working folder.
        self.processes.start("site", site, self._environment() | own, REPOSITORY)

    def wait_for_site(self) -> None:
        self._wait("the site", lambda: _answers(f"http://{HOST}:{self.port}/-/ready"), _BUILD_SECONDS)

    def watch(self) -> None:
        """Wait until the site ends, and end the command with its exit code; without a site, until a signal.

        A stack that ends is started again: the site goes on serving, from legacy where the stage falls back.
        """
        while True:
            ended = self.processes.ended()
            if ended is None:
                time.sleep(0.5)
            elif ended[0] != _CLOUD:
                fail(f"{ended[0]} ended with exit code {ended[1]}; stopping all processes")
            else:
                pause = self._pause()
                when = f" in {pause:.0f} s" if pause else ""
                self.say(f"cloud ended with exit code {ended[1]}; starting it again{when}")
                time.sleep(pause)
                self._start_stack_again()

    def _start_stack_again(self) -> None:
        self._started = time.monotonic()
        try:
            stack = self.start_stack()
        except typer.Exit:  # what was wrong has been printed
            if (ended := self.processes.ended()) is not None and ended[0] != _CLOUD:
                raise
            self.processes.kill(_CLOUD)  # it may run without its stories
            return
        self.warm_up(stack)
        self.say(f"stack  {stack.url}  (AWS services at {stack.aws_endpoint}) serves again, without its conversations:")
        self.say("       `mattgpt backfill ask` copies those that the site has")

    def _pause(self) -> float:
        """Seconds to wait before the next start: longer each time, until a stack runs steadily."""
        steady = self._restarts == 0 or time.monotonic() - self._started > _STEADY_SECONDS
        self._restarts = 1 if steady else self._restarts + 1
        return 0.0 if steady else min(_FIRST_PAUSE * 2.0 ** (self._restarts - 2), _LONGEST_PAUSE)

    def _environment(self) -> dict[str, str]:
        return os.environ | {"PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}

    def _wait(self, what: str, ready: Callable[[], T | None], within: float = _START_SECONDS) -> T:
        deadline = time.monotonic() + within
        while (found := ready()) is None:
            if (ended := self.processes.ended()) is not None:
                fail(f"{what} did not start: {ended[0]} ended with exit code {ended[1]}")
            if time.monotonic() > deadline:
                fail(f"{what} did not start within {within:.0f} s")
            time.sleep(0.1)
        return found


def _answers(url: str) -> bool | None:
    session = requests.Session()
    session.trust_env = False
    try:
        return session.get(url, timeout=1.0).ok or None
    except requests.RequestException:
        return None

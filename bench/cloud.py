"""Measures the overhead of the local cloud on a call, and stories through it."""

import http.client
from typing import Final
from urllib.parse import quote

from backend_clients.settings import REPOSITORY, Settings
from bench.timing import MILLISECOND, Finding, budgeted, median_seconds, shown
from contracts.story_file import read_stories
from lambdas.local.launcher import running_cloud
from operations.stack.loaders import load_into
from operations.stack.local_stack import stacks_of

INVOKE_BUDGET: Final = 1 * MILLISECOND
_TRIVIAL: Final = REPOSITORY / "bench" / "trivial" / "template.yaml"
_KEY: Final = "bench-key"
_ROUNDS: Final = 400


def measure() -> list[Finding]:
    return [_trivial(), *_stories()]


def _trivial() -> Finding:
    """Measure a warm function that returns immediately, over a kept-alive connection."""
    with running_cloud([_TRIVIAL], env={"API_KEY": _KEY}) as cloud:
        call = _caller(cloud.url, "/trivial")
        return budgeted(
            "a warm trivial invoke through the local cloud", median_seconds(call, _ROUNDS, 50), INVOKE_BUDGET
        )


def _stories() -> list[Finding]:
    settings = Settings()
    one = read_stories(settings.stories_file).stories[0].id
    with running_cloud(env={"API_KEY": _KEY}) as cloud:
        stack = stacks_of(cloud)
        load_into(stack, settings)
        calls = {
            "stories/list": _caller(cloud.url, "/api/stories"),
            "stories/get": _caller(cloud.url, f"/api/stories/{quote(one, safe='')}"),
        }
        return [
            Finding(f"{name} through the local cloud", shown(median_seconds(call, _ROUNDS, 20)))
            for name, call in calls.items()
        ]


class _caller:  # noqa: N801  reads as a function
    """Sends one GET repeatedly on one connection."""

    def __init__(self, url: str, path: str) -> None:
        self._connection = http.client.HTTPConnection(url.removeprefix("http://"))
        self._path = path

    def __call__(self) -> None:
        self._connection.request("GET", self._path, headers={"X-Api-Key": _KEY})
        response = self._connection.getresponse()
        response.read()
        if response.status != http.client.OK:
            raise RuntimeError(f"{self._path} answered {response.status}")

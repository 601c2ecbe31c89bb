"""The `mattgpt` command as its maintainer meets it, with flags, stories and data of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from backend_clients.corpus.corpus import Corpus
from backend_clients.routing.read_router import Operation
from operations.cli import app
from operations.commands.parity import GENERATORS, Generator
from operations.parity.runner import GeneratedRequest
from operations.shared import console
from tests.support.builders.stories import SAMPLE_FILE, write_rows

ROOT = Path(__file__).resolve().parents[2]
KEY = "parity-key"  # of the stack that the tests of commands share
COMMAND = Path(sys.executable).with_name("mattgpt")
# What would lead a command out of its test: to the repository's own data, or to a service.
_OUTSIDE = ("API_KEY", "STORIES_FILE", "OPENAI_API_KEY", "STORIES_API_URL", "SEARCH_API_URL", "ASK_API_URL")
_OUTSIDE = (*_OUTSIDE, "INDUSTRIES_API_URL", "PINECONE_API_KEY", "NO_PROXY", "AWS_ENDPOINT_URL_DYNAMODB")

NAMED_FLAGS = """\
# moved by hand, or by `mattgpt flags`
flags:
  stories: # the first to move
    state: ENABLED
    variants: {legacy: legacy, shadow: shadow, live: live, lambda: lambda}
    defaultVariant: legacy
  # the second
  search:
    state: ENABLED
    variants: {legacy: legacy, shadow: shadow, live: live, lambda: lambda}
    defaultVariant: legacy
  industries:
    state: ENABLED
    variants: {legacy: legacy, shadow: shadow, live: live, lambda: lambda}
    defaultVariant: legacy
  ask:
    state: ENABLED
    variants: {legacy: legacy, dualwrite: dualwrite, shadow: shadow, live: live, rampdown: rampdown, lambda: lambda}
    defaultVariant: legacy
"""


@dataclass(frozen=True)
class Maintainer:
    """Somebody at a keyboard, in a folder where nothing is shared with anyone."""

    folder: Path

    @property
    def flags(self) -> Path:
        return self.folder / "flags.yaml"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def allowed(self) -> Path:
        return self.folder / "parity_allowed.yaml"

    @property
    def environment(self) -> dict[str, str]:
        own = {"FLAGS_FILE": str(self.flags), "DATA_DIR": str(self.data), "COLUMNS": "200", "NO_COLOR": "1"}
        own["PARITY_ALLOWED_FILE"] = str(self.allowed)
        return {**{name: value for name, value in os.environ.items() if name not in _OUTSIDE}, **own}

    def types(self, *arguments: object, **environment: str) -> Result:
        """Run a command inside this process, which saves starting one."""
        with pytest.MonkeyPatch.context() as patch:
            for name in _OUTSIDE:
                patch.delenv(name, raising=False)
            for name, value in (self.environment | environment).items():
                patch.setenv(name, value)
            patch.setattr(console.out, "width", 200)  # else that of the first terminal it was made for
            return CliRunner().invoke(app, [str(argument) for argument in arguments])

    def starts(self, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command as a process of its own, and wait for it."""
        return subprocess.run(
            [COMMAND, *map(str, arguments)],
            env=self.environment | environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )


def generate_fewer(patch: pytest.MonkeyPatch) -> None:
    """Have a parity run make some requests of every kind: the parity tests make them all."""

    def sampled(made: Generator) -> Generator:
        def some(operations: Sequence[Operation[Any, Any]], corpus: Corpus, count: int) -> list[GeneratedRequest]:
            requests = made(operations, corpus, count)
            return requests[:: max(1, len(requests) // 25)]

        return some

    for domain, made in GENERATORS.items():
        patch.setitem(GENERATORS, domain, sampled(made))


def saved_weeks_ago(file: Path, weeks: int) -> None:
    """Have a file say that it was saved so many weeks ago: a flag that was changed by hand dates from then."""
    at = time.time() - weeks * 7 * 86_400
    os.utime(file, (at, at))


def maintainer(folder: Path) -> Maintainer:
    somebody = Maintainer(folder)
    somebody.flags.write_text(NAMED_FLAGS, "utf-8")
    return somebody


def sample_rows(count: int) -> list[dict[str, Any]]:
    """The first rows of the sample corpus."""
    with SAMPLE_FILE.open(encoding="utf-8") as lines:
        return [json.loads(line) for line, _ in zip(lines, range(count), strict=False)]


def story_file(path: Path, count: int = 8, **changes: Mapping[str, Any]) -> Path:
    """A small file of real stories; `changes` are new values for rows by their number, as in `row0={"Title": "x"}`."""
    rows = sample_rows(count)
    for row, values in changes.items():
        rows[int(row.removeprefix("row"))].update(values)
    return write_rows(path, rows)

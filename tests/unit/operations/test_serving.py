"""A stack that ends is started again, unless it ends again and again."""

from typing import Any

import pytest
import typer

from backend_clients.settings import Settings
from operations.stack import serving
from operations.stack.serving import LocalServing


class EndingProcesses:
    """Processes of which one has always ended."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.started: list[str] = []

    def start(self, name: str, *_: Any) -> None:
        self.started.append(name)

    def ended(self) -> tuple[str, int]:
        return self.name, -9

    def kill(self, name: str) -> None:
        assert name == "cloud"


def serving_with(processes: Any) -> tuple[LocalServing, list[str]]:
    said: list[str] = []
    return LocalServing(processes, Settings(), (), 1, 2, said.append), said


class Enough(Exception):
    """Ends a watch that would go on for ever."""


@pytest.mark.parametrize("reason", ["it does not start", "its stories cannot be loaded"])
def test_a_stack_that_cannot_be_started_is_tried_again_with_longer_pauses(
    monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    """The site serves meanwhile: nothing ends the command."""

    def rejected(*_: Any) -> None:
        raise typer.Exit(1)

    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 9:
            raise Enough

    processes = EndingProcesses("cloud")
    monkeypatch.setattr(serving, "find_stack", lambda _: object() if "loaded" in reason else None)
    monkeypatch.setattr(serving, "load_into", rejected)
    monkeypatch.setattr(serving.time, "sleep", pause)
    local, said = serving_with(processes)
    with pytest.raises(Enough):
        local.watch()
    assert pauses == [0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert processes.started == ["cloud"] * 8
    assert said[0] == "cloud ended with exit code -9; starting it again"
    assert said[2] == "cloud ended with exit code -9; starting it again in 2 s"


def test_a_site_that_ends_ends_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    processes = EndingProcesses("site")
    local, _ = serving_with(processes)
    with pytest.raises(typer.Exit):
        local.watch()
    assert processes.started == []
    assert "site ended with exit code -9" in capsys.readouterr().err

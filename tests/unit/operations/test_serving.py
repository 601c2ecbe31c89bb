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


def serving_with(processes: Any) -> tuple[LocalServing, list[str]]:
    said: list[str] = []
    return LocalServing(processes, Settings(), (), 1, 2, said.append), said


def test_a_stack_that_ends_again_and_again_ends_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serving, "find_stack", lambda _: None)
    processes = EndingProcesses("cloud")
    local, said = serving_with(processes)
    with pytest.raises(typer.Exit):
        local.watch()
    assert processes.started == ["cloud"] * 3
    assert said == ["cloud ended with exit code -9; starting it again"] * 3
    assert "cloud ended with exit code -9; stopping all processes" in capsys.readouterr().err


def test_a_site_that_ends_ends_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    processes = EndingProcesses("site")
    local, _ = serving_with(processes)
    with pytest.raises(typer.Exit):
        local.watch()
    assert processes.started == []
    assert "site ended with exit code -9" in capsys.readouterr().err

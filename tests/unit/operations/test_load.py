"""Loading every domain: what can fail comes before any write, and a failure half-way says what is served."""

from collections.abc import Callable
from typing import Any

import pytest
import typer

from backend_clients.domains import Domain
from lambdas.common.ingest.run import IngestError, Progress
from operations.stack import loaders
from operations.stack.loaders import IngestInput, LoadSummary, PlannedLoad, load

MATERIAL = IngestInput(stories=(), rules=())
NO_STACK: Any = None


class Loads:
    """Loaders that note what they do; the phases in `broken` fail."""

    def __init__(self, *broken: str) -> None:
        self.done: list[str] = []
        self._broken = broken

    def __call__(self, domain: Domain) -> Callable[[Any, IngestInput, Progress], PlannedLoad]:
        def step(name: str) -> None:
            if f"{name} {domain}" in self._broken:
                raise IngestError("it broke")
            self.done.append(f"{name} {domain}")

        def finish() -> LoadSummary:
            step("finish")
            return LoadSummary("done", "")

        def plan(_stack: Any, _material: IngestInput, on_progress: Progress) -> PlannedLoad:
            step("plan")
            on_progress(1, 1, "plan")
            return PlannedLoad("" if domain is Domain.INDUSTRIES else "v1", finish)

        return plan


def loading(monkeypatch: pytest.MonkeyPatch, *broken: str) -> Loads:
    loads = Loads(*broken)
    monkeypatch.setattr(loaders, "LOADERS", {domain: loads(domain) for domain in loaders.LOADERS})
    return loads


def test_every_domain_is_made_before_any_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    loads = loading(monkeypatch)
    load(NO_STACK, MATERIAL)
    names = list(loaders.LOADERS)
    assert loads.done == [f"plan {name}" for name in names] + [f"finish {name}" for name in names]


def test_what_cannot_be_made_leaves_every_domain_as_it_was(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loads = loading(monkeypatch, "plan search")
    with pytest.raises(typer.Exit):
        load(NO_STACK, MATERIAL)
    assert loads.done == ["plan stories"]
    assert "search: it broke; no domain was changed" in capsys.readouterr().err


def test_a_load_that_stops_half_way_says_what_each_domain_serves(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loading(monkeypatch, "finish search")
    with pytest.raises(typer.Exit):
        load(NO_STACK, MATERIAL)
    said = capsys.readouterr().err
    for line in (
        "search: it broke",
        "stories: serves the new corpus",
        "search: serves v1 as before",
        "industries: serves nothing as before",
        "run this again to load what is left",
    ):
        assert line in said

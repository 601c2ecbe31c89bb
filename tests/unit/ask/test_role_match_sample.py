"""Role match of the sample's job descriptions: honest evidence, and the same on both sides."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend_clients.ask import parity
from backend_clients.bootstrap import Clients, build_clients
from backend_clients.settings import Settings
from contracts.role_match import MatchRequest, RoleMatch
from contracts.rules.folding import visible
from contracts.rules.roles.strength import Strength, find_alternatives, roots
from contracts.search import SearchRequest, SearchResult
from lambdas.ask.retrieval.story_cache import CachedStory
from lambdas.ask.role_match_service import RoleMatchService
from lambdas.common.http.service_client import CallContext

DESCRIPTIONS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "relevance" / "job_descriptions.yaml").read_text("utf-8")
)["descriptions"]
FITTING = [item for item in DESCRIPTIONS if item["fits"]]
OTHERS = [item for item in DESCRIPTIONS if not item["fits"]]
CALLER = CallContext("request-1")


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    built = build_clients(Settings(data_dir=tmp_path_factory.mktemp("data")))
    yield built
    built.close()


class SameSearch:
    """The search API, answered by the in-process search."""

    def __init__(self, clients: Clients) -> None:
        self._operation = next(item for item in clients.search.operations if item.name == "hybrid")

    def hybrid(self, request: SearchRequest, caller: CallContext) -> SearchResult:
        assert self._operation.legacy is not None
        found: SearchResult = self._operation.legacy(request)
        return found


class SameStories:
    """The stories API, answered from the corpus."""

    def __init__(self, clients: Clients) -> None:
        self._corpus = clients.corpus

    def stories(self, ids: Iterable[str], version: str, caller: CallContext) -> dict[str, CachedStory]:
        return {story_id: CachedStory.of(self._corpus.by_id[story_id]) for story_id in ids}


def in_process(clients: Clients, text: str) -> RoleMatch:
    operation: Any = next(item for item in clients.ask.operations if item.name == "match")
    found: RoleMatch = operation.legacy(MatchRequest(description=text))
    return found


def strengths(found: RoleMatch) -> list[Strength]:
    return [one.strength for one in found.requirements if one.is_required]


def test_there_are_twenty_descriptions() -> None:
    assert (len(FITTING), len(OTHERS)) == (10, 10)


@pytest.mark.parametrize("item", DESCRIPTIONS, ids=lambda item: item["name"])
def test_nothing_is_invented_and_strong_is_shown(clients: Clients, item: dict[str, Any]) -> None:
    found = in_process(clients, item["text"])
    assert found.requirements
    for one in found.requirements:
        assert one.text in visible(item["text"])
        if one.strength is Strength.STRONG and not one.note:
            assert one.evidence
            asked = {key for sought in find_alternatives(one.text) for key in sought.weights}
            assert asked & roots(one.evidence[0].sentence)
        for shown in one.evidence:
            assert shown.sentence in visible(" ".join(clients.corpus.by_id[shown.story_id].texts()))


@pytest.mark.parametrize("item", DESCRIPTIONS, ids=lambda item: item["name"])
def test_both_sides_agree(clients: Clients, item: dict[str, Any]) -> None:
    service = RoleMatchService(SameSearch(clients), SameStories(clients), "test")  # type: ignore[arg-type]
    remote = service.match(MatchRequest(description=item["text"]), CALLER)
    assert parity.role_match_layers(remote) == parity.role_match_layers(in_process(clients, item["text"]))


@pytest.mark.parametrize("item", FITTING, ids=lambda item: item["name"])
def test_a_fitting_role_is_shown_at_least_in_part(clients: Clients, item: dict[str, Any]) -> None:
    found = strengths(in_process(clients, item["text"]))
    assert sum(one is not Strength.NONE for one in found) >= 0.6 * len(found)


@pytest.mark.parametrize("item", OTHERS, ids=lambda item: item["name"])
def test_another_profession_is_not(clients: Clients, item: dict[str, Any]) -> None:
    found = strengths(in_process(clients, item["text"]))
    assert Strength.STRONG not in found
    assert sum(one is Strength.PARTIAL for one in found) <= 0.25 * len(found)

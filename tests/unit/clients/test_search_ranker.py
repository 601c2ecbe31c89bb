"""Which ranker a hybrid search is given: the flag's, where Lambda answers and the request names none."""

from pathlib import Path
from typing import Any

import pytest

from backend_clients.errors import Unavailable
from backend_clients.flags.client import Flags
from backend_clients.http.session import ApiResponse
from backend_clients.routed import Origin
from backend_clients.routing.read_router import Router
from backend_clients.routing.router_parts import RouterParts
from backend_clients.search.client import SearchClient
from backend_clients.stages import Outcome
from contracts.search import Ranker, SearchKind, SearchRequest, SearchResult
from tests.support.builders.stories import story
from tests.support.sides.in_process import LegacySides
from tests.support.sides.routed import FakeLedger, InlinePool, MemoryRecords

FLAGS = """\
flags:
  search:
    state: ENABLED
    variants: {{a: {stage}}}
    defaultVariant: a
  search-ranker:
    state: ENABLED
    variants: {{classic: classic, fused: fused}}
    defaultVariant: {ranker}
"""
SIDES = LegacySides([story("s1", title="payments"), story("s2", title="cloud")], {"s1": 0.5, "s2": 0.3})


class OpenBreaker:
    """A breaker that lets every call through."""

    def call(self, function: Any, **_: Any) -> Any:
        return function()


class Remote:
    """Answers as legacy does and notes with which ranker it was asked."""

    def __init__(self) -> None:
        self.rankers: list[Ranker] = []
        self.down = False

    def hybrid(self, request: SearchRequest, *, shadow: bool = False) -> ApiResponse[SearchResult]:
        self.rankers.append(request.ranker)
        if self.down:
            raise Unavailable("down")
        return ApiResponse(SIDES.search.hybrid(request))

    semantic = keyword = hybrid


class Site:
    def __init__(self, folder: Path, stage: str, ranker: str, legacy: Any = SIDES.search) -> None:
        file = folder / "flags.yaml"
        file.write_text(FLAGS.format(stage=stage, ranker=ranker))
        self.flags = Flags(file)
        self.remote: Any = Remote()
        self.records: Any = MemoryRecords()
        pool: Any = InlinePool()
        ledger: Any = FakeLedger()
        breakers: Any = {"search": OpenBreaker()}
        router = Router(RouterParts(self.flags, breakers, pool, self.records, ledger))
        self.client = SearchClient(router, legacy, self.remote, self.flags)

    def search(self, kind: SearchKind = SearchKind.HYBRID, **fields: Any) -> Any:
        try:
            return self.client.search(kind, SearchRequest(query="payments", **fields), "visitor")
        finally:
            self.flags.close()


@pytest.mark.parametrize(
    ("stage", "flag", "asked_of_lambda", "outcomes"),
    [
        ("legacy", "fused", [], []),
        ("shadow", "fused", [Ranker.CLASSIC], [Outcome.MATCH]),
        ("shadow", "classic", [Ranker.CLASSIC], [Outcome.MATCH]),
        ("live", "classic", [Ranker.CLASSIC], [Outcome.MATCH]),
        ("live", "fused", [Ranker.FUSED], [Outcome.IGNORED]),
        ("lambda", "classic", [Ranker.CLASSIC], []),
        ("lambda", "fused", [Ranker.FUSED], []),
        ("lambda", "best", [Ranker.CLASSIC], []),
    ],
)
def test_the_flag_chooses_where_lambda_answers(
    stage: str, flag: str, asked_of_lambda: list[Ranker], outcomes: list[Outcome], tmp_path: Path
) -> None:
    site = Site(tmp_path, stage, flag)
    assert [hit.card.id for hit in site.search().value.hits] == ["s1", "s2"]
    assert site.remote.rankers == asked_of_lambda
    assert [record.outcome for record in site.records.comparisons] == outcomes


@pytest.mark.parametrize("named", list(Ranker))
@pytest.mark.parametrize("flag", ["classic", "fused"])
def test_a_ranker_that_is_named_stands(named: Ranker, flag: str, tmp_path: Path) -> None:
    site = Site(tmp_path, "lambda", flag)
    site.search(ranker=named)
    assert site.remote.rankers == [named]


@pytest.mark.parametrize("kind", [SearchKind.SEMANTIC, SearchKind.KEYWORD])
def test_only_hybrid_search_is_ranked_anew(kind: SearchKind, tmp_path: Path) -> None:
    site = Site(tmp_path, "lambda", "fused")
    site.search(kind)
    assert site.remote.rankers == [Ranker.CLASSIC]


def test_where_legacy_stands_in_the_classic_ranking_serves(tmp_path: Path) -> None:
    site = Site(tmp_path, "live", "fused")
    site.remote.down = True
    routed = site.search()
    assert (routed.origin, routed.fell_back) == (Origin.LEGACY, True)
    assert routed.value == SIDES.search.hybrid(SearchRequest(query="payments"))


def test_without_a_legacy_side_the_flag_chooses(tmp_path: Path) -> None:
    site = Site(tmp_path, "legacy", "fused", legacy=None)
    site.search()
    assert site.remote.rankers == [Ranker.FUSED]

"""Cached reads expire after a short time, and when flags or a corpus change."""

import pytest

from backend_clients.errors import InvalidRequest, Unavailable
from backend_clients.routed import Origin
from backend_clients.stages import Stage
from contracts.stories import StoryListRequest
from streamlit_app.routes import Route
from streamlit_app.session.cached_reads import CachedReads
from tests.support.builders.stories import complete_story
from tests.support.sides.lambda_rules import stories_side
from tests.support.site.clients import FakeClients, fake_clients, some_stories
from tests.support.site.pages import OpenPage, words

ONE = StoryListRequest(limit=1)


@pytest.fixture
def clients() -> FakeClients:
    return fake_clients(*some_stories(12), show_maintainer=True)


@pytest.fixture
def reads(clients: FakeClients, open_page: OpenPage) -> CachedReads:
    """Of a fresh site; `open_page` forgets what was at hand before and after."""
    open_page(clients, Route.HOME)
    clients.stories.lists.clear()
    return CachedReads(clients, "ada")  # type: ignore[arg-type]


def test_what_was_just_read_is_at_hand_for_everyone_in_the_stage(reads: CachedReads, clients: FakeClients) -> None:
    first = reads.list_stories(StoryListRequest(limit=2))
    again = CachedReads(reads.clients, "grace").list_stories(StoryListRequest(limit=2))

    assert again.value is first.value
    assert (first.latency_ms, again.latency_ms) == (38.2, 0.0)
    assert len(clients.stories.lists) == 1


def test_another_request_is_another_read(reads: CachedReads, clients: FakeClients) -> None:
    for request in (StoryListRequest(limit=2), StoryListRequest(limit=3), StoryListRequest(limit=2, q="story")):
        reads.list_stories(request)
    assert len(clients.stories.lists) == 3

    assert reads.get_industry("banking").value.name == "Banking"
    assert reads.list_categories("banking").value.name == "Banking"
    assert reads.get_industry("health").value.name == "Health"


def test_what_no_encoding_takes_is_refused_by_the_contract(reads: CachedReads) -> None:
    with pytest.raises(InvalidRequest):
        reads.get_story("\ud800")


def test_changed_flags_end_it(reads: CachedReads, clients: FakeClients) -> None:
    reads.list_stories(ONE)
    clients.flags.current = Stage.LAMBDA
    clients.stories.origin = Origin.LAMBDA
    assert reads.list_stories(ONE).origin is Origin.LAMBDA

    clients.flags.current, clients.flags.generation = Stage.LEGACY, 1
    clients.stories.origin = Origin.LEGACY
    before = len(clients.stories.lists)
    assert reads.list_stories(ONE).origin is Origin.LEGACY
    assert len(clients.stories.lists) == before + 1


def test_another_corpus_ends_it(reads: CachedReads, clients: FakeClients) -> None:
    assert reads.list_stories(ONE).value.total == 12
    clients.stories.side = stories_side(complete_story("only"))
    assert reads.list_stories(ONE).value.total == 12  # nobody was asked, so nobody knows yet

    reads.list_stories(StoryListRequest(limit=2))
    assert reads.list_stories(ONE).value.total == 1


def test_a_failure_and_a_stand_in_are_not_kept(reads: CachedReads, clients: FakeClients) -> None:
    clients.stories.failures["list"] = Unavailable("down")
    with pytest.raises(Unavailable):
        reads.list_stories(StoryListRequest(limit=5))
    clients.stories.failures.clear()
    clients.stories.fell_back = True
    assert reads.list_stories(StoryListRequest(limit=5)).fell_back
    clients.stories.fell_back = False
    assert not reads.list_stories(StoryListRequest(limit=5)).fell_back


@pytest.mark.parametrize("route", [Route.HOME, Route.EXPLORE, Route.ASK, Route.ABOUT])
def test_a_rerun_asks_nobody(open_page: OpenPage, clients: FakeClients, route: Route) -> None:
    page = open_page(clients, route)
    asked = len(clients.stories.lists)
    page.run()

    assert len(clients.stories.lists) == asked > 0
    if route is not Route.ASK:
        assert "answered by legacy · a moment ago" in words(page)

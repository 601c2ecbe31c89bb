"""Every page with corpora of different shapes, and with an owner's own, which shows no sample data."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from google.protobuf.text_format import MessageToString
from streamlit.testing.v1 import AppTest

from backend_clients.bootstrap import Clients, build_clients
from backend_clients.profile_file import read_profile
from backend_clients.settings import Settings
from contracts.industries import AGGREGATE_CLIENTS
from contracts.story import Story
from streamlit_app.routes import Route
from tests.support.builders.stories import SAMPLE_FILE, complete_story, write_rows
from tests.support.site.clients import FakeClients, fake_clients, some_stories, write_profile
from tests.support.site.pages import OpenPage, words

LONG = "On the Reconciliation of Seventeen Ledgers " * 7
CORPORA: dict[str, list[Story]] = {
    "no story": [],
    "one story": some_stories(1),
    "a bare story": [Story(id="a")],
    "one industry": some_stories(20, industry="Banking"),
    "no dates": some_stories(20, start_date="", era="", theme=""),
    "long titles": some_stories(20, title=LONG[:300], client=LONG[:300], era=LONG[:300], capability=LONG[:300]),
    "narratives alone": some_stories(3, theme="Professional Narrative"),
    "no client, no tags": some_stories(12, client="", tags=(), capability="", industry="", category=""),
}
PAGES: dict[str, tuple[Route, dict[str, Any]]] = {
    "home": (Route.HOME, {}),
    "cards": (Route.EXPLORE, {}),
    "table": (Route.EXPLORE, {"view": "table"}),
    "timeline": (Route.EXPLORE, {"view": "timeline"}),
    "search": (Route.EXPLORE, {"q": "made faster"}),
    "search table": (Route.EXPLORE, {"q": "made faster", "view": "table"}),
    "search timeline": (Route.EXPLORE, {"q": "made faster", "view": "timeline"}),
    "refused": (Route.EXPLORE, {"q": "tell me a joke"}),
    "ask": (Route.ASK, {}),
    "industry": (Route.INDUSTRY, {}),
    "about": (Route.ABOUT, {}),
}
OWN_PROFILE = "name: Ada Lovelace\nheadline: Countess of engines\nline: Notes on engines.\nabout: [I wrote notes.]\n"


def of_story(story_id: str) -> dict[str, tuple[Route, dict[str, Any]]]:
    """The pages that are about one story."""
    return {
        "story": (Route.STORY, {"id": story_id, "pos": "1"}),
        "print": (Route.STORY, {"id": story_id, "print": "1"}),
        "ask about it": (Route.ASK, {"story": story_id}),
    }


@pytest.mark.parametrize("name", CORPORA)
def test_every_page_serves_every_corpus(open_page: OpenPage, name: str) -> None:
    stories = CORPORA[name]
    clients = fake_clients(*stories)
    for place, (route, query) in (PAGES | (of_story(stories[0].id) if stories else {})).items():
        page = open_page(clients, route, **query)
        assert not page.error, place
        assert not re.search(r"\bNone\b(?! of)|\bnan\b", words(page)), place
    if stories:
        page = open_page(clients, Route.ASK)
        page.chat_input[0].set_value("What was made faster?").run()
        assert not page.exception
        assert not page.error


def test_parts_without_data_are_left_out(open_page: OpenPage) -> None:
    undated = fake_clients(*CORPORA["no dates"])
    assert "Career" not in words(open_page(undated, Route.ABOUT))
    assert "None of these stories belongs to an era" in words(open_page(undated, Route.EXPLORE, view="timeline"))
    nameless = fake_clients(*CORPORA["no client, no tags"])
    assert "No story has an industry" in words(open_page(nameless, Route.INDUSTRY))
    assert "There are no stories yet" in words(open_page(fake_clients(), Route.EXPLORE))


@pytest.fixture(scope="module")
def many() -> FakeClients:
    return fake_clients(*some_stories(10_000, tags=("Python", "SQL")))


@pytest.mark.parametrize(
    "query", [{}, {"view": "table", "page": "200"}, {"view": "timeline"}, {"q": "story 0042"}], ids=str
)
def test_explore_sends_a_page_of_ten_thousand_stories(
    open_page: OpenPage, many: FakeClients, query: dict[str, str]
) -> None:
    page = open_page(many, Route.EXPLORE, **query)

    assert not page.error
    assert len(sent(page)) < 400
    assert sum(proto.ByteSize() for proto in sent(page)) < 200_000


@pytest.mark.parametrize(("route", "said"), [(Route.HOME, "10,000"), (Route.INDUSTRY, "5,000"), (Route.ABOUT, "5,000")])
def test_the_other_pages_serve_ten_thousand_stories(
    open_page: OpenPage, many: FakeClients, route: Route, said: str
) -> None:
    page = open_page(many, route)

    assert not page.error
    assert said in everything(page)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    """The real clients over an owner's stories and profile."""
    folder = tmp_path_factory.mktemp("own")
    rows = [
        {
            "id": f"engine-{number}|royal",
            "Title": f"Engine number {number}",
            "Client": ("Royal Society", "Difference Works")[number % 2],
            "Industry": "Mechanical Computing",
            "Era": "Steam",
            "Solution / Offering": "Analytical Engines",
            "Category": "Mills",
            "Role": "Analyst",
            "Start_Date": "1843-07",
            "Situation": ["Numbers were slow."],
            "Result": ["Made 40% faster."],
            "public_tags": "Bernoulli, punched cards",
        }
        for number in range(6)
    ]
    clients = build_clients(
        Settings(
            data_dir=folder,
            stories_file=write_rows(folder / "stories.jsonl", rows),
            profile_file=write_profile(folder / "profile.yaml", OWN_PROFILE),
        )
    )
    yield clients
    clients.close()


def test_nothing_of_the_sample_remains_beside_an_owners_stories(open_page: OpenPage, own: Clients) -> None:
    shown = {
        place: everything(open_page(own, route, **query))
        for place, (route, query) in (PAGES | of_story("engine-1|royal")).items()
    }
    page = open_page(own, Route.ASK)
    page.chat_input[0].set_value("Which engine was made faster?").run()
    shown["answer"] = everything(page)

    assert "Engine number" in shown["answer"]
    assert "Ada Lovelace" in shown["home"]
    for place, text in shown.items():
        assert sample_names().findall(text) == [], place


def test_what_the_sample_shows_would_be_found(open_page: OpenPage) -> None:
    sample = [complete_story(row["id"], title=row["Title"], client=row["Client"]) for row in sample_rows()[:3]]
    text = everything(open_page(fake_clients(*sample, stories_file=SAMPLE_FILE), Route.EXPLORE))

    assert {sample[0].title, sample[0].client, "Matt", "Sample data"} <= set(sample_names().findall(text))


def everything(page: AppTest) -> str:
    """All that a page sends, without the escapes of Markdown."""
    text = "\n".join(MessageToString(proto, as_utf8=True) for proto in sent(page))
    return re.sub(r"[\\\u2060]+", "", text.replace(r"\n", "\n"))


def sent(page: AppTest) -> list[Any]:
    """Every message of the page's that says something."""
    protos = (getattr(node, "proto", None) for node in page.main)
    return [proto for proto in protos if proto is not None]


def sample_rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in SAMPLE_FILE.read_text("utf-8").splitlines()]


@cache
def sample_names() -> re.Pattern[str]:
    """Everything by which the sample would be known: its owner, its stories, and the words that mark it."""
    keys = ("Title", "Client", "Employer", "Industry", "Era", "Solution / Offering", "Sub-category", "Role", "Place")
    values = {row[key] for row in sample_rows() for key in keys} - {""}
    profile = read_profile(Settings().profile_file)
    named = {value for value in values if value.casefold() not in AGGREGATE_CLIENTS}
    named |= {profile.name, profile.headline, profile.line, *profile.about, "Sample data", "invented"}
    longest_first = sorted(map(re.escape, named), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(longest_first)})(?!\w)")

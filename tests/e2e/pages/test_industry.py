"""The Industry and About pages: the corpus by industry and by era."""

import re
from pathlib import Path
from typing import Any

import pytest

from backend_clients.errors import Unavailable
from streamlit_app.routes import Route
from streamlit_app.shared.markdown_escape import escape_markdown
from tests.support.builders.stories import complete_story, story
from tests.support.site.clients import FakeClients, fake_clients, some_stories, write_profile
from tests.support.site.pages import OpenPage, links, shown, ways, words

HOSTILE = "<script>x</script> ![x](http://evil/i.png) [go](javascript:1) :red[x] `a` $x$ **b** :material/home:"


@pytest.fixture
def clients() -> FakeClients:
    return fake_clients(*some_stories(20))


def link_to(page: Any, label: str) -> Any:
    return next(link for link in page.page_link if shown(link.label) == label)


def test_an_industry_shows_its_figures(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.INDUSTRY, slug="health")

    assert page.title[0].value == "Health"
    assert {metric.label: metric.value for metric in page.metric} == {
        "Stories": "10", "Clients": "3", "Years": "2000\N{EN DASH}2001", "Metrics": "10",
    }  # fmt: skip
    assert "40% faster" in words(page).replace("\\", "")


def test_without_a_slug_the_largest_industry_is_shown(open_page: OpenPage) -> None:
    stories = [*some_stories(5), complete_story("z", industry="Retail")]
    assert open_page(fake_clients(*stories), Route.INDUSTRY).title[0].value == "Banking"


@pytest.mark.parametrize("several", ["Cross Industry", "Multiple Industries", "Other", "N/A"])
def test_without_a_slug_the_industry_is_one(open_page: OpenPage, several: str) -> None:
    stories = [*some_stories(5, industry=several), complete_story("z", industry="Retail")]
    assert open_page(fake_clients(*stories), Route.INDUSTRY).title[0].value == "Retail"
    assert open_page(fake_clients(*stories[:5]), Route.INDUSTRY).title[0].value == several


def test_capabilities_lead_to_explore_by_tier(open_page: OpenPage) -> None:
    rare = complete_story("z", title="Z", industry="Banking", capability="Rare")
    page = open_page(fake_clients(*some_stories(8), rare), Route.INDUSTRY, slug="banking")

    headers = [header.value for header in page.header]
    assert headers[-2:] == ["Core capabilities", "Specialized capabilities"]
    explores = [link.proto.query_string for link in page.page_link if shown(link.label) == "Explore"]
    assert explores == ["industries=Banking&capabilities=Migration", "industries=Banking&capabilities=Rare"]
    assert ":small[Python, SQL]" in words(page)


def test_client_pills_filter_the_stories_and_go_into_the_address(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.INDUSTRY, slug="banking")
    assert page.pills[0].options == ["Acme · 4", "Globex · 3", "Initech · 3"]
    assert "Explore all 10 stories" in links(page)

    page.pills[0].set_value(["Globex"]).run()
    assert page.query_params == {"slug": "banking", "clients": "Globex"}
    assert clients.stories.lists[-1].clients == ("Globex",)
    assert link_to(page, "Explore all 3 stories").proto.query_string == "industries=Banking&clients=Globex"


def test_names_for_several_clients_come_last_and_are_marked(open_page: OpenPage) -> None:
    stories = [complete_story(str(number), industry="Banking", client="Multiple Clients") for number in range(3)]
    page = open_page(fake_clients(*stories, complete_story("z", industry="Banking", client="Acme")), Route.INDUSTRY)

    assert page.pills[0].options == ["Acme · 1", "Multiple Clients · 3"]
    assert [option.content_icon for option in page.pills[0].proto.options] == ["", ":material/groups:"]
    assert {metric.label: metric.value for metric in page.metric}["Clients"] == "1"


def test_another_industry_can_be_chosen(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.INDUSTRY, slug="banking", clients="Globex")
    page.selectbox[0].set_value("health").run()

    assert page.title[0].value == "Health"
    assert page.query_params == {"slug": "health"}


def test_a_question_about_the_industry_is_prepared(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.INDUSTRY, slug="banking")

    assert link_to(page, "Ask about this industry").proto.query_string == "q=Which+results+stand+out+in+Banking%3F"


@pytest.mark.parametrize("slug", ["space", "../etc", "<script>", "x" * 3000, "a\x00b"])
def test_an_unknown_industry_names_the_known_ones(open_page: OpenPage, clients: FakeClients, slug: str) -> None:
    page = open_page(clients, Route.INDUSTRY, slug=slug)

    assert page.title[0].value == "No such industry"
    assert list(ways(page)) == ["Banking · 10", "Health · 10"]
    ways(page)["Health · 10"].click().run()
    assert page.title[0].value == "Health"


def test_clients_that_are_not_there_filter_nothing(open_page: OpenPage, clients: FakeClients) -> None:
    open_page(clients, Route.INDUSTRY, slug="banking", clients="Gone Ltd")
    assert clients.stories.lists[-1].clients == ()


def test_a_corpus_without_industries_says_so(open_page: OpenPage) -> None:
    assert "No story has an industry" in words(open_page(fake_clients(complete_story("a")), Route.INDUSTRY))


@pytest.mark.parametrize(
    ("side", "operation", "said"),
    [
        ("industries", "list", "industries could not be listed"),
        ("industries", "get", "industry could not be loaded"),
        ("industries", "categories", "industry could not be loaded"),
        ("stories", "list", "stories could not be listed"),
    ],
)
def test_failure_says_what_failed_and_retry_recovers(
    open_page: OpenPage, clients: FakeClients, side: str, operation: str, said: str
) -> None:
    failures = getattr(clients, side).failures
    failures[operation] = Unavailable("down")
    page = open_page(clients, Route.INDUSTRY, slug="banking")
    assert said in page.error[0].value
    assert [title.value for title in page.title] == ["Banking" if side == "stories" else "Industries"]

    failures.clear()
    next(button for button in page.button if button.label == "Retry").click().run()
    assert not page.error
    assert "Explore all 10 stories" in links(page)


def test_an_industry_without_dates_clients_capabilities_or_metrics(open_page: OpenPage) -> None:
    page = open_page(fake_clients(story("a", title="A", industry="Banking")), Route.INDUSTRY)
    assert {metric.label: metric.value for metric in page.metric} == {"Stories": "1"}
    assert "Core capabilities" not in words(page)


def test_hostile_names_are_shown_as_text(open_page: OpenPage) -> None:
    hostile = complete_story("h", title=HOSTILE, client=HOSTILE, industry=HOSTILE, capability=HOSTILE, tags=(HOSTILE,))
    shown = words(open_page(fake_clients(hostile), Route.INDUSTRY))

    for markup in ("<script", "![x", "[go]", ":red[x]", "`a", "$x"):
        assert not re.search(rf"(?<!\\){re.escape(markup)}", shown), markup


def test_about_tells_the_career_by_era_newest_first(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.ABOUT)

    assert page.title[0].value == "About Matt"
    shown = words(page)
    assert shown.index("**Cloud**") < shown.index("**Foundations**")
    assert "Migration" in shown
    assert link_to(page, "10 stories").proto.query_string == "eras=Cloud&view=timeline"
    assert "Migration · 20" in links(page)
    assert "Python · 20" in links(page)


def test_about_counts_competencies_by_the_stories_that_name_them(open_page: OpenPage, clients: FakeClients) -> None:
    lonely = complete_story("one", industry="Banking", competencies=("Negotiation", "Testing :smile:"))
    page = open_page(fake_clients(lonely, *some_stories(3, competencies=("Negotiation",))), Route.ABOUT)
    assert link_to(page, "Negotiation · 4").proto.query_string == "q=Negotiation"
    assert f"{escape_markdown('Testing :smile:')} · 1" in links(page)

    clients.industries.failures["list"] = Unavailable("down")
    down = open_page(clients, Route.ABOUT)
    assert "competencies could not be counted" in down.error[0].value
    assert "Migration · 20" in links(down)


def test_about_shows_the_owners_words_and_links(open_page: OpenPage, tmp_path: Path) -> None:
    text = (
        f"name: Ada\nheadline: Engineer\nline: Machines.\nabout: ['{HOSTILE}']\n"
        "links: [{label: Elsewhere, url: 'https://ada.example'}]\n"
    )
    profile = write_profile(tmp_path / "profile.yaml", text)
    page = open_page(fake_clients(*some_stories(3), profile_file=profile), Route.ABOUT)

    assert page.title[0].value == "About Ada"
    assert escape_markdown(HOSTILE) in words(page)
    assert page.link_button[0].proto.url == "https://ada.example/"


def test_about_without_dates_or_eras(open_page: OpenPage) -> None:
    page = open_page(fake_clients(*some_stories(3, start_date="", era="")), Route.ABOUT)
    assert "Career" not in [header.value for header in page.header]

    undated = open_page(fake_clients(*some_stories(3, start_date="")), Route.ABOUT)
    assert "undated" in words(undated)


def test_about_stands_when_the_corpus_cannot_be_read(open_page: OpenPage, clients: FakeClients) -> None:
    clients.stories.failures["list"] = Unavailable("down")
    page = open_page(clients, Route.ABOUT)

    assert "career could not be loaded" in page.error[0].value
    assert "How this site is built" in words(page)

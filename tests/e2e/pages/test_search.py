"""Searches on the Explore page: order, explained scores, highlighted words, messages."""

import re
from typing import Any

import pytest

from backend_clients.errors import Unavailable
from contracts.search import SearchRequest, SearchResult
from streamlit_app.explore.match import explain_score
from streamlit_app.routes import Route
from streamlit_app.shared.markdown_escape import highlighted, searched_stems
from tests.support.builders.stories import complete_story
from tests.support.site.clients import FakeClients, fake_clients, some_stories
from tests.support.site.pages import OpenPage, links, ways, words

HOSTILE = "<script>alert(1)</script> ![payments](http://evil/i.png) [payments](javascript:1) :red[payments] payments"


@pytest.fixture
def clients() -> FakeClients:
    """A dozen stories about payments among forty."""
    paying = [
        complete_story(
            f"pay-{number:02}|acme",
            title=f"Payments {number:02}",
            client="Acme",
            industry="Banking",
            era="Cloud",
            start_date="2015-01",
            curated_summary="Mended payments.",
        )
        for number in range(12)
    ]
    return fake_clients(*paying, *some_stories(28), show_maintainer=True)


def press(page: Any, label: str) -> Any:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception
    return page


def test_a_query_is_searched_for_and_not_listed(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE, q="payments", clients="Acme", page="2")

    request = clients.search.searches[0]
    assert (request.query, request.filters.clients, request.limit, request.offset) == ("payments", ("Acme",), 9, 9)
    assert request.filters.include_narratives
    assert not clients.stories.lists
    assert "**10-12** of **12** stories" in words(page)
    assert "Best match first" in words(page)
    assert page.text_input[0].value == "payments"


def test_every_hit_explains_its_score_and_marks_the_words(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE, q="payments")

    shown = words(page)
    assert "### :violet-background[Payments] 00" in shown
    assert re.search(r"\*\*\d+%\*\* by meaning", shown)
    assert re.search(r"\*\*100%\*\* by words", shown)
    assert "rare ones count more" in shown
    assert "pos=1" in page.page_link[0].proto.query_string


def test_an_explanation_for_visitors_is_in_words() -> None:
    hit = fake_clients(*some_stories(3)).search.side.hybrid(SearchRequest(query="story 001")).hits[0]
    told = explain_score(hit, with_percentages=False)
    assert re.findall(r"\*\*(\w+)\*\* (overall|by meaning|by words)", told) == [
        ("Strong", "overall"), ("Strong", "by meaning"), ("Strong", "by words"),
    ]  # fmt: skip
    assert "%" not in told


def test_an_explanation_leaves_out_what_a_search_did_not_use() -> None:
    side = fake_clients(*some_stories(3)).search.side
    hit = side.keyword(SearchRequest(query="story")).hits[0]
    assert "meaning" not in explain_score(hit, with_percentages=True).lower()


def test_the_table_holds_the_whole_result(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE, q="payments", view="table")

    assert clients.search.searches[0].limit == 100
    assert len(page.dataframe[0].value) == 12
    assert page.dataframe[0].value["Match"].is_monotonic_decreasing


def test_the_timeline_groups_the_hits(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE, q="payments", view="timeline")

    assert [header.value for header in page.header] == ["Cloud"]
    assert links(page).count("Read") == 6
    ways(page)["Explore all 12"].click().run()
    assert page.query_params == {"q": "payments", "eras": "Cloud"}


def test_an_industry_that_holds_more_is_offered_whole(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE, q="payments")

    assert "**12** of the **26** stories in Banking" in words(page)
    chosen = open_page(clients, Route.EXPLORE, q="payments", industries="Banking")
    assert "**12** of the **26** stories in Banking" in words(chosen)
    ways(chosen)["View all"].click().run()
    assert chosen.query_params == {"industries": "Banking"}
    assert "of **26** stories" in words(chosen)


def test_an_industry_shown_whole_needs_no_banner(open_page: OpenPage) -> None:
    stories = [complete_story(f"p{number}", title="Payments", industry="Banking") for number in range(3)]

    assert "stories in Banking" not in words(open_page(fake_clients(*stories), Route.EXPLORE, q="payments"))


def test_the_hits_stand_when_the_industry_cannot_be_counted(open_page: OpenPage, clients: FakeClients) -> None:
    clients.industries.failures["list"] = Unavailable("down")
    page = open_page(clients, Route.EXPLORE, q="payments")

    assert "The number of stories in this industry could not be loaded" in words(page)
    assert links(page).count("Read the story") == 9


def test_a_refusal_says_why_and_leads_to_ask(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE, q="tell me a joke")
    assert "looks like a question about jokes" in page.info[0].value

    press(page, "Which projects involved Migration?")
    assert page.title[0].value == "Ask"
    assert clients.ask.asked[0].from_suggestion


def test_filters_that_leave_nothing_are_said_and_cleared(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE, q="payments", clients="Globex", view="table")

    assert "No story with these filters; 12 stories match without them" in page.info[0].value
    press(page, "Clear filters")
    assert page.query_params == {"q": "payments", "view": "table"}


def test_hits_that_only_stand_in_are_marked(open_page: OpenPage, clients: FakeClients) -> None:
    search = clients.search.side.hybrid

    def doubtful(request: Any) -> SearchResult:
        return search(request).model_copy(update={"suppressed": True, "total": 3})

    clients.search.side.hybrid = doubtful
    page = open_page(clients, Route.EXPLORE, q="payments")
    assert "No story matches this search well. These 3 are the closest" in page.info[0].value


@pytest.mark.parametrize("view", ["cards", "table", "timeline"])
def test_failure_keeps_the_query_and_retry_recovers(open_page: OpenPage, clients: FakeClients, view: str) -> None:
    clients.search.failures["hybrid"] = Unavailable("the search service is down")
    page = open_page(clients, Route.EXPLORE, q="payments", view=view)
    assert "could not be searched" in page.error[0].value
    assert page.text_input[0].value == "payments"

    clients.search.failures.clear()
    press(page, "Retry")
    assert not page.error
    assert "stories" in words(page)


def test_a_page_beyond_the_last_is_the_last(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE, q="payments", page="99")

    assert "There is no page 99" in words(page)
    assert "**10-12** of **12** stories" in words(page)


@pytest.mark.parametrize("query", ["payments", "script payments http alert", "a-b .. -- #", "\u202eabc"])
def test_marking_words_lets_no_markup_through(query: str) -> None:
    for marked in (
        highlighted(HOSTILE, searched_stems(query)),
        highlighted(HOSTILE, searched_stems(query), around="gray"),
    ):
        data = marked.replace(":violet-background[", "").replace(":gray[", "")
        for markup in ("<", "[payments]", "![", "](", ":red["):
            assert not re.search(rf"(?<!\\){re.escape(markup)}", data), markup


@pytest.mark.parametrize("view", ["cards", "table", "timeline"])
def test_hostile_text_is_shown_as_text(open_page: OpenPage, view: str) -> None:
    story = complete_story("h", title=HOSTILE, client=HOSTILE, era=HOSTILE, industry=HOSTILE, curated_summary=HOSTILE)
    page = open_page(fake_clients(story), Route.EXPLORE, q="payments script", view=view)

    shown = words(page)
    assert "<script>" not in shown
    assert "](http" not in shown
    assert ":red[p" not in shown

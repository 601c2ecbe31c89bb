"""The Story page: the whole story, its links, and escaping of hostile text."""

import re
from typing import Any
from urllib.parse import parse_qs

import pytest

from backend_clients.errors import InvalidRequest, Unavailable
from contracts.search import SearchFilters, SearchRequest
from streamlit_app.routes import Route
from streamlit_app.shared.story_slug import story_slug
from tests.support.builders.stories import complete_story, story
from tests.support.site.clients import FakeClients, fake_clients, some_stories
from tests.support.site.pages import OpenPage, links, shown, ways, words

FULL = complete_story(
    "full|acme",
    title="The full story",
    client="Acme",
    role="Architect",
    industry="Banking",
    start_date="2006-02",
    end_date="2007-03",
    category="Data",
    curated_summary="In short.",
    action=("First.", "  - Nested.", "    - Deeper.", "Second."),
    performance=("Cost fell by $450,000.", "Speed rose 4x.", "Errors fell 12%.", "Used by 300+ people.", "5 months."),
    competencies=("Payments",),
    tags=("SWIFT", "Java"),
)
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)> ![x](http://evil/i.png) [go](javascript:alert(1)) "
    "# head :red[x] `code` $x^2$ **bold** https://evil.example www.evil.example mail@evil.example :material/home: "
    ":smile: -- -> " + "W" * 600 + " \u202e\u0645\u0631\u062d\u0628\u0627 \N{WOMAN}\u200d\N{WOMAN}"
)


@pytest.fixture
def clients() -> FakeClients:
    return fake_clients(FULL, *some_stories(12), show_maintainer=True)


def link_to(page: Any, label: str) -> Any:
    return next(link for link in page.page_link if shown(link.label) == label)


def test_a_story_is_shown_whole(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.STORY, id=FULL.id)

    assert page.title[0].value == "The full story"
    assert [header.value for header in page.header] == [
        "Situation", "Task", "Action", "Result", "Performance", "Related stories",
    ]  # fmt: skip
    shown = words(page)
    assert "Acme · Architect · Feb 2006 \N{EN DASH} Mar 2007 · Banking" in shown
    assert "- First\\.\n    - Nested\\.\n        - Deeper\\.\n- Second\\." in shown
    assert ":violet-badge[Payments]" in shown
    assert "Complete story" in shown
    assert {"SWIFT", "Java"} <= set(links(page))


def test_up_to_four_figures_strongest_first(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.STORY, id=FULL.id)

    assert [metric.value for metric in page.metric] == [
        ":violet[40%]", ":violet[12%]", ":violet[4x]", ":violet[\\$450,000]",
    ]  # fmt: skip


def test_a_story_that_falls_short_says_what_is_missing(open_page: OpenPage) -> None:
    page = open_page(
        fake_clients(story("bare", title="Bare", situation=("It was.",)), show_maintainer=True), Route.STORY, id="bare"
    )

    assert "Without task, action, result and metric" in words(page)
    assert "No other story shares" in words(page)


def test_a_story_without_a_title_has_a_name(open_page: OpenPage) -> None:
    assert open_page(fake_clients(story("x")), Route.STORY, id="x").title[0].value == "Untitled story"


@pytest.mark.parametrize("query", [{}, {"id": "gone"}, {"id": ""}, {"id": "../etc/passwd"}, {"id": "<script>"}])
def test_an_unknown_id_is_a_friendly_page(open_page: OpenPage, clients: FakeClients, query: dict[str, str]) -> None:
    page = open_page(clients, Route.STORY, **query)

    assert page.title[0].value == "No such story"
    assert "Explore all stories" in links(page)


def test_an_id_that_the_contract_refuses_is_unknown_too(open_page: OpenPage, clients: FakeClients) -> None:
    clients.stories.failures["get"] = InvalidRequest("id: too long")

    assert open_page(clients, Route.STORY, id="x" * 2000).title[0].value == "No such story"


def test_failure_says_what_failed_and_retry_recovers(open_page: OpenPage, clients: FakeClients) -> None:
    clients.stories.failures["get"] = Unavailable("the stories service is down")
    page = open_page(clients, Route.STORY, id=FULL.id)

    assert "The story could not be loaded" in page.error[0].value
    clients.stories.failures.clear()
    next(button for button in page.button if button.label == "Retry").click().run()
    assert page.title[0].value == "The full story"


def test_the_story_stands_when_what_surrounds_it_fails(open_page: OpenPage, clients: FakeClients) -> None:
    clients.stories.failures |= {"related": Unavailable("down"), "list": Unavailable("down")}
    page = open_page(clients, Route.STORY, id=FULL.id, pos="1")

    assert page.title[0].value == "The full story"
    assert "related stories could not be loaded" in page.error[0].value
    assert "before and after this one could not be loaded" in words(page)


def test_previous_and_next_follow_the_list(open_page: OpenPage, clients: FakeClients) -> None:
    query = {"clients": "Acme", "sort": "title", "view": "table"}
    page = open_page(clients, Route.STORY, id="story-003|acme", pos="2", **query)

    assert ":small[2 of 5]" in words(page)
    assert "id=story-000--acme&clients=Acme&view=table&sort=title&pos=1" in ways(page)["Previous"].key
    assert "id=story-006--acme" in ways(page)["Next"].key
    assert link_to(page, "Back to the list").proto.query_string == "clients=Acme&view=table&sort=title"
    assert [(request.limit, request.offset) for request in clients.stories.lists] == [(3, 0)]


def test_previous_and_next_follow_a_search(open_page: OpenPage, clients: FakeClients) -> None:
    found = clients.search.side.hybrid(SearchRequest(query="story", filters=SearchFilters(clients=("Acme",)))).hits
    ids = [hit.card.id for hit in found]
    page = open_page(clients, Route.STORY, id=ids[1], pos="2", q="story", clients="Acme")

    assert f":small[2 of {len(ids)}]" in words(page)
    for label, story_id in (("Previous", ids[0]), ("Next", ids[2])):
        assert f"id={story_slug(story_id)}&" in ways(page)[label].key
    assert [(request.limit, request.offset) for request in clients.search.searches] == [(3, 0)]


def test_a_readable_address_opens_the_story_with_its_list(open_page: OpenPage, clients: FakeClients) -> None:
    for name in ("full--acme", "the-full-story"):
        page = open_page(clients, Route.STORY, id=name)
        assert page.title[0].value == "The full story"
        assert page.code[0].value.endswith("?id=full--acme")
    talk = open_page(clients, Route.STORY, id="full--acme", talk="t" * 32, locked="1")
    assert parse_qs(link_to(talk, "Back to the conversation").proto.query_string)["story"] == [FULL.id]


def test_a_name_of_two_stories_offers_both(open_page: OpenPage) -> None:
    twins = [complete_story(f"twin-{client}|{client}", title="Twin *story*", client=client) for client in ("a", "b")]
    page = open_page(fake_clients(*twins), Route.STORY, id="twin-story")
    assert page.title[0].value == "Several stories have this name"
    queries = [link.proto.query_string for link in page.page_link if "Twin" in link.label]
    assert queries == ["id=twin-a--a", "id=twin-b--b"]


def test_a_story_opened_from_a_conversation_leads_back_to_it(open_page: OpenPage, clients: FakeClients) -> None:
    talk = "t" * 32
    page = open_page(clients, Route.STORY, id=FULL.id, talk=talk)
    assert link_to(page, "Back to the conversation").proto.query_string == f"session={talk}"
    locked = open_page(clients, Route.STORY, id=FULL.id, talk=talk, locked="1")
    assert parse_qs(link_to(locked, "Back to the conversation").proto.query_string)["story"] == [FULL.id]
    forged = open_page(clients, Route.STORY, id=FULL.id, talk="<script>")
    assert "Back to the list" in links(forged)


def test_a_story_can_be_asked_about(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.STORY, id=FULL.id)
    next(button for button in page.button if button.label == "Ask about this").click().run()

    assert page.title[0].value == "Ask"
    assert page.query_params == {"story": FULL.id}


def test_the_first_and_the_last_have_one_neighbour(open_page: OpenPage, clients: FakeClients) -> None:
    first = open_page(clients, Route.STORY, id="story-000|acme", pos="1", q="summary", sort="title")
    assert ways(first)["Previous"].disabled
    assert not ways(first)["Next"].disabled

    last = open_page(clients, Route.STORY, id="story-011|acme", pos="12", q="summary", sort="title")
    assert not ways(last)["Previous"].disabled
    assert ways(last)["Next"].disabled


def test_a_place_that_is_no_longer_right_is_dropped(open_page: OpenPage, clients: FakeClients) -> None:
    for place in ({"pos": "4"}, {"pos": "999"}, {"pos": "-1"}, {"pos": "x"}, {"pos": "1", "group": "y" * 5000}):
        page = open_page(clients, Route.STORY, id=FULL.id, q="story", sort="title", **place)
        assert "Next" not in ways(page)


def test_an_era_of_the_timeline_has_its_own_order(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.STORY, id="story-005|acme", pos="1", group="Foundations", view="timeline")

    assert ":small[1 of 6]" in words(page)
    assert "pos=2&group=Foundations" in ways(page)["Next"].key
    assert link_to(page, "Back to the list").proto.query_string == "view=timeline"


def test_back_leads_to_the_page_of_the_list_where_the_story_stands(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.STORY, id="story-001|acme", pos="11")

    assert link_to(page, "Back to the list").proto.query_string == "page=2"


def test_related_stories_say_why(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.STORY, id="story-000|acme")

    assert "Same client and domain, shares Python and SQL" in words(page)
    assert [shown(button.label) for button in page.button].count("Read the story") == 3


def test_share_and_export(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.STORY, id=FULL.id, q="story", pos="1")

    assert page.code[0].value.endswith("?id=full--acme")
    assert page.download_button[0].label == "Export"


def test_the_print_view_is_the_story_alone(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.STORY, id=FULL.id, q="story")
    next(button for button in page.button if button.label == "Print view").click().run()

    assert page.query_params["print"] == "1"
    assert list(ways(page)) == ["Back to the story"]
    assert "# The full story" in words(page)
    assert "print" not in ways(page)["Back to the story"].key


def test_hostile_text_is_shown_as_text(open_page: OpenPage) -> None:
    parts = dict.fromkeys(
        ("situation", "task", "action", "result", "process", "performance", "competencies"), (HOSTILE,)
    )
    names = dict.fromkeys(("title", "client", "role", "industry", "place", "scope", "curated_summary"), HOSTILE)
    hostile = story("h", tags=(HOSTILE, "t" * 5000), **parts, **names)
    clients = fake_clients(hostile, complete_story("i", client=HOSTILE, title=HOSTILE, tags=(HOSTILE,)))

    for query in ({}, {"print": "1"}):
        shown = words(open_page(clients, Route.STORY, id="h", **query))
        assert "\\<script\\>" in shown
        for markup in (
            "<",
            "[x",
            "[go",
            "`code",
            "$x",
            "**bold",
            ":red[x]",
            "https://",
            "www.",
            ":smile:",
            ":material/home:",
        ):
            assert not re.search(rf"(?<!\\){re.escape(markup)}", shown), markup


def test_nothing_is_said_twice(open_page: OpenPage) -> None:
    """A composed summary repeats the lines below it; so may process and performance."""
    told = complete_story(
        "told",
        purpose="Send every payment on its way.",
        action=("Split the queue by failure pattern.",),
        result=("Claims fell by $450,000 in a year.",),
        process=("Split the queue by pattern.", "Seven weeks in parallel."),
        performance=("Claims fell by $450,000.",),
    )
    page = open_page(fake_clients(told), Route.STORY, id="told")

    text = words(page).replace("\\", "")
    assert "Send every payment on its way." in text
    assert "Approach:" not in text
    assert "Seven weeks in parallel." in text
    assert text.count("Split the queue") == 1
    assert "Performance" not in [header.value for header in page.header]
    titled = complete_story("titled", title="In short", curated_summary="In short.")
    assert "In short" not in [line.value for line in open_page(fake_clients(titled), Route.STORY, id="titled").markdown]


def test_twelve_tags_are_shown_none_of_them_twice(open_page: OpenPage) -> None:
    tagged = complete_story("a", tags=("Payments", "payment", *(f"Tag{letter}" for letter in "ABCDEFGHIJKLMN")))
    shown_tags = [label for label in links(open_page(fake_clients(tagged), Route.STORY, id="a")) if "ag" in label]

    assert "payment" not in links(open_page(fake_clients(tagged), Route.STORY, id="a"))
    assert shown_tags == [f"Tag{letter}" for letter in "ABCDEFGHIJK"]


@pytest.mark.parametrize(
    ("query", "label", "address"),
    [
        ({"via": "home"}, "Back to Home", ""),
        (
            {"via": "industry", "slug": "health", "clients": ["Acme"]},
            "Back to the industry",
            "slug=health&clients=Acme",
        ),
        ({"via": "shortlist"}, "Back to the shortlist", ""),
        ({"via": "role-match", "role": "x"}, "Back to the match", "role=x"),
        ({"via": "migration"}, "Back to the list", ""),
    ],
)
def test_back_leads_to_the_page_the_story_was_opened_on(
    open_page: OpenPage, clients: FakeClients, query: dict[str, Any], label: str, address: str
) -> None:
    page = open_page(clients, Route.STORY, id="story-010|acme", pos="2", **query)

    assert link_to(page, label).proto.query_string == address


def test_neighbours_and_the_print_view_keep_the_way_back(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.INDUSTRY, slug="health", clients="Acme")
    opened = parse_qs(link_to(page, "Read the story").proto.query_string)
    story_page = open_page(clients, Route.STORY, **opened)

    ways(story_page)["Next"].click().run()
    assert link_to(story_page, "Back to the industry").proto.query_string == "slug=health&clients=Acme"
    next(button for button in story_page.button if button.label == "Print view").click().run()
    ways(story_page)["Back to the story"].click().run()
    assert link_to(story_page, "Back to the industry").proto.query_string == "slug=health&clients=Acme"

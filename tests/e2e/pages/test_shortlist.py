"""The Shortlist page and the stars on cards, hits and stories."""

import base64
import random
import zlib
from typing import Any

import pytest

from backend_clients.errors import Unavailable
from streamlit_app.routes import Route
from streamlit_app.session.shortlist import MAX_NOTE, MOST_STARRED, Starred, encode_shortlist
from streamlit_app.session.site import Key
from tests.support.site.clients import FakeClients, fake_clients, some_stories
from tests.support.site.pages import OpenPage, links, words


@pytest.fixture
def clients() -> FakeClients:
    return fake_clients(*some_stories(12))


def link(*starred: Starred) -> dict[str, str]:
    return {"shortlist": encode_shortlist(starred)}


def stars(page: Any) -> list[Any]:
    return [button for button in page.button if (button.key or "").startswith(f"{Key.STAR}-")]


def starred_in(page: Any) -> tuple[Starred, ...]:
    return page.session_state[Key.SHORTLIST]


@pytest.mark.parametrize(
    ("route", "query"),
    [(Route.EXPLORE, {}), (Route.EXPLORE, {"q": "story 004"}), (Route.STORY, {"id": "story-004|acme"})],
    ids=["card", "hit", "story"],
)
def test_a_star_is_set_and_taken_back(
    open_page: OpenPage, clients: FakeClients, route: Route, query: dict[str, str]
) -> None:
    page = open_page(clients, route, **query)
    assert stars(page)[0].label == "Star"

    stars(page)[0].click().run()
    assert len(starred_in(page)) == 1
    assert stars(page)[0].label == ":violet[Starred]"
    stars(page)[0].click().run()
    assert starred_in(page) == ()


def test_links_and_states_carry_the_shortlist(open_page: OpenPage, clients: FakeClients) -> None:
    carried = link(Starred("story-003|acme", "Ask about it"))
    page = open_page(clients, Route.EXPLORE, **carried)

    assert all(f"shortlist={carried['shortlist']}" in each.proto.query_string for each in page.page_link)
    page.text_input[0].input("story 004").run()
    assert page.query_params["shortlist"] == carried["shortlist"]


def test_a_link_opens_the_stories_with_their_notes(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(
        clients, Route.SHORTLIST, **link(Starred("story-003|acme", "Ask *why*"), Starred("story-001|acme"))
    )

    assert words(page).index("Story 003") < words(page).index("Story 001")
    assert [box.value for box in page.text_input] == ["Ask *why*", ""]
    page.text_input[1].input(" The   best ").run()
    assert starred_in(page) == (Starred("story-003|acme", "Ask *why*"), Starred("story-001|acme", "The best"))
    stars(page)[0].click().run()
    assert [box.value for box in page.text_input] == ["The best"]


def test_it_is_printed_as_one_packet(open_page: OpenPage, clients: FakeClients) -> None:
    starred = link(Starred("story-003|acme", "Ask *why*"), Starred("story-001|acme"))
    page = open_page(clients, Route.SHORTLIST, print="1", **starred)

    text = words(page)
    assert text.count("## Situation") == 2
    assert "**Note:** Ask \\*why\\*" in text
    assert "A shortlist of the work of Matt" in text


def test_unknown_stories_are_named_and_left_out(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.SHORTLIST, **link(Starred("gone|acme"), Starred("story-001|acme")))

    assert "gone" in page.warning[0].value
    assert "Story 001" in words(page)
    next(button for button in page.button if button.label == "Remove what is left out").click().run()
    assert starred_in(page) == (Starred("story-001|acme"),)
    assert not page.warning


NESTED = base64.urlsafe_b64encode(zlib.compress(b"[" * 50_000)).decode()


@pytest.mark.parametrize(
    ("route", "token"), [(Route.SHORTLIST, "broken!"), (Route.ABOUT, "broken!"), (Route.ABOUT, NESTED)]
)
def test_a_damaged_link_is_explained(open_page: OpenPage, clients: FakeClients, route: Route, token: str) -> None:
    page = open_page(clients, route, shortlist=token)

    assert "is damaged" in page.warning[0].value
    assert starred_in(page) == ()


def test_an_empty_shortlist_says_how_to_fill_it(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.SHORTLIST)

    assert "No story is starred yet" in words(page)
    assert "Explore all stories" in links(page)


def test_a_full_shortlist_takes_no_more(open_page: OpenPage) -> None:
    clients = fake_clients(*some_stories(30))
    full = link(*(Starred(f"story-{number:03}|acme") for number in range(MOST_STARRED)))
    page = open_page(clients, Route.EXPLORE, **full)

    assert [star.disabled for star in stars(page)] == [True] * 9
    assert [star.disabled for star in stars(open_page(clients, Route.EXPLORE, page="4", **full))] == [False] * 3


def long_note(number: int) -> str:
    return "".join(random.Random(number).choices("".join(map(chr, range(0x4E00, 0x9000))), k=MAX_NOTE))


def test_a_note_that_does_not_fit_into_the_link_stays_until_it_does(open_page: OpenPage, clients: FakeClients) -> None:
    fitting = [Starred(f"story-{number:03}|acme", long_note(number)) for number in range(6)]
    page = open_page(clients, Route.SHORTLIST, **link(*fitting, Starred("story-009|acme", "before")))
    carried = page.query_params["shortlist"]

    page.text_input[6].input(long_note(9)).run()
    assert page.text_input[6].value == long_note(9)
    assert "does not fit into the link" in page.warning[0].value
    assert f"shortlist={carried[0]}" in page.page_link[-1].proto.query_string
    assert len(page.run().warning) == 1

    page.text_input[0].input("short").run()
    assert not page.warning
    assert page.text_input[6].value == long_note(9)
    assert starred_in(page)[6].note == long_note(9)


def test_a_star_that_does_not_fit_into_the_link_is_explained(open_page: OpenPage, clients: FakeClients) -> None:
    notes = [Starred(f"story-{number:03}|acme", long_note(number)) for number in range(6)]
    notes.append(Starred("story-009|acme", longest_fitting(notes)))
    page = open_page(clients, Route.STORY, id="story-007|acme", **link(*notes))

    stars(page)[0].click().run()
    assert "leave no room in the link for another story" in page.warning[0].value
    assert starred_in(page) == tuple(notes)


def longest_fitting(others: list[Starred]) -> str:
    """A note with which a shortlist just fits into the address."""
    lengths = range(MAX_NOTE, 0, -1)
    notes = (long_note(9)[:length] for length in lengths)
    return next(note for note in notes if len(encode_shortlist([*others, Starred("story-009|acme", note)])) <= 6000)


def test_a_failure_keeps_the_shortlist(open_page: OpenPage, clients: FakeClients) -> None:
    clients.stories.failures["batch"] = Unavailable("the stories service is down")
    page = open_page(clients, Route.SHORTLIST, **link(Starred("story-001|acme")))

    assert "could not be loaded" in page.error[0].value
    assert starred_in(page) == (Starred("story-001|acme"),)

"""The Role Match page: what a recruiter pastes, sees, filters and shares."""

from urllib.parse import parse_qs

import pytest

from backend_clients.errors import Unavailable
from contracts.rules.roles.strength import Strength
from streamlit_app.role_match.link import PARAM, encode_points
from streamlit_app.routes import Route
from tests.support.builders.stories import complete_story
from tests.support.site.clients import FakeClients, fake_clients
from tests.support.site.pages import OpenPage, words

DESCRIPTION = """Requirements
- Experience with Kafka
- Experience with <b>Rust</b> and [links](evil)
Nice to have
- Excellent communication

What we offer
A garden, a pension and all the rest that people may want from a place where they work for many years to come.
"""


@pytest.fixture
def clients() -> FakeClients:
    return fake_clients(
        complete_story("a", title="Payments engine", client="Acme", action=("Kafka carried every payment.",)),
        complete_story("b", title="Grid maps", client="Bolt"),
    )


def submitted(open_page: OpenPage, clients: FakeClients, text: str) -> object:
    page = open_page(clients, Route.ROLE_MATCH)
    page.text_area[0].set_value(text)
    return page.button[0].click().run()


def test_a_pasted_description_is_compared_point_by_point(open_page: OpenPage, clients: FakeClients) -> None:
    page = submitted(open_page, clients, DESCRIPTION)
    text = words(page)
    assert "Of 2 required points the stories show 1 clearly, 0 in part and 1 not at all" in text.replace("\\", "")
    assert "Kafka carried every payment" in text
    story = parse_qs(page.page_link[0].proto.query_string)
    assert story == {"id": ["a"], "via": ["role-match"], "role": [page.query_params["role"]]}
    assert [header.value for header in page.header] == ["Required", "Preferred", "Points to discuss"]
    assert "<b>" not in text.replace("\\<b\\>", "")


def test_the_link_holds_the_points_and_not_the_text(open_page: OpenPage, clients: FakeClients) -> None:
    page = submitted(open_page, clients, DESCRIPTION)
    assert page.query_params == {PARAM: encode_points(DESCRIPTION)}
    again = open_page(clients, Route.ROLE_MATCH, **{PARAM: encode_points(DESCRIPTION)})
    assert "Kafka carried every payment" in words(again)
    assert "garden" not in words(again)


def test_pills_narrow_to_strengths(open_page: OpenPage, clients: FakeClients) -> None:
    page = submitted(open_page, clients, DESCRIPTION)
    assert page.pills[0].options == ["Strong · 1", "Not in the stories · 2"]
    page.pills[0].set_value([Strength.STRONG]).run()
    assert "Kafka carried every payment" in words(page)
    assert [header.value for header in page.header] == ["Required", "Points to discuss"]


def test_the_sample_role_is_one_click_away(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.ROLE_MATCH)
    page.button[1].click().run()
    assert "required points" in words(page)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("too short", "must have at least 30 words; it has 2"),
        ("word " * 3001, "must have at most 3,000 words; it has 3,001"),
        ("We like gardens. " * 20, "No requirements were found in this text"),
    ],
)
def test_a_text_that_cannot_be_compared_says_why(
    open_page: OpenPage, clients: FakeClients, text: str, said: str
) -> None:
    page = submitted(open_page, clients, text)
    assert said in page.warning[0].value.replace("\\", "")


def test_a_damaged_link_says_so(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.ROLE_MATCH, **{PARAM: "x"})
    assert "This link is damaged" in page.warning[0].value


def test_a_side_that_is_down_can_be_tried_again(open_page: OpenPage, clients: FakeClients) -> None:
    clients.ask.failures["match"] = Unavailable("down")
    page = open_page(clients, Route.ROLE_MATCH, **{PARAM: encode_points(DESCRIPTION)})
    assert "The role could not be compared" in page.error[0].value
    assert any(button.label == "Retry" for button in page.button)


def test_the_print_view_is_one_plain_page(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.ROLE_MATCH, **{PARAM: encode_points(DESCRIPTION), "print": "1"})
    assert "Kafka carried every payment" in words(page)
    assert len(page.text_area) == 0

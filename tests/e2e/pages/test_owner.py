"""The owner on the pages: contact, CV and availability, photo, and a site whose stories are nobody's by name."""

import logging
from pathlib import Path
from typing import Any

import pytest

from backend_clients.profile_file import NAMES_NOBODY
from streamlit_app.routes import NAMES, Route
from tests.support.site.clients import FakeClients, fake_clients, some_stories, write_profile
from tests.support.site.pages import OpenPage, words

PROFILE = """
name: Ada
headline: Engineer
line: Machines.
place: Lisbon
availability: From May
email: ada@example.com
phone: "+351 (0) 555-01"
links: [{label: Write to me, url: 'mailto:Ada@example.com'}, {label: Code, url: 'https://example.com/ada'}]
education: [BSc Physics]
"""

VISITED = [route for route in NAMES if route is not Route.MIGRATION]


def owned(folder: Path, more: str = "") -> FakeClients:
    profile = write_profile(folder / "profile.yaml", PROFILE + more)
    return fake_clients(*some_stories(3), profile_file=profile, stories_file=folder / "stories.jsonl")


def addresses(page: Any) -> list[str]:
    return [link.proto.url for link in page.get("link_button")]


@pytest.mark.parametrize("route", VISITED)
def test_contact_cv_and_availability_stand_on_every_page(open_page: OpenPage, tmp_path: Path, route: Route) -> None:
    page = open_page(owned(tmp_path, "cv: https://example.com/cv.pdf\n"), route)

    assert "Ada · Lisbon · From May" in words(page)
    assert {
        "mailto:ada@example.com",
        "tel:+351055501",
        "https://example.com/ada",
        "https://example.com/cv.pdf",
    } == set(addresses(page))


def test_a_page_without_ways_to_reach_the_owner_offers_none(open_page: OpenPage, tmp_path: Path) -> None:
    profile = write_profile(tmp_path / "profile.yaml", "name: Ada\nheadline: Engineer\nline: Machines.\n")
    page = open_page(fake_clients(*some_stories(3), profile_file=profile), Route.ABOUT)

    assert addresses(page) == []
    assert "Availability" not in words(page)


def test_a_cv_and_a_photo_are_files_next_to_the_profile(open_page: OpenPage, tmp_path: Path) -> None:
    (tmp_path / "ada cv.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "ada.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    page = open_page(owned(tmp_path, "cv: ada cv.pdf\nphoto: ada.svg\n"), Route.ABOUT)

    assert [button.proto.label for button in page.get("download_button")] == ["CV", "CV"]  # and in the footer
    (photo,) = page.get("image")
    assert photo.proto.imgs[0].alt == "Ada"
    assert "**Education:** BSc Physics" in words(page)


@pytest.mark.parametrize(
    ("question", "beside"),
    [
        ("What is your email?", ["mailto:ada@example.com", "tel:+351055501"]),
        ("When can you start?", ["mailto:ada@example.com", "tel:+351055501", "https://example.com/ada"]),
        ("Can I see your CV?", ["mailto:ada@example.com"]),
        ("Are you married?", []),
    ],
)
def test_what_was_asked_for_stands_under_the_answer(
    open_page: OpenPage, tmp_path: Path, question: str, beside: list[str]
) -> None:
    page = open_page(owned(tmp_path), Route.ASK)
    page.chat_input[0].set_value(question).run()

    assert [link.proto.url for link in page.chat_message[1].get("link_button")] == beside
    assert (":material/block:" in page.chat_message[1].markdown[0].value) is not bool(beside)
    page = open_page(owned(tmp_path), Route.EXPLORE, q=question)
    assert addresses(page)[: -len(set(addresses(page)))] == beside  # without the footer's


def test_the_samples_owner_is_not_named_over_other_stories(
    open_page: OpenPage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clients = fake_clients(*some_stories(3), stories_file=tmp_path / "stories.jsonl")
    with caplog.at_level(logging.WARNING):
        home = open_page(clients)

    assert NAMES_NOBODY in caplog.messages
    assert home.title[0].value == "Portfolio"
    assert addresses(home) == []
    shown = "\n".join(words(open_page(clients, route)) for route in VISITED)
    assert "Matt" not in shown
    assert "About the owner" in shown
    assert "the owner" in next(button.label for button in open_page(clients, Route.ASK).button if "?" in button.label)

"""Explore's filters in a browser: URL, widgets and result agree after every click."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.site.browser import WIDE, browser, clean_page
from tests.support.site.server import running_site
from tests.support.site.walk import Walk

__all__ = ["browser"]

CLIENT = "Tessaly Trust"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_site(tmp_path_factory.mktemp("site")) as address:
        yield address


@pytest.fixture
def walk(browser: Browser, site: str) -> Iterator[Walk]:
    with browser.new_context(base_url=site, viewport=WIDE) as context, clean_page(context, site) as page:
        yield Walk(page)


@pytest.mark.parametrize("way", ["Clear all", f"Client: {CLIENT}"])
def test_a_removed_filter_stays_removed(walk: Walk, way: str) -> None:
    walk.visit("/explore")
    walk.choose("Client", CLIENT)
    walk.is_at(clients=CLIENT)
    walk.press(way, "button")
    walk.is_at()
    walk.press("Table", "radio")
    walk.is_at(view="table")
    walk.press("Cards", "radio")
    walk.is_at()
    walk.misses(f"Client: {CLIENT}")
    walk.sees("1-9 of 104 stories")


def test_a_filter_keeps_its_value_when_its_count_changes(walk: Walk) -> None:
    walk.visit("/explore")
    walk.search("payments")
    walk.is_at(q="payments")
    walk.choose("Client", CLIENT)
    walk.is_at(q="payments", clients=CLIENT)
    walk.search("risk")
    walk.is_at(q="risk", clients=CLIENT)
    walk.press("Table", "radio")
    walk.is_at(q="risk", clients=CLIENT, view="table")
    walk.press("Timeline", "radio")
    walk.is_at(q="risk", clients=CLIENT, view="timeline")


def test_back_takes_the_filter_from_its_closed_popover(walk: Walk) -> None:
    walk.visit("/explore")
    walk.choose("Client", CLIENT)
    walk.is_at(clients=CLIENT)
    walk.back()
    walk.is_at()
    walk.press("Table", "radio")
    walk.is_at(view="table")
    walk.choose("Industry", "Cross Industry")
    walk.is_at(view="table", industries="Cross Industry")
    expect(walk.page.get_by_text(f"Client: {CLIENT}")).to_have_count(0)


@pytest.mark.parametrize(
    ("popover", "label", "name", "values"),
    [
        ("Client", "Client", "clients", [CLIENT, "Marlow Ridge Health"]),
        ("More filters", "Role", "roles", ["Solution Architect", "Delivery Manager"]),
    ],
)
def test_a_second_value_is_chosen_where_the_keyboard_is(
    walk: Walk, popover: str, label: str, name: str, values: list[str]
) -> None:
    """Counts change with a choice; what the keyboard is in must not be drawn anew by that."""
    walk.visit("/explore?q=payments")
    walk.tab_to("button", popover)
    walk.type("", "Enter")
    walk.tab_to("combobox", label)
    for number, value in enumerate(values, start=1):
        walk.type(value, "Enter")
        walk.is_at(q="payments", **{name: values[:number]})
        expect(walk.page.get_by_role("combobox", name=label).first).to_be_focused()
    walk.type("", "Backspace")
    walk.is_at(q="payments", **{name: values[:1]})


def test_a_search_keeps_the_keyboard_in_its_box(walk: Walk) -> None:
    box = walk.page.get_by_role("searchbox")
    walk.visit("/explore")
    walk.tab_to("searchbox", "Search the stories")
    for typed, words in (("  risk ", "risk"), (" and  controls", "risk and controls")):
        walk.type(typed, "Enter")
        walk.is_at(q=words)
        expect(box).to_have_value(words)
        expect(box).to_be_focused()

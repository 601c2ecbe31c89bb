"""What the site's script does in a browser: a new question in view, answers announced, focus, menu, keys."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.support.site.browser import NARROW, WIDE, browser, clean_page
from tests.support.site.server import running_site, settle
from tests.support.site.walk import Walk

__all__ = ["browser"]

HEADER = 60
STORY = "Emptying the SWIFT Repair Queue Before Euro Cutoff"
QUESTIONS = ("How was the SWIFT repair queue emptied?", "What changed at Tessaly Trust?")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_site(tmp_path_factory.mktemp("site")) as address:
        yield address


@pytest.fixture(params=[WIDE, NARROW], ids=["wide", "narrow"])
def walk(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Walk]:
    with (
        browser.new_context(base_url=site, viewport=request.param) as context,
        clean_page(context, site) as page,
    ):
        yield Walk(page)


def assert_at_the_top(page: Page, question: str) -> None:
    """The question's bubble stands right under the header, its answer under it."""
    bubbles = page.get_by_test_id("stChatMessage")
    asked = bubbles.filter(has_text=question).first
    expect(asked).to_be_in_viewport()
    page.wait_for_function("it => Math.abs(it.getBoundingClientRect().top - 68) < 2", arg=asked.element_handle())
    assert top(bubbles.last) > top(asked) > HEADER


def top(element: Locator) -> float:
    box = element.bounding_box()
    assert box
    return box["y"]


def test_the_last_question_is_in_view_and_its_answer_announced(walk: Walk) -> None:
    page = walk.page
    said = page.get_by_role("status").and_(page.locator("#announcements"))
    walk.visit("/ask")
    for number, question in enumerate(QUESTIONS, start=1):
        walk.ask(question)
        walk.answered(number)
        assert_at_the_top(page, question)
        expect(page.get_by_role("textbox", name="Ask about the stories")).to_be_focused()
    expect(said).to_contain_text("A Trust-Deed Assistant That Refuses to Guess (Tessaly Trust")

    page.mouse.move(200, 400)
    page.mouse.wheel(0, -3000)
    expect(page.get_by_role("heading", name="Ask")).to_be_in_viewport()
    walk.press("Key points", "radio")
    settle(page)
    expect(page.get_by_role("heading", name="Ask")).to_be_in_viewport()

    walk.reload()
    assert_at_the_top(page, QUESTIONS[-1])
    expect(said).to_have_count(0)


@pytest.fixture
def narrow(browser: Browser, site: str) -> Iterator[Walk]:
    with browser.new_context(base_url=site, viewport=NARROW) as context, clean_page(context, site) as page:
        yield Walk(page)


def test_the_menu_of_a_narrow_screen_closes_after_a_choice(narrow: Walk) -> None:
    page = narrow.page
    narrow.visit("/")
    narrow.press("Open the menu", "button")
    expect(page.get_by_role("link", name="Home")).to_be_focused()
    narrow.press("Close the menu", "button")
    expect(page.get_by_role("button", name="Open the menu")).to_be_focused()
    narrow.press("Open the menu", "button")
    narrow.press("About")
    expect(page.get_by_role("heading", level=1)).to_have_text("About Matt")
    expect(page.get_by_role("button", name="Open the menu")).to_be_visible()
    expect(page.get_by_role("button", name="Close the menu")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_the_table_gives_way_to_cards_on_a_narrow_screen(narrow: Walk) -> None:
    page = narrow.page
    narrow.visit("/explore?view=table&q=payments")
    narrow.sees("1-9 of 41 stories")
    expect(page.get_by_test_id("stDataFrame")).to_have_count(0)
    expect(page.get_by_role("radio")).to_have_count(2)
    page.set_viewport_size(WIDE)
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    narrow.is_at(view="table", q="payments")


def test_a_popover_closed_before_it_was_drawn_leaves_the_focus_alone(browser: Browser, site: str) -> None:
    with browser.new_context(base_url=site, viewport=WIDE) as context, clean_page(context, site) as page:
        walk = Walk(page)
        walk.visit("/explore")
        late: list[Route] = []

        def hold(request: Route) -> None:
            late.append(request)

        page.route("**/*.js", hold)
        walk.tab_to("button", "Industry")
        walk.type("", "Enter")
        expect(page.get_by_test_id("stPopoverBody")).to_be_attached()
        walk.type("", "Tab")
        walk.type("", "Escape")
        expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
        assert late, "the widgets of a filter are loaded when it is opened"
        for request in late:
            request.continue_()
        page.unroute("**/*.js")

        client = page.get_by_role("button", name="Client", exact=True)
        client.click()
        expect(page.get_by_role("combobox", name="Client")).to_be_visible()
        settle(page)
        expect(client).to_be_focused()


def test_a_name_is_taken_back_with_the_title_it_came_from(browser: Browser, site: str) -> None:
    with browser.new_context(base_url=site, viewport=WIDE) as context, clean_page(context, site) as page:
        Walk(page).visit("/explore")
        title = page.get_by_role("heading", level=3).first
        named = page.get_by_role("button", name=f"Star: {title.inner_text()}", exact=True)
        expect(named).to_be_visible()
        title.evaluate("it => it.remove()")
        expect(named).to_have_count(0)


def test_a_journey_by_keyboard_from_a_search_to_an_answers_source(browser: Browser, site: str) -> None:
    """The focus is where the visitor is: on each new page's heading, in an open filter, back on its button."""
    with browser.new_context(base_url=site, viewport=WIDE) as context, clean_page(context, site) as page:
        walk = Walk(page)
        heading = page.get_by_role("heading", level=1)
        walk.visit("/about")
        expect(page.get_by_role("link", name=re.compile("stories: .*Enterprise Foundations"))).to_be_visible()
        walk.type("/", "Shift")
        walk.reads("Explore")
        expect(page.get_by_role("searchbox")).to_be_focused()
        walk.type("SWIFT payments", "Enter")
        walk.is_at(q="SWIFT payments")
        walk.tab_to("button", "Industry")
        walk.type("", "Enter")
        expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
        walk.type("", "Tab")
        expect(page.get_by_role("combobox", name="Industry")).to_be_focused()
        walk.type("Banking", "Enter")
        walk.is_at(q="SWIFT payments", industries="Financial Services / Banking")
        walk.type("", "Escape")  # the options
        walk.type("", "Escape")
        expect(page.get_by_role("button", name="Industry · 1", exact=True)).to_be_focused()

        expect(page.get_by_role("heading", level=3, name=STORY)).to_be_visible()
        walk.tab_to("link", f"Read the story: {STORY}")
        walk.type("", "Enter")
        expect(heading).to_have_text(STORY)
        expect(heading).to_be_focused()
        walk.tab_to("button", "Ask about this")
        walk.type("", "Enter")
        expect(heading).to_have_text("Ask")
        expect(heading).to_be_focused()
        walk.type("/", "Shift")
        expect(page.get_by_role("textbox", name="Ask about this story")).to_be_focused()
        walk.type("What came of it?", "Enter")
        walk.answered()
        walk.tab_to("link", f"Read: [1] {STORY}")
        walk.type("", "Enter")
        expect(heading).to_have_text(STORY)
        expect(heading).to_be_focused()

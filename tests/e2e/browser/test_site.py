"""The site in a browser: accessibility, layout, keyboard, table clicks."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from streamlit_app.session.shortlist import Starred, encode_shortlist
from tests.support.builders.stories import write_rows
from tests.support.site.browser import NARROW, WIDE, WIDTH, browser, clean_page, faults_of
from tests.support.site.server import running_site, settle
from tests.support.site.walk import Walk

__all__ = ["browser"]

STORY = "/story?id=emptying-the-swift-repair-queue-before-euro-cutoff%7Chalvern-national-bank"
QUESTION = "How was the SWIFT repair queue emptied?"
CHOSEN = encode_shortlist(
    [Starred("emptying-the-swift-repair-queue-before-euro-cutoff|halvern-national-bank", "Ask why"), Starred("gone")]
)
PAGES = {
    "home": "/",
    "cards": "/explore?industries=Cross+Industry&eras=Integration+%26+Platforms",
    "table": "/explore?view=table",
    "timeline": "/explore?view=timeline",
    "search": "/explore?q=SWIFT+payments",
    "empty": "/explore?q=zeppelin&tags=SWIFT",
    "refused": "/explore?q=tell+me+a+joke",
    "story": STORY,
    "print": f"{STORY}&print=1",
    "no story": "/story?id=gone",
    "ask": "/ask",
    "ask about a story": STORY.replace("/story?id", "/ask?story"),
    "industry": "/industry?slug=financial-services-banking&clients=Tessaly+Trust",
    "no industry": "/industry?slug=space",
    "about": "/about",
    "empty shortlist": "/shortlist",
    "for the maintainer": "/migration",
    "shortlist": f"/shortlist?shortlist={CHOSEN}",
    "packet": f"/shortlist?shortlist={CHOSEN}&print=1",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_site(tmp_path_factory.mktemp("site")) as address:
        yield address


@pytest.fixture(scope="module")
def context(browser: Browser, site: str) -> Iterator[BrowserContext]:
    with browser.new_context(base_url=site, viewport=WIDE) as context:
        yield context


@pytest.fixture
def walk(context: BrowserContext, site: str) -> Iterator[Walk]:
    with clean_page(context, site, missing=[PAGES["no story"]]) as page:
        yield Walk(page)


def audited(page: Page) -> dict[str, dict[str, list[str]]]:
    """What is wrong with a page as it is: wide and light, then narrow and dark."""
    found = {}
    for theme, size in (("light", WIDE), ("dark", NARROW)):
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size(size)
        settle(page)
        if faults := faults_of(page):
            found[theme] = faults
    return found


@pytest.mark.parametrize("path", PAGES.values(), ids=list(PAGES))
def test_every_page_is_accessible_in_both_themes_and_fits_both_screens(walk: Walk, path: str) -> None:
    walk.visit(path)
    assert audited(walk.page) == {}


def test_an_answer_is_accessible_in_both_themes_and_fits_both_screens(walk: Walk) -> None:
    walk.visit("/ask")
    walk.ask(QUESTION)
    walk.answered()
    assert audited(walk.page) == {}


def test_a_matched_role_is_accessible_in_both_themes_and_fits_both_screens(walk: Walk) -> None:
    walk.visit("/role-match")
    assert audited(walk.page) == {}
    walk.press("Try a sample role", "button")
    walk.reads("Required")
    assert audited(walk.page) == {}


def test_a_row_opens_its_story_and_a_header_sorts_the_list(walk: Walk) -> None:
    walk.visit("/explore?view=table&sort=title")
    table = walk.page.get_by_test_id("stDataFrame")
    box = table.bounding_box()
    assert box
    in_the_title = box["x"] + 150, box["y"] + 35 * 2 + 17
    expect(table.locator("#glide-cell-1-1")).to_be_attached()
    walk.page.mouse.move(*in_the_title)
    expect(table.locator(".dvn-scroller")).to_have_attribute("title", re.compile("^A Golden-Set Workbook"))
    walk.page.mouse.click(*in_the_title)
    walk.reads("Situation")
    walk.sees("2 of 104")

    walk.back()
    expect(table).to_be_visible()
    walk.is_at(view="table", sort="title")

    walk.page.mouse.click(box["x"] + 450, box["y"] + 17)
    walk.is_at(view="table", sort="client")
    walk.page.mouse.click(box["x"] + 450, box["y"] + 17)
    walk.is_at(view="table", sort="-client")


def test_a_title_is_told_in_full_over_its_column_alone(walk: Walk) -> None:
    """Also where a search leaves the column less room, and where the table is scrolled sideways."""
    table = walk.page.get_by_test_id("stDataFrame")
    told = table.locator(".dvn-scroller")
    title = re.compile("^[A-Z].{12}")

    def point(along: int) -> None:
        box = table.bounding_box()
        assert box
        walk.page.mouse.move(box["x"] + along, box["y"] + 35 + 17)

    walk.visit("/explore?view=table&q=payments")
    expect(table.locator("#glide-cell-1-0")).to_be_attached()
    point(330)
    expect(told).to_have_attribute("title", title)
    point(370)
    expect(told).to_have_attribute("title", "")

    walk.page.set_viewport_size({"width": 800, "height": 900})
    walk.visit("/explore?view=table&sort=title")
    expect(table.locator("#glide-cell-1-0")).to_be_attached()
    point(300)
    expect(told).to_have_attribute("title", title)
    walk.page.mouse.wheel(150, 0)
    walk.page.wait_for_function("document.querySelector('.dvn-scroller').scrollLeft === 150")
    point(301)
    expect(told).to_have_attribute("title", "")
    point(200)
    expect(told).to_have_attribute("title", title)


def test_explore_is_walked_by_keyboard_alone(walk: Walk) -> None:
    walk.visit("/explore")
    walk.tab_to("searchbox", "Search the stories")
    walk.type("SWIFT payments", "Enter")
    walk.is_at(q="SWIFT payments")
    walk.tab_to("button", "Industry")
    walk.type("", "Enter")
    walk.tab_to("combobox", "Industry")
    walk.type("Banking", "Enter")
    walk.is_at(q="SWIFT payments", industries="Financial Services / Banking")
    walk.type("", "Escape")
    walk.tab_to("button", "Industry: Financial Services / Banking")
    walk.type("", "Enter")
    walk.is_at(q="SWIFT payments")
    walk.tab_to("radio", "Timeline")
    walk.type("", "Space")
    walk.is_at(q="SWIFT payments", view="timeline")
    walk.tab_to("link", "Read")
    walk.type("", "Enter")
    walk.reads("Situation")


def test_ask_is_walked_by_keyboard_alone(walk: Walk) -> None:
    walk.visit("/ask")
    walk.tab_to("textbox", "Ask about the stories")
    walk.type(QUESTION, "Enter")
    walk.answered()
    walk.tab_to("radio", "Key points")
    walk.type("", "Space")
    walk.sees("Approach")
    walk.tab_to("radio", "Deep dive")
    walk.type("", "Space")
    expect(walk.page.get_by_role("heading", name="Emptying the SWIFT Repair Queue")).to_be_visible()
    settle(walk.page)
    expect(walk.page.get_by_role("button", name="Copy", exact=True)).to_be_visible()
    expect(walk.page.get_by_role("radio", name="Thumbs up", exact=True)).to_be_visible()
    walk.tab_to("radio", "Thumbs up")
    walk.type("", "Space")
    walk.sees("Thank you.")
    walk.tab_to("button", "Copy")
    walk.type("", "Enter")
    expect(walk.page.get_by_test_id("stCode")).to_contain_text("[1] Emptying the SWIFT Repair Queue")
    walk.type("", "Escape")
    walk.tab_to("link", "Read")
    walk.type("", "Enter")
    walk.reads("Situation")


def test_a_conversation_is_taken_along_and_forgotten_for_good(walk: Walk) -> None:
    walk.visit("/ask")
    walk.ask(QUESTION)
    walk.answered()
    talk = walk.page.url
    with walk.page.expect_download() as download:
        walk.press("Export", "button")
    text = download.value.path().read_text("utf-8")
    assert text.startswith("# Questions about the work of Matt\n\n## How was the SWIFT")

    walk.press("Delete", "button")
    walk.press("Keep it", "button")
    expect(walk.page.get_by_role("dialog")).to_have_count(0)
    walk.press("Delete", "button")
    walk.press("Delete it", "button")
    walk.reads("Suggested questions")
    walk.visit(talk)
    walk.reads("Suggested questions")


def test_a_shortlist_lives_in_the_address_and_is_printed(walk: Walk) -> None:
    walk.page.add_init_script("window.prints = 0; window.print = () => { window.prints += 1; };")
    walk.visit("/explore")
    steps = walk.page.evaluate("history.length")
    walk.press(re.compile("^Star"), "button")
    walk.page.wait_for_url("**/explore?shortlist=*", wait_until="commit")
    assert walk.page.evaluate("history.length") == steps
    walk.press("About")
    walk.page.wait_for_url("**/about?shortlist=*", wait_until="commit")
    walk.press(re.compile("^Shortlist · 1"))
    note = walk.page.get_by_role("textbox", name=re.compile("^Note on"))
    walk.page.wait_for_url("**/shortlist?shortlist=*", wait_until="commit")
    before = walk.page.url
    note.fill("Ask why")
    note.press("Enter")
    walk.page.wait_for_url(lambda url: "/shortlist?shortlist=" in url and url != before, wait_until="commit")
    walk.reload()
    expect(note).to_have_value("Ask why")
    walk.back()
    walk.page.wait_for_url("**/about?shortlist=*", wait_until="commit")
    walk.forward()
    walk.press("Print view", "button")
    walk.sees("Note: Ask why")
    walk.page.wait_for_function("window.prints === 1")
    walk.page.emulate_media(media="print", color_scheme="dark")
    expect(walk.page.get_by_test_id("stApp")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(walk.page.get_by_role("heading", name="Situation")).to_have_css("color", "rgb(0, 0, 0)")
    expect(walk.page.get_by_test_id("stHeader")).to_be_hidden()
    expect(walk.page.get_by_role("button", name="Back to the shortlist")).to_be_hidden()
    expect(walk.page.get_by_role("heading", name="Situation")).to_be_visible()


def test_hostile_text_stays_text_in_a_browser(browser: Browser, tmp_path: Path) -> None:
    """The story comes first: a server just started must know its pages before anyone came by the front door."""
    markup = "<img src=x onerror=alert(1)> ![x](http://evil.example/i.png) [go](javascript:alert(1)) :smile: $a$"
    text = f"{markup} https://evil.example {'W' * 400}"
    row = {"Title": text, "Client": text, "Era": text, "5PSummary": text, "public_tags": [text], "Situation": [text]}
    stories = write_rows(tmp_path / "stories.jsonl", [{"id": "h", **row}, {"id": "i", **row}])
    with (
        running_site(tmp_path, STORIES_FILE=str(stories)) as address,
        browser.new_context(base_url=address, viewport=NARROW) as context,
        clean_page(context, address) as page,
    ):
        page.on("dialog", lambda dialog: pytest.fail("a script ran"))
        for path in ("/story?id=h", "/story?id=h&print=1", "/explore", "/explore?view=timeline"):
            Walk(page).visit(path)
            main = page.get_by_test_id("stMain")
            assert markup in main.inner_text().replace("\u2060", ""), path
            assert main.locator("img, iframe, a[href^='http'], a[href^='javascript']").count() == 0, path
            assert page.evaluate(WIDTH) <= NARROW["width"], path

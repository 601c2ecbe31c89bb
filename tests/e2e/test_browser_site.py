"""A walk through the real site in a browser: what only a browser can show."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.fakes.site_browser import WIDTH, browser, faults_of, page, press, site, visit
from tests.fakes.site_server import running_site, settle
from tests.fakes.stories import write_rows

__all__ = ["browser", "page", "site"]

STORY = "/story?id=emptying-the-swift-repair-queue-before-euro-cutoff%7Chalvern-national-bank"
PAGES = {
    "home": "/",
    "cards": "/explore?q=payments",
    "table": "/explore?view=table",
    "timeline": "/explore?view=timeline",
    "story": STORY,
}
STATES = {
    "empty": "/explore?q=zeppelin&tags=SWIFT",
    "print": f"{STORY}&print=1",
    "no story": "/story?id=gone",
}


def expect_query(page: Page, **expected: str) -> None:
    """Wait until the address carries these parameters and no others; "id" and "pos" are left to the site."""

    def arrived(url: str) -> bool:
        carried = parse_qs(urlsplit(url).query)
        return {name: values for name, values in carried.items() if name not in ("id", "pos")} == {
            name: [value] for name, value in expected.items()
        }

    page.wait_for_url(arrived, timeout=45_000)
    settle(page)


def choose(page: Page, filter_name: str, option: str) -> None:
    page.get_by_role("button", name=re.compile(f"^{filter_name}")).click()
    page.get_by_test_id("stPopoverBody").get_by_role("combobox").click()
    page.get_by_role("option", name=re.compile(option)).click()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")


def test_from_home_through_a_filter_to_a_story_and_back(page: Page) -> None:
    visit(page, "/")
    page.get_by_role("searchbox").fill("payments")
    press(page, "Search", "button")
    expect(page.get_by_role("heading", name="Explore")).to_be_visible()
    expect_query(page, q="payments")

    choose(page, "Industry", "Banking")
    filtered = {"q": "payments", "industries": "Financial Services / Banking"}
    expect_query(page, **filtered)

    press(page, "Read the story")
    expect(page.get_by_role("heading", name="Situation")).to_be_visible()
    expect_query(page, **filtered)
    expect(page.get_by_text("1 of 23")).to_be_visible()
    press(page, "Next", "button")
    expect(page.get_by_text("2 of 23")).to_be_visible()

    press(page, "Back to the list")
    expect(page.get_by_text("Industry: Financial Services / Banking")).to_be_visible()
    expect_query(page, **filtered)


def test_back_and_forward_replay_what_was_done(page: Page) -> None:
    visit(page, "/explore")
    search = page.get_by_role("searchbox")
    search.fill("risk")
    page.keyboard.press("Enter")
    expect_query(page, q="risk")
    press(page, "Table", "radio")
    expect_query(page, q="risk", view="table")

    page.go_back()
    expect_query(page, q="risk")
    expect(search).to_have_value("risk")
    expect(page.get_by_role("link", name="Read the story").first).to_be_visible()
    page.go_back()
    expect_query(page)
    expect(search).to_have_value("")
    page.go_forward()
    expect_query(page, q="risk")
    expect(search).to_have_value("risk")


def test_a_row_opens_its_story_and_a_header_sorts_the_list(page: Page) -> None:
    visit(page, "/explore?view=table&sort=title")
    table = page.get_by_test_id("stDataFrame")
    box = table.bounding_box()
    assert box
    page.mouse.click(box["x"] + 150, box["y"] + 35 * 2 + 17)
    expect(page.get_by_role("heading", name="Situation")).to_be_visible()
    expect(page.get_by_text("2 of 104")).to_be_visible()

    page.go_back()
    expect(table).to_be_visible()
    expect_query(page, view="table", sort="title")

    page.mouse.click(box["x"] + 450, box["y"] + 17)
    expect_query(page, view="table", sort="client")
    page.mouse.click(box["x"] + 450, box["y"] + 17)
    expect_query(page, view="table", sort="-client")


def test_a_shared_link_opens_the_same_state(page: Page, browser: Browser, site: str) -> None:
    visit(page, "/explore?q=cloud&industries=Cross+Industry&view=table&page=1")
    count = page.get_by_text(re.compile(r"^\d+ stories$")).inner_text()
    other = browser.new_page(base_url=site)
    visit(other, page.url)
    expect(other.get_by_text(count, exact=True)).to_be_visible()
    expect(other.get_by_text("Search: cloud")).to_be_visible()
    other.close()

    visit(page, STORY)
    press(page, "Share", "button")
    assert page.get_by_test_id("stCode").inner_text().strip() == f"{site}{STORY}"


def test_chips_are_within_reach_of_the_keyboard(page: Page) -> None:
    visit(page, "/explore?q=payments&tags=SWIFT")
    page.get_by_role("button", name="Tag: SWIFT").focus()
    page.keyboard.press("Enter")
    expect_query(page, q="payments")

    page.get_by_role("button", name="Clear all").focus()
    page.keyboard.press("Enter")
    expect_query(page)


@pytest.mark.parametrize(
    ("scheme", "width", "paths"), [("light", 1280, PAGES | STATES), ("dark", 390, PAGES)], ids=["light", "dark"]
)
def test_every_page_is_accessible_and_fits_its_screen(
    browser: Browser, site: str, scheme: str, width: int, paths: dict[str, str]
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, base_url=site, color_scheme=scheme)
    found = {}
    for name, path in paths.items():
        visit(page, path)
        if faults := faults_of(page, width):
            found[name] = faults
    page.close()
    assert found == {}


def test_hostile_text_stays_text_in_a_browser(browser: Browser, tmp_path: Path) -> None:
    """The story comes first: a server just started must know its pages before anyone came by the front door."""
    markup = "<img src=x onerror=alert(1)> ![x](http://evil.example/i.png) [go](javascript:alert(1)) :smile: $a$"
    text = f"{markup} https://evil.example {'W' * 400}"
    row = {"Title": text, "Client": text, "Era": text, "5PSummary": text, "public_tags": [text], "Situation": [text]}
    stories = write_rows(tmp_path / "stories.jsonl", [{"id": "h", **row}, {"id": "i", **row}])
    with running_site(tmp_path, STORIES_FILE=str(stories)) as address:
        page = browser.new_page(viewport={"width": 390, "height": 844}, base_url=address)
        page.on("dialog", lambda dialog: pytest.fail("a script ran"))
        for path in ("/story?id=h", "/story?id=h&print=1", "/explore", "/explore?view=timeline"):
            visit(page, path)
            main = page.get_by_test_id("stMain")
            assert markup in main.inner_text().replace("\u2060", ""), path
            assert main.locator("img, iframe, a[href^='http'], a[href^='javascript']").count() == 0, path
            assert page.evaluate(WIDTH) <= 390, path
        page.close()

"""A walk through asking, searching and the industries in a real browser."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.fakes.site_browser import browser, faults_of, page, press, site, visit
from tests.fakes.site_server import settle

__all__ = ["browser", "page", "site"]

QUESTION = "How was the SWIFT repair queue emptied?"
LOCKED = "/ask?story=scoring-card-fraud-inside-the-authorization-window%7Cquillon-card-services"
PAGES = {
    "ask": "/ask",
    "ask about a story": LOCKED,
    "industry": "/industry?slug=financial-services-banking&clients=Tessaly+Trust",
    "about": "/about",
    "search": "/explore?q=SWIFT+payments",
}
STATES = {"no industry": "/industry?slug=space", "refused search": "/explore?q=tell+me+a+joke"}


def ask(page: Page, question: str) -> None:
    page.get_by_test_id("stChatInputTextArea").fill(question)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stChatMessage").filter(has_text=question).first).to_be_visible()


def answered(page: Page, count: int = 1) -> None:
    expect(page.get_by_text("Helpful?")).to_have_count(count)
    settle(page)


def query_of(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_a_conversation_from_question_to_source_and_back(page: Page) -> None:
    visit(page, "/ask")
    ask(page, QUESTION)
    answered(page)
    press(page, "Deep dive", "radio")
    expect(page.get_by_role("heading", name="Situation")).to_be_visible()
    talk = page.url

    press(page, "Read")
    expect(page.get_by_role("heading", name="Emptying the SWIFT Repair Queue Before Euro Cutoff")).to_be_visible()
    press(page, "Back to the conversation")
    answered(page)
    assert page.url == talk
    press(page, "Read")
    expect(page.get_by_role("heading", name="Situation")).to_be_visible()
    page.go_back()
    answered(page)

    page.reload()
    answered(page)
    expect(page.get_by_text(QUESTION)).to_be_visible()
    page.get_by_role("button", name="How did Matt help").click()
    answered(page, 2)
    assert page.url == talk


def test_a_verdict_a_copy_and_an_export(page: Page) -> None:
    visit(page, "/ask")
    ask(page, QUESTION)
    answered(page)
    press(page, "Thumbs up", "radio")
    expect(page.get_by_text("Thank you, noted.")).to_be_visible()
    press(page, "Copy", "button")
    expect(page.get_by_test_id("stCode")).to_contain_text("[1] Emptying the SWIFT Repair Queue")
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        press(page, "Export", "button")
    text = download.value.path().read_text("utf-8")
    assert text.startswith("# Questions about the work of Matt\n\n## How was the SWIFT")


def test_a_conversation_is_forgotten_for_good(page: Page) -> None:
    visit(page, "/ask")
    ask(page, QUESTION)
    answered(page)
    talk = page.url
    press(page, "Forget", "button")
    press(page, "Keep it", "button")
    expect(page.get_by_role("dialog")).to_have_count(0)
    press(page, "Forget", "button")
    press(page, "Forget it", "button")
    expect(page.get_by_role("heading", name="To begin with")).to_be_visible()
    page.goto(talk)
    expect(page.get_by_role("heading", name="To begin with")).to_be_visible()


def test_a_story_is_asked_about_until_the_lock_is_opened(page: Page) -> None:
    visit(page, LOCKED.replace("/ask?story", "/story?id"))
    press(page, "Ask about this", "button")
    expect(page.get_by_text("Answers come from this story alone.")).to_be_visible()
    ask(page, QUESTION)
    answered(page)
    expect(page.get_by_role("link", name="Read")).to_have_count(1)
    press(page, "Ask about all stories", "button")
    expect(page.get_by_text("Answers come from this story alone.")).to_have_count(0)
    ask(page, "Which results stand out in Retail?")
    answered(page, 2)
    expect(page.get_by_role("link", name="Read")).to_have_count(4)


def test_a_question_from_home_is_asked_at_once_and_back_does_not_ask_again(page: Page) -> None:
    visit(page, "/")
    page.get_by_role("button", name="How did Matt help").first.click()
    answered(page)
    assert set(query_of(page)) == {"session"}
    page.go_back()
    expect(page.get_by_role("heading", name="Start here")).to_be_visible()
    page.go_forward()
    answered(page)


def test_from_an_industry_through_a_capability_to_its_stories(page: Page) -> None:
    visit(page, "/")
    press(page, "See the industry")
    expect(page.get_by_role("heading", name="Strongest results")).to_be_visible()
    press(page, "Tessaly Trust", "button")
    expect(page.get_by_role("link", name="Explore all 5 stories")).to_be_visible()
    press(page, "Explore all 5 stories")
    expect(page.get_by_text("1-5 of 5 stories")).to_be_visible()

    page.go_back()
    expect(page.get_by_role("link", name="Explore all 5 stories")).to_be_visible()
    page.get_by_test_id("stGrid").get_by_role("link", name="Explore").first.click()
    page.wait_for_url(lambda url: "capabilities=" in url and "industries=" in url)
    expect(page.get_by_text("Industry: Financial Services / Banking")).to_be_visible()

    visit(page, "/industry?slug=retail-consumer")
    press(page, "Ask about this industry")
    expect(page.get_by_test_id("stChatInputTextArea")).to_have_value(re.compile("Retail & Consumer"))
    page.get_by_test_id("stChatInputTextArea").press("Enter")
    answered(page)


def test_a_search_leads_to_everything_its_industry_holds(page: Page) -> None:
    visit(page, "/explore?q=SWIFT+payments")
    expect(page.get_by_text(re.compile(r"7 of 38 stories in Financial Services / Banking"))).to_be_visible()
    page.get_by_role("button", name="match").first.click()
    expect(page.get_by_text("Meaning weighs 80%, words weigh 20%.")).to_be_visible()
    page.keyboard.press("Escape")
    press(page, "View all", "button")
    page.wait_for_url(lambda url: "industries=" in url and "q=" not in url)
    expect(page.get_by_text("1-9 of 38 stories")).to_be_visible()


def test_hits_keep_their_order_from_story_to_story(page: Page) -> None:
    visit(page, "/explore?q=SWIFT+payments")
    press(page, "Read the story")
    expect(page.get_by_text("1 of 8")).to_be_visible()
    press(page, "Next", "button")
    expect(page.get_by_text("2 of 8")).to_be_visible()
    page.wait_for_url(lambda url: "pos=2" in url)
    page.go_back()
    expect(page.get_by_text("1 of 8")).to_be_visible()
    press(page, "Back to the list")
    expect(page.get_by_text("1-8 of 8 stories")).to_be_visible()


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
    visit(page, "/ask")
    ask(page, QUESTION)
    answered(page)
    if faults := faults_of(page, width):
        found["answer"] = faults
    page.close()
    assert found == {}

"""Visitors' journeys in a browser: the same on either side, and while stages change between steps."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from backend_clients.domains import DOMAINS
from tests.support.sides.routed import eventually
from tests.support.site.browser import WIDE, browser, clean_page
from tests.support.site.walk import Walk
from tests.support.stacks.site import SiteStack, running_stack

__all__ = ["browser"]

BANKING = "Financial Services / Banking"
SWIFT = "Emptying the SWIFT Repair Queue Before Euro Cutoff"
SWIFT_STORY = "/story?id=emptying-the-swift-repair-queue-before-euro-cutoff--halvern-national-bank"
QUESTION = "How was the SWIFT repair queue emptied?"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteStack]:
    with running_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="module")
def context(browser, stack: SiteStack) -> Iterator[BrowserContext]:
    """One visitor's browser, which keeps what it once fetched."""
    with browser.new_context(base_url=stack.address, viewport=WIDE) as context:
        yield context


@pytest.fixture(scope="module", params=["legacy", "lambda", "flipping"])
def moved(request: pytest.FixtureRequest, stack: SiteStack, context: BrowserContext) -> Iterator[str]:
    """Every domain in one stage; "flipping" starts where the next step changes it. Ends with who answered."""
    stack.put("lambda", ask="live") if request.param == "flipping" else stack.put(request.param)
    with clean_page(context, stack.address) as page:
        walk = Walk(page)
        side = "lambda" if request.param == "flipping" else request.param
        assert eventually(lambda: _served_by(walk, side), within=30)
    stack.new_calls()
    yield request.param
    calls: set[tuple[str, str, bool]] = set()
    sides = {"legacy", "lambda"} if request.param == "flipping" else {request.param}
    assert eventually(lambda: calls.update(stack.new_calls()) or {side for _, side, _ in calls} >= sides)
    assert calls <= {(domain, side, False) for domain in DOMAINS for side in sides}


def _served_by(walk: Walk, side: str) -> bool:
    walk.visit("/")
    return walk.page.get_by_text(f"answered by {side}").count() == 1


@pytest.fixture
def walk(moved: str, stack: SiteStack, context: BrowserContext) -> Iterator[Walk]:
    with clean_page(context, stack.address) as page:
        yield Walk(page, stack.flip if moved == "flipping" else lambda: None)


def test_banking_from_its_figures_to_a_story(walk: Walk) -> None:
    walk.visit("/")
    walk.press("See the industry")
    walk.reads("Strongest results")
    walk.press("Tessaly Trust", "button")
    walk.sees("Explore all 5 stories")
    walk.press("Explore all 5 stories")
    walk.sees("1-5 of 5 stories")
    walk.press("Read the story")
    walk.reads("Situation")
    walk.sees("1 of 5")
    walk.press("Next", "button")
    walk.sees("2 of 5")
    walk.press("Back to the list")
    walk.sees("Client: Tessaly Trust")
    walk.is_at(industries=BANKING, clients="Tessaly Trust")


def test_a_search_and_all_that_its_industry_holds(walk: Walk) -> None:
    walk.visit("/")
    walk.search("SWIFT payments")
    walk.reads("Explore")
    walk.sees(f"This search finds 7 of the 38 stories in {BANKING}")
    walk.press("match", "button")
    walk.sees(re.compile("overall: how well the story fits"))
    walk.page.keyboard.press("Escape")
    walk.press("Read the story")
    walk.sees("1 of 8")
    walk.press("Next", "button")
    walk.sees("2 of 8")
    walk.back()
    walk.sees("1 of 8")
    walk.press("Back to the list")
    walk.sees("1-8 of 8 stories")
    walk.press("View all", "button")
    walk.is_at(industries=BANKING)
    walk.sees("1-9 of 38 stories")


def test_a_capability_and_what_narrows_it(walk: Walk) -> None:
    walk.visit("/")
    walk.page.get_by_test_id("stGrid").get_by_role("link", name="Explore").first.click()
    walk.sees("1-7 of 7 stories")
    walk.sees("Capability: Talent Academy")
    walk.choose("Industry", "Cross Industry")
    walk.is_at(capabilities="Talent Academy", industries="Cross Industry")
    walk.sees("1-3 of 3 stories")
    walk.press("Industry: Cross Industry", "button")
    walk.is_at(capabilities="Talent Academy")
    walk.sees("1-7 of 7 stories")


def test_a_conversation_to_its_source_and_back(walk: Walk) -> None:
    walk.visit("/ask")
    walk.ask(QUESTION)
    walk.answered()
    walk.press("Deep dive", "radio")
    walk.reads("Situation")
    talk = walk.page.url
    walk.press("Read")
    walk.reads(SWIFT)
    walk.press("Back to the conversation")
    walk.answered()
    assert walk.page.url == talk
    walk.press("Read")
    walk.reads(SWIFT)
    walk.back()
    walk.answered()

    walk.reload()
    walk.answered()
    walk.sees(QUESTION)
    walk.press("What changed at", "button")
    walk.answered(2)
    assert walk.page.url == talk


def test_across_industries_to_questions_about_one_story(walk: Walk) -> None:
    walk.visit("/industry?slug=cross-industry")
    walk.reads("Core capabilities")
    walk.page.get_by_test_id("stGrid").get_by_role("link", name="Explore").first.click()
    walk.sees("Industry: Cross Industry")
    assert set(walk.query()) == {"industries", "capabilities"}
    walk.press("Read the story")
    walk.reads("Situation")
    walk.press("Ask about this", "button")
    walk.sees("Answers come only from this story.")
    walk.ask("What came of it?")
    walk.answered()
    expect(walk.page.get_by_role("link", name="Read")).to_have_count(1)
    walk.press("Ask about all stories", "button")
    walk.misses("Answers come only from this story.")
    walk.ask(QUESTION)
    walk.answered(2)
    expect(walk.page.get_by_role("link", name="Read")).to_have_count(4)


def test_a_client_is_searched_for_by_name(walk: Walk) -> None:
    walk.visit("/explore")
    walk.search("Tessaly Trust")
    walk.is_at(q="Tessaly Trust")
    first = walk.page.get_by_test_id("stGrid").locator(":scope > *").first
    expect(first).to_contain_text("Tessaly Trust")
    walk.choose("Client", "Tessaly Trust")
    walk.is_at(q="Tessaly Trust", clients="Tessaly Trust")
    walk.press("Read the story")
    walk.reads("Situation")
    walk.sees(re.compile("^1 of "))
    walk.press("Back to the list")
    walk.is_at(q="Tessaly Trust", clients="Tessaly Trust")


def test_a_link_shows_others_the_same(walk: Walk, stack: SiteStack) -> None:
    walk.visit("/explore?q=cloud&industries=Cross+Industry&view=table")
    extent = walk.page.get_by_text(re.compile(r"^\d+ stories$")).inner_text()
    listed = walk.page.url
    walk.visit(SWIFT_STORY)
    walk.press("Share", "button")
    told = walk.page.get_by_test_id("stCode").inner_text().strip()
    assert told == f"{stack.address}{SWIFT_STORY}"

    assert walk.page.context.browser
    with (
        walk.page.context.browser.new_context(viewport=WIDE) as elsewhere,
        clean_page(elsewhere, stack.address) as page,
    ):
        other = Walk(page, walk.before_step)
        other.visit(listed)
        other.sees(extent)
        expect(page.get_by_role("searchbox")).to_have_value("cloud")
        other.visit(told)
        other.reads(SWIFT)


def test_back_and_forward_replay_what_was_done(walk: Walk) -> None:
    box = walk.page.get_by_role("searchbox")
    walk.visit("/explore")
    walk.search("risk")
    walk.is_at(q="risk")
    walk.press("Table", "radio")
    walk.is_at(q="risk", view="table")
    walk.back()
    walk.is_at(q="risk")
    expect(walk.page.get_by_role("link", name="Read the story").first).to_be_visible()
    walk.back()
    walk.is_at()
    expect(box).to_have_value("")
    walk.forward()
    walk.is_at(q="risk")
    expect(box).to_have_value("risk")


def test_a_question_from_home_is_asked_once(walk: Walk) -> None:
    walk.visit("/")
    walk.press(re.compile(r"Matt .*[.?]$"), "button")
    walk.answered()
    assert set(walk.query()) == {"session"}
    walk.back()
    walk.reads("Start here")
    walk.forward()
    walk.answered()

"""The ASGI application in a browser: titles while navigating, one visitor over reloads, policies, unknown addresses."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.site.browser import WIDE, browser, clean_page
from tests.support.site.server import running_site, settle

__all__ = ["browser"]

STORY = "Emptying the SWIFT Repair Queue Before Euro Cutoff"
SLUG = "emptying-the-swift-repair-queue-before-euro-cutoff--halvern-national-bank"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_site(tmp_path_factory.mktemp("site"), SHOW_MAINTAINER="1") as address:
        yield address


def test_the_title_follows_the_page_and_no_policy_is_violated(browser: Browser, site: str) -> None:
    with browser.new_context(base_url=site, viewport=WIDE) as context, clean_page(context, site) as page:
        page.goto("/")
        settle(page)
        expect(page).to_have_title("Matt · Engineering leader, from core banking to applied AI")
        for name in ("Explore", "Ask", "Role Match", "About"):
            page.get_by_role("link", name=name, exact=True).first.click()
            expect(page).to_have_title(f"{name} · Matt")
            settle(page)
        page.goto("/explore?q=SWIFT+repair+queue")
        settle(page)
        page.get_by_role("link", name="Read the story").first.click()
        page.wait_for_url(f"**/story?*id={SLUG}*", wait_until="commit")
        expect(page).to_have_title(f"{STORY} · Matt")
        page.goto("/migration")  # charts
        settle(page)
        page.go_back()
        expect(page).to_have_title(f"{STORY} · Matt")


def test_a_browser_is_one_visitor_over_reloads(browser: Browser, site: str) -> None:
    with browser.new_context(base_url=site, viewport=WIDE) as context, clean_page(context, site) as page:
        page.goto("/")
        settle(page)
        before = {cookie["name"]: cookie["value"] for cookie in context.cookies()}["mattgpt_visitor"]
        page.reload()
        settle(page)
        assert {cookie["name"]: cookie["value"] for cookie in context.cookies()}["mattgpt_visitor"] == before
        assert "mattgpt_visitor" not in page.evaluate("document.cookie")


def test_an_unknown_address_leads_home_and_an_unknown_story_to_the_list(browser: Browser, site: str) -> None:
    missing = ("/nowhere", "/story?id=no-such-story")
    with browser.new_context(base_url=site, viewport=WIDE) as context, clean_page(context, site, missing) as page:
        page.goto("/nowhere")
        expect(page.get_by_role("heading", name="Page not found")).to_be_visible()
        page.get_by_role("link", name="Go to the home page").click()
        settle(page)
        page.goto("/story?id=no-such-story")
        settle(page)
        expect(page).to_have_title("No such story · Matt")
        page.get_by_role("link", name="Explore all stories").click()
        expect(page).to_have_title("Explore · Matt")

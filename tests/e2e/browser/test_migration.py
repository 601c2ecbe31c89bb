"""The Migration page in a browser: a maintainer opens a mismatch, signs in, and moves a domain forward and back."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.site.browser import NARROW, WIDE, browser, clean_page, faults_of
from tests.support.site.migration import API_URL, TOKEN, MigrationClients, migration_clients, mismatch, seed, write
from tests.support.site.server import running_site, settle
from tests.support.site.walk import Walk

__all__ = ["browser"]

LEGACY = {"scores": [[0.7123, 0.79]], "order": [["a|b"], ["c|d"]], "payload": {"a|b": {"title": "W" * 300}}}
LAMBDA = {"scores": [[0.7111, 0.79]], "order": [["c|d"], ["a|b"]], "payload": {"a|b": {"title": "V" * 300}}}


@pytest.fixture
def clients(tmp_path: Path) -> MigrationClients:
    clients = migration_clients(tmp_path)
    clients.migration.set_stage("search", "shadow", 100, reason="first look", who="somebody")
    seed(clients, "search", matches=40)
    write(clients, *(mismatch(LEGACY, LAMBDA) for _ in range(3)))
    return clients


@pytest.fixture
def walk(browser: Browser, clients: MigrationClients) -> Iterator[Walk]:
    settings = clients.settings
    with (
        running_site(
            settings.data_dir,
            FLAGS_FILE=str(settings.flags_file.rename(settings.data_dir / "own.yaml")),
            ADMIN_TOKEN=TOKEN,
            SHOW_MAINTAINER="1",
            STORIES_API_URL=API_URL,
        ) as address,
        browser.new_context(base_url=address, viewport=WIDE) as context,
        clean_page(context, address) as page,
    ):
        yield Walk(page)


def audited(page: Page) -> dict[str, dict[str, list[str]]]:
    """What is wrong with the page as it is, wide and light, then narrow and dark."""
    found = {}
    for theme, size in (("light", WIDE), ("dark", NARROW)):
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size(size)
        settle(page)
        if faults := faults_of(page):
            found[theme] = faults
    page.set_viewport_size(WIDE)
    return found


@pytest.mark.timeout(240)
def test_a_maintainer_moves_a_domain_with_a_reason_and_back(walk: Walk, clients: MigrationClients) -> None:
    page = walk.page
    walk.visit("/migration?domain=search")
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(3)
    found = {"search": audited(page)}
    walk.press(re.compile("Open(?! repairs)"), "button")
    walk.sees("1 of 3 similar")
    found["mismatch"] = audited(page)
    walk.press("Back to the domain", "button")
    walk.is_at(domain="search")
    page.get_by_role("radio", name="Stories").click()
    walk.is_at()
    walk.press("Sign in", "button")
    page.get_by_label("Admin token").fill(TOKEN)
    page.keyboard.press("Enter")
    change(walk, "Move to shadow", "first look")
    walk.sees("shadow, now")
    change(walk, "Step back", "enough seen")
    walk.sees("legacy, now")

    assert [(change.after, change.reason) for change in clients.migration.changes("stories")] == [
        ("legacy", "enough seen"),
        ("shadow", "first look"),
    ]
    assert found == {"search": {}, "mismatch": {}}


def change(walk: Walk, button: str, reason: str) -> None:
    walk.press(button, "button")
    walk.page.get_by_role("textbox", name="Reason").fill(reason)
    walk.press("Change", "button")
    expect(walk.page.get_by_role("dialog")).to_have_count(0)

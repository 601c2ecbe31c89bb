"""Shared by browser tests: the browser, a page whose console must stay clean, and an accessibility audit."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, expect
from playwright.sync_api import TimeoutError as TooLate

from tests.support.site.server import running_browser

expect.set_options(timeout=45_000)  # a busy machine is slow, not wrong
WIDE: Final[ViewportSize] = {"width": 1280, "height": 900}
NARROW: Final[ViewportSize] = {"width": 390, "height": 844}
WIDTH: Final = "document.querySelector('[data-testid=stMain]').scrollWidth"
_REDRAWN_WITHIN: Final = 15_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as chromium:
        yield chromium


@contextmanager
def clean_page(context: BrowserContext, address: str, missing: Sequence[str] = ()) -> Iterator[Page]:
    """Open a page; fails if it logs an error or makes a request to another host.

    The browser logs the status 404 of a document: expected for the paths in `missing`.
    """
    own = (address, "data:", "blob:")
    expected = {address + path for path in missing}
    faults: list[str] = []

    def log(message: ConsoleMessage) -> None:
        if _is_fault(message) and not (message.location["url"] in expected and "404" in message.text):
            faults.append(f"{message.text} {message.location['url']}")

    with context.new_page() as page:
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", log)
        page.on("request", lambda request: None if request.url.startswith(own) else faults.append(request.url))
        yield page
    assert faults == [], faults


def faults_of(page: Page) -> dict[str, list[str]]:
    """Serious and critical findings of axe by rule, and whether the page is wider than the screen."""
    found = {}
    if not _fits(page):
        found["width"] = ["wider than the screen"]
    for violation in Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]:
        if violation["impact"] in ("serious", "critical"):
            found[violation["id"]] = [node["html"][:200] for node in violation["nodes"]]
    return found


def _fits(page: Page) -> bool:
    """Whether the page fits the screen after it is redrawn for a new size."""
    try:
        page.wait_for_function(f"{WIDTH} <= window.innerWidth", timeout=_REDRAWN_WITHIN)
    except TooLate:
        return False
    return True


def _is_fault(message: ConsoleMessage) -> bool:
    probing = "/_stcore/" in message.location["url"]  # Streamlit looks for its own base path this way
    return message.type == "error" and not probing

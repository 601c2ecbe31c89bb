"""What the browser walks share: the site with its sample, a browser, a page whose console stays clean."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.fakes.site_server import running_browser, running_site, settle

expect.set_options(timeout=45_000)  # a busy machine is slow, not wrong
WIDTH = "document.querySelector('[data-testid=stMain]').scrollWidth"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_site(tmp_path_factory.mktemp("site")) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as chromium:
        yield chromium


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """A page whose console stays clean and that asks nobody but the site for anything."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, base_url=site)
    own = (site, "data:", "blob:")
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if _is_fault(message) else None)
    page.on("request", lambda request: None if request.url.startswith(own) else faults.append(request.url))
    yield page
    page.close()
    assert faults == []


def visit(page: Page, path: str) -> None:
    page.goto(path)
    settle(page)


def press(page: Page, name: str, role: Any = "link") -> None:
    page.get_by_role(role, name=name).first.click()


def faults_of(page: Page, width: int) -> dict[str, list[str]]:
    """Serious and critical findings of axe by rule, and a page wider than its screen."""
    found = {}
    if page.evaluate(WIDTH) > width:
        found["width"] = ["wider than the screen"]
    for violation in Axe().run(page).response["violations"]:
        if violation["impact"] in ("serious", "critical"):
            found[violation["id"]] = [node["html"][:200] for node in violation["nodes"]]
    return found


def _is_fault(message: Any) -> bool:
    probing = "/_stcore/" in message.location.get("url", "")  # Streamlit looks for its own base path this way
    return message.type == "error" and not probing

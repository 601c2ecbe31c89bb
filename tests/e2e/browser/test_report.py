"""The parity report in a browser: readable on a phone and by a screen reader, in light and dark."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from backend_clients.errors import Timeout
from backend_clients.migration.mismatches.allowlist import Allowlist, AllowlistEntry
from backend_clients.migration.mismatches.replay import compare_sides
from backend_clients.routing.read_router import Operation
from operations.parity.html_report import report
from operations.parity.runner import GeneratedRequest, ParityTally
from tests.support.sides.routed import Answer, FakeLambda, FakeSide, Question, endpoint
from tests.support.site.server import running_browser

LONG = "an_unbroken_word_" * 12
ACCEPTED = {"domain": "ask", "layer": "words", "path": "[*]", "kind": "values_changed", "reason": LONG}
PAIRS: list[tuple[Any, Any]] = [
    *[(Answer(text="a b c"), Answer(text="a b c"))] * 20,
    *[(Answer(text=f"a {LONG} c"), Answer(text=f"a {LONG}x c d"))] * 3,
    (Answer(), Timeout(f"too late {LONG}")),
]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report that has every part: pictures, differences, accepted ones, errors."""
    allowed = Allowlist([AllowlistEntry(**ACCEPTED, date="2026-11-23", expires="2999-01-01")])
    tallies = [ParityTally(domain, allowed) for domain in ("search", "ask")]
    for tally in tallies:
        for legacy, remote in PAIRS:
            sides = FakeSide(legacy), FakeLambda(remote)
            operation = Operation(
                endpoint(tally.domain, "generate"), *sides, lambda answer: {"words": answer.text.split(" ")}
            )
            item = GeneratedRequest(operation, Question(text=LONG))
            tally.add(item, compare_sides(operation, item.request))
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report(tallies, allowed, f"mattgpt parity run --html {LONG}", datetime.now(UTC)), "utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as chromium:
        yield chromium


def opened(browser: Browser, file: Path, scheme: Literal["light", "dark"], width: int) -> tuple[Page, list[str]]:
    """The report, and what the page asked for or complained about."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    heard: list[str] = []
    page.on("request", lambda request: heard.append(request.url))
    page.on("console", lambda message: heard.append(message.text))
    page.goto(file.as_uri())
    return page, heard


@pytest.mark.parametrize(
    ("scheme", "width", "ground"), [("light", 1280, "rgb(249, 250, 251)"), ("dark", 390, "rgb(15, 23, 42)")]
)
def test_the_report_fits_and_has_no_barriers(
    browser: Browser, file: Path, scheme: Literal["light", "dark"], width: int, ground: str
) -> None:
    page, heard = opened(browser, file, scheme, width)
    assert heard == [file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == ground
    assert page.get_by_role("heading", name="Accepted differences").is_visible()
    assert page.get_by_role("heading", name="Errors").is_visible()
    assert page.get_by_text(f"{LONG}x").first.is_visible()
    found = Axe().run(page).response["violations"]
    assert [(item["id"], item["nodes"][0]["html"][:200]) for item in found if item["impact"] != "minor"] == []
    page.context.close()

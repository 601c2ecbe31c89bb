"""Measures server time of the site's pages on both sides: of a rerun, and of a view with empty caches."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from backend_clients.domains import DOMAINS
from backend_clients.settings import REPOSITORY, Settings
from bench.corpora import write_corpus
from bench.timing import MILLISECOND, Finding, budgeted, median_seconds, shown
from lambdas.local.launcher import running_cloud
from operations.stack.loaders import load_into
from operations.stack.local_stack import stacks_of
from streamlit_app.routes import Route
from streamlit_app.session.cached_reads import cached
from streamlit_app.session.site import forget_site, open_site

RERUN_BUDGET: Final = {"legacy": 50 * MILLISECOND, "lambda": 120 * MILLISECOND}
SIZES: Final = (114, 10_000)
_APP: Final = REPOSITORY / "streamlit_app" / "main.py"
_STORY: Final = "emptying-the-swift-repair-queue-before-euro-cutoff|halvern-national-bank"
_EXPLORE: Final = {
    "cards": (Route.EXPLORE, {}),
    "table": (Route.EXPLORE, {"view": "table"}),
    "timeline": (Route.EXPLORE, {"view": "timeline"}),
    "search": (Route.EXPLORE, {"q": "SWIFT payments"}),
}
_PAGES: Final[dict[str, tuple[Route, dict[str, str]]]] = {
    "home": (Route.HOME, {}),
    **_EXPLORE,
    "story": (Route.STORY, {"id": _STORY, "pos": "2"}),
    "ask": (Route.ASK, {}),
    "industry": (Route.INDUSTRY, {}),
    "about": (Route.ABOUT, {}),
}
_KEY: Final = "bench-key"
_FLAG: Final = "  {domain}: {{state: ENABLED, variants: {{now: {stage}}}, defaultVariant: now}}\n"


def measure() -> list[Finding]:
    # Otherwise every run scans all installed packages for custom components, which a server does once.
    with patch.object(manifest_scanner, "scan_component_manifests", list):
        return [finding for size in SIZES for finding in _at(size)]


def _at(size: int) -> list[Finding]:
    findings: list[Finding] = []
    pages = _PAGES if size == SIZES[0] else {"home": _PAGES["home"], **_EXPLORE, "industry": _PAGES["industry"]}
    with tempfile.TemporaryDirectory() as folder, running_cloud(env={"API_KEY": _KEY}) as cloud:
        stories = write_corpus(size, Path(folder) / "stories.jsonl")
        stack = stacks_of(cloud)
        load_into(stack, Settings(stories_file=stories, data_dir=Path(folder)))
        environment = {"STORIES_FILE": str(stories), "DATA_DIR": folder, "API_KEY": _KEY, "READ_TIMEOUT": "29"}
        environment |= {f"{domain.upper()}_API_URL": cloud.url for domain in DOMAINS}
        for side in RERUN_BUDGET:
            with _site(Path(folder), side, environment):
                findings += [finding for name, place in pages.items() for finding in _page(name, side, size, *place)]
    return findings


@contextmanager
def _site(folder: Path, side: str, environment: dict[str, str]) -> Iterator[None]:
    """The site's environment with every domain on one side."""
    flags = folder / f"{side}.yaml"
    flags.write_text("flags:\n" + "".join(_FLAG.format(domain=domain, stage=side) for domain in DOMAINS))
    forget_site()
    with patch.dict(os.environ, environment | {"FLAGS_FILE": str(flags)}):
        try:
            yield
        finally:
            open_site().clients.close()
            forget_site()


def _page(name: str, side: str, size: int, route: Route, query: dict[str, str]) -> list[Finding]:
    """Measure processor time of a rerun, and elapsed time of a view with empty caches, including its calls."""
    page = AppTest.from_file(str(_APP), default_timeout=60)
    if route is not Route.HOME:
        page.switch_page(route)
    page.query_params.update(query)
    rounds = 10 if size == SIZES[0] else 5
    rerun = median_seconds(lambda: _run(page), rounds, clock=time.process_time)

    def view() -> None:
        cached.clear()
        _run(page)

    first = median_seconds(view, rounds, warm_up=1)
    label = f"{name}, {size:,} stories, {side}; {shown(first)} with empty caches"
    return [budgeted(label, rerun, RERUN_BUDGET[side])]


def _run(page: Any) -> None:
    page.run()
    if page.exception or page.error:
        raise RuntimeError(f"the page failed: {[item.value for item in (*page.exception, *page.error)]}")

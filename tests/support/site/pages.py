"""Runs a page in a test with fake clients."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from streamlit_app.routes import Route
from streamlit_app.session import site
from tests.support.site.clients import FakeClients

APP = Path(__file__).resolve().parents[3] / "streamlit_app" / "main.py"

OpenPage = Callable[..., AppTest]


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`open_page(clients, route, **query)` runs a page and fails if it raised an exception."""

    # Otherwise every run looks through all installed packages for custom components, of which the site has none.
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", list)

    def opened(fake: FakeClients, route: Route = Route.HOME, /, **query: Any) -> AppTest:
        monkeypatch.setattr(site, "build_clients", lambda: _with_readable_profile(fake))
        site.forget_site()
        page = AppTest.from_file(str(APP), default_timeout=20)
        if route is not Route.HOME:
            page._page_hash = calc_hash(route.url_path)  # `switch_page` knows custom URLs after a first run only
        page.query_params = dict(query)
        page.run()
        assert not page.exception
        return page

    yield opened
    site.forget_site()


def _with_readable_profile(fake: FakeClients) -> FakeClients:
    """As real clients, which read the profile when they are built."""
    assert fake.profile
    return fake


def words(page: AppTest) -> str:
    """The page's Markdown, headings and messages, with escapes."""
    shown = [*page.title, *page.header, *page.markdown, *page.info, *page.error, *page.warning]
    return "\n".join(str(element.value) for element in shown)


def ways(page: AppTest) -> dict[str, Any]:
    """Buttons to other states of the page by label; their keys end in the query parameters."""
    return {shown(button.label): button for button in page.button if (button.key or "").startswith("way-")}


def links(page: AppTest) -> list[str]:
    return [shown(link.label) for link in page.page_link]


def shown(label: str) -> str:
    """A label without colour and icon."""
    colored = re.fullmatch(r":primary\[(.*)\]", label)
    return re.sub(r":material/\w+:", "", colored[1] if colored else label).strip()

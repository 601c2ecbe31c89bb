"""The site's ASGI application over HTTP: status, headers, visitor cookie, previews, unknown addresses."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from bench.reruns import visiting
from streamlit_app.routes import Route
from streamlit_app.shared.story_slug import title_slug
from tests.support.builders.stories import write_rows
from tests.support.command import sample_rows
from tests.support.site.server import running_site

HOSTILE: Final = "\"><script>alert(1)</script> & 'quotes' {0}"
TWICE: Final = "A Title That Two Stories Have"
SWIFT: Final = "emptying-the-swift-repair-queue-before-euro-cutoff"
HALF: Final = """flags:
  stories:
    state: ENABLED
    variants: {legacy: legacy, shadow: shadow}
    defaultVariant: legacy
    targeting:
      fractional:
      - cat: [mattgpt, {var: targetingKey}]
      - [legacy, 50]
      - [shadow, 50]
"""


class Head(HTMLParser):
    """Title and meta tags of a document, and its scripts without a source."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.title = ""
        self.meta: dict[str, str] = {}
        self.inline_scripts = 0
        self._in_title = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        self._in_title = tag == "title"
        self.inline_scripts += tag == "script" and "src" not in given
        if tag == "meta" and (name := given.get("property") or given.get("name")):
            self.meta[name] = given["content"]

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        self.title += data if self._in_title else ""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    rows = sample_rows(6)
    rows += [
        {**rows[0], "id": "hostile|one", "Title": HOSTILE, "5PSummary": HOSTILE},
        {**rows[0], "id": "twice-1|one", "Title": TWICE},
        {**rows[0], "id": "twice-2|two", "Title": TWICE},
        {**rows[0], "id": "an id of/its own?", "Title": "Another Form of Id"},
    ]
    stories = write_rows(folder / "stories.jsonl", rows)
    profile = folder / "profile.yaml"
    profile.write_text("name: Ada\nheadline: Engineer\nline: Builds things that other people run.\n", "utf-8")
    with running_site(folder, STORIES_FILE=str(stories), PROFILE_FILE=str(profile)) as address:
        yield address


def document(site: str, path: str, **headers: str) -> tuple[requests.Response, Head]:
    response = requests.get(site + path, headers=headers, timeout=20)
    return response, Head(response.text)


def test_the_site_says_that_it_runs_and_that_it_is_ready(site: str) -> None:
    for path in ("/-/health", "/-/ready"):
        response = requests.get(site + path, timeout=5)
        assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")


@pytest.mark.parametrize(
    "path", ["/", "/explore", "/story?id=gone", "/nowhere", "/-/health", "/favicon.png", "/story/"]
)
def test_every_answer_has_the_security_headers(site: str, path: str) -> None:
    headers = requests.get(site + path, timeout=20, allow_redirects=False).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == "'self'"
    assert "'unsafe-inline'" not in policy["script-src"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


@pytest.mark.parametrize("route", Route)
def test_every_page_has_a_title_a_description_and_its_address(site: str, route: Route) -> None:
    path = "/" if route is Route.HOME else f"/{route.url_path}"
    path += f"?id={SWIFT}" if route is Route.STORY else ""
    response, head = document(site, path)
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-cache")
    assert "Ada" in head.title
    assert head.meta["og:title"] == head.title
    assert 20 < len(head.meta["description"]) <= 201
    assert head.meta["og:description"] == head.meta["description"]
    assert head.meta["og:url"] == site + path


def test_no_two_pages_have_the_same_title(site: str) -> None:
    paths = ["/", "/explore", "/ask", "/industry", "/about", f"/story?id={SWIFT}", "/story?id=hostile--one"]
    paths.append("/industry?slug=financial-services-banking")
    assert len({document(site, path)[1].title for path in paths}) == len(paths)


def test_a_story_is_found_by_slug_id_and_title(site: str) -> None:
    names = (f"{SWIFT}--halvern-national-bank", f"{SWIFT}%7Chalvern-national-bank", SWIFT)
    heads = [document(site, f"/story?id={name}")[1] for name in names]
    assert {head.title for head in heads} == {"Emptying the SWIFT Repair Queue Before Euro Cutoff · Ada"}
    assert {head.meta["og:type"] for head in heads} == {"article"}
    assert document(site, "/story?id=an%20id%20of%2Fits%20own%3F")[1].title == "Another Form of Id · Ada"


@pytest.mark.parametrize("name", ["", "gone", "gone--nowhere", title_slug(TWICE), "%00", "x" * 3000, "..", "%FF"])
def test_an_unknown_or_ambiguous_story_is_not_found(site: str, name: str) -> None:
    response, head = document(site, f"/story?id={name}")
    assert (response.status_code, response.headers["X-Robots-Tag"]) == (404, "noindex")
    assert head.title == "No such story"


def test_a_hostile_title_is_text_in_the_preview(site: str) -> None:
    response, head = document(site, "/story?id=hostile--one")
    assert head.title == f"{HOSTILE} · Ada"
    assert head.meta["og:title"] == f"{HOSTILE} · Ada"
    assert HOSTILE in head.meta["og:description"]
    assert head.inline_scripts == document(site, "/")[1].inline_scripts == 1
    assert "<script>alert" not in response.text


def test_a_shared_address_holds_no_conversation(site: str) -> None:
    assert document(site, f"/story?id={SWIFT}&talk=secret")[1].meta["og:url"] == f"{site}/story?id={SWIFT}"
    assert "secret" not in document(site, "/ask?session=secretsecretsecret")[0].text


@pytest.mark.parametrize("path", ["/nowhere", "/a/b", "/story/x", "/_stcore/metrics", "/pages/home", "/%00"])
def test_an_unknown_address_is_said_to_be_one(site: str, path: str) -> None:
    response, head = document(site, path)
    assert (response.status_code, head.title) == (404, "Page not found")
    assert 'href="/"' in response.text
    assert "Set-Cookie" not in response.headers


def test_a_browser_keeps_the_visitor_it_was_given(site: str) -> None:
    with requests.Session() as browser:
        first = browser.get(site, timeout=20)
        cookie = first.headers["Set-Cookie"]
        assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"} <= set(cookie.split("; "))
        assert "Secure" not in cookie
        assert "Set-Cookie" not in browser.get(f"{site}/explore", timeout=20).headers
    assert "mattgpt_visitor=" in document(site, "/", Cookie="mattgpt_visitor=forged")[0].headers["Set-Cookie"]
    assert "; Secure" in document(site, "/", **{"X-Forwarded-Proto": "https"})[0].headers["Set-Cookie"]


def test_a_visitor_has_the_same_side_after_a_reload(tmp_path: Path) -> None:
    visitors = [f"{number:032x}" for number in range(8)]
    with running_site(tmp_path, flags=HALF) as address:
        port = int(address.rpartition(":")[2])
        for number, visitor in enumerate((*visitors, *visitors)):
            with visiting(port, f"mattgpt_visitor={visitor}") as session:
                session.rerun(Route.EXPLORE, f"tags=tag-{number}")  # an answer that no other visitor has cached
    # The server has stopped, which writes out what was still queued.
    with closing(sqlite3.connect(tmp_path / "migration.sqlite3")) as records:
        rows = records.execute("SELECT stage FROM calls WHERE domain = 'stories' ORDER BY id").fetchall()
    stages = [stage for (stage,) in rows]
    assert len(stages) == 2 * len(visitors)
    assert stages[: len(visitors)] == stages[len(visitors) :]
    assert set(stages) == {"legacy", "shadow"}


def test_a_site_without_stories_answers_but_is_not_ready(tmp_path: Path) -> None:
    with running_site(tmp_path, ready="/-/health", STORIES_FILE=str(tmp_path / "none.jsonl")) as address:
        ready = requests.get(f"{address}/-/ready", timeout=5)
        assert (ready.status_code, ready.headers["Retry-After"]) == (503, "1")
        response, head = document(address, "/")
        assert (response.status_code, head.title) == (200, "Portfolio")

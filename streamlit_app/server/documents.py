"""Answers the addresses of pages with a document of their own, and all unknown addresses with "not found"."""

import asyncio
from collections.abc import Mapping
from functools import cache
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

from streamlit_app.routes import NAMES, Route
from streamlit_app.server.errors import not_found
from streamlit_app.server.index_html import Preview, index_with, static_folder
from streamlit_app.server.previews import NO_STORY, UNNAMED, general_preview, preview_of
from streamlit_app.session.site import Site, is_site_built, site_of
from streamlit_app.session.visitor import new_visitor

_PATIENCE_SECONDS: Final = 1.5
# First segments of paths that Streamlit serves itself, besides its files.
_STREAMLIT: Final = frozenset({"_stcore", "media", "component", "app", "auth", "oauth2callback", "-"})
_PRIVATE: Final = "_stcore/metrics"


class Documents:
    """Middleware before Streamlit, which would answer every path with the same document."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response: Response | None = None
        if route := page_of(scope):
            response = await _document(Request(scope), route)
        elif scope["type"] == "http" and _is_unknown(_local_path(scope)):
            response = not_found(f"/{_base()}/" if _base() else "/")
        await (response or self._app)(scope, receive, send)


def page_of(scope: Scope) -> Route | None:
    """The page that a browser opens with this request."""
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return None
    return _pages().get(_local_path(scope))


async def _document(request: Request, route: Route) -> Response:
    visitor = request.scope.get("state", {}).get("visitor") or new_visitor()
    site = site_of(visitor) if is_site_built() else None
    preview = await _preview(request, route, site) if site else UNNAMED
    html = index_with(preview, _public_url(request, route), site.profile.name if site else "")
    headers = {"Cache-Control": "no-cache", "Vary": "Cookie"}
    if preview is NO_STORY or route is Route.MIGRATION:
        headers["X-Robots-Tag"] = "noindex"
    return HTMLResponse(html, 404 if preview is NO_STORY else 200, headers)


async def _preview(request: Request, route: Route, site: Site) -> Preview:
    """The preview for this address, or the page's general one if its stories take too long to come."""
    params = parse_qs(request.url.query)
    try:
        return await asyncio.wait_for(asyncio.to_thread(preview_of, route, params, site), _PATIENCE_SECONDS)
    except TimeoutError:
        return general_preview(route, site.profile)


def _public_url(request: Request, route: Route) -> str:
    """The address to share: without what belongs to one visitor, such as a conversation."""
    kept = {Route.STORY: "id", Route.INDUSTRY: "slug"}.get(route, "")
    url = request.url.remove_query_params([name for name in parse_qs(request.url.query) if name != kept])
    return str(url.replace(fragment=""))


@cache
def _pages() -> Mapping[str, Route]:
    return {"" if route is Route.HOME else route.url_path: route for route in NAMES}


@cache
def _base() -> str:
    return str(config.get_option("server.baseUrlPath") or "").strip("/")


def _local_path(scope: Scope) -> str:
    """The path without the site's base path and its leading slash."""
    path = str(scope["path"]).removeprefix("/")
    return path.removeprefix(_base()).removeprefix("/") if _base() else path


def _is_unknown(path: str) -> bool:
    """Whether neither a page, nor Streamlit, nor one of its files has this path."""
    first, _, rest = path.partition("/")
    if path == _PRIVATE:
        return True
    if first in _STREAMLIT or first in _files():
        return False
    return first not in _pages() or (bool(rest) and not rest.startswith("_stcore/"))


@cache
def _files() -> frozenset[str]:
    return frozenset(file.name for file in static_folder().iterdir())

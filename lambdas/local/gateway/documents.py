"""The OpenAPI document of the APIs, and a page to try calls; both need nothing from anywhere else."""

from pathlib import Path
from typing import Final

from aiohttp import web

from lambdas.local.options import REPOSITORY

_PAGES: Final = Path(__file__).parent / "pages"
_FILES: Final = {
    "openapi.json": (REPOSITORY / "docs" / "openapi.json", "application/json"),
    "try": (_PAGES / "try.html", "text/html"),
    "try.css": (_PAGES / "try.css", "text/css"),
    "try.js": (_PAGES / "try.js", "text/javascript"),
}
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def document(name: str) -> web.Response | None:
    """The answer to a request for a document; None if there is none by the name."""
    if name not in _FILES:
        return None
    path, kind = _FILES[name]
    return web.Response(body=path.read_bytes(), content_type=kind, charset="utf-8", headers=_HEADERS)

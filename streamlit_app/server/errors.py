"""Says in plain words that something failed: in a page, and at an address of no page."""

from collections.abc import Mapping
from html import escape
from typing import Any, Final

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse

from streamlit_app.server.headers import SECURITY_HEADERS

_PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="robots" content="noindex" />
<meta name="color-scheme" content="light dark" />
<title>{title}</title>
<link rel="icon" href="{home}favicon.png" />
<style>
body {{ font-family: system-ui, sans-serif; line-height: 1.5; max-width: 36rem; margin: 15vh auto 0; padding: 0 1rem; }}
h1 {{ font-size: 1.75rem; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{text}</p>
<p><a href="{home}">Go to the home page</a></p>
</main>
</body>
</html>
"""


def show_script_error(_error: Exception) -> bool:
    """Show the site's own words instead of Streamlit's, which has logged the details."""
    st.error("Something went wrong on this page. Reload it to try again.", icon=":material/error:")
    return True


def error_page(status: int, title: str, text: str, home: str) -> HTMLResponse:
    """A small page that needs no script."""
    html = _PAGE.format(title=escape(title), text=escape(text), home=escape(home))
    return HTMLResponse(html, status, headers={"Cache-Control": "no-store"})


def not_found(home: str) -> HTMLResponse:
    return error_page(404, "Page not found", "There is no page at this address. It may have been mistyped.", home)


async def _server_error(_request: Request, _error: Exception) -> HTMLResponse:
    """Answer outside all middleware, which therefore adds no headers to it."""
    page = error_page(500, "Something went wrong", "The site could not answer. Please try again in a moment.", "/")
    page.headers.update(SECURITY_HEADERS)
    return page


EXCEPTION_HANDLERS: Final[Mapping[Any, Any]] = {Exception: _server_error}

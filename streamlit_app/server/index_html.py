"""Streamlit's index.html: its inline scripts, and a copy with another head."""

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Final, NamedTuple

from streamlit import file_util

_INLINE_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_TITLE: Final = re.compile(r"<title>.*?</title>", re.DOTALL)
_NOSCRIPT: Final = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)


class Preview(NamedTuple):
    """What a crawler or a chat shows of an address; plain text. `kind` is Open Graph's type."""

    title: str
    description: str
    kind: str = "website"


@cache
def static_folder() -> Path:
    return Path(file_util.get_static_dir())


@cache
def inline_script_hashes() -> Sequence[str]:
    """Sources for a content security policy that allows the scripts written into index.html, and no others."""
    digests = (hashlib.sha256(script.encode()).digest() for script in _INLINE_SCRIPT.findall(_index()))
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def index_with(preview: Preview, url: str, site_name: str) -> str:
    """index.html with a preview's title, description and `og:` tags, all escaped, for readers without JavaScript."""
    title, description = escape(preview.title), escape(preview.description)
    tags = {
        "og:type": preview.kind,
        "og:title": preview.title,
        "og:description": preview.description,
        "og:url": url,
        "og:site_name": site_name,
    }
    head = [f"<title>{title}</title>", f'<meta name="description" content="{description}" />']
    head += [f'<meta property="{name}" content="{escape(text)}" />' for name, text in tags.items() if text]
    head += ['<meta name="twitter:card" content="summary" />']
    body = f"<noscript><h1>{title}</h1><p>{description}</p><p>This site needs JavaScript.</p></noscript>"
    html = _TITLE.sub(lambda _: "\n    ".join(head), _index(), count=1)
    return _NOSCRIPT.sub(lambda _: body, html, count=1)


@cache
def _index() -> str:
    return (static_folder() / "index.html").read_text("utf-8")

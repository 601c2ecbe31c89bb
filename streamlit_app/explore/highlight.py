"""The words of a search, marked where a text holds them."""

import re
from typing import Final

from streamlit_app.shared.markdown_escape import escape_markdown

_TOKEN: Final = re.compile(r"[A-Za-z0-9+#\-_.]{3,}")


def highlighted(text: str, query: str, around: str = "") -> str:
    """The text as Markdown, as it is but for the query's words, which stand out; `around` is the colour of the rest."""
    words = {word.strip(".-_").casefold() for word in _TOKEN.findall(query)} - {""}
    if not words:
        return _stretch(text, around)
    line = " ".join(text.split())
    parts: list[str] = []
    end = 0
    for found in _TOKEN.finditer(line):
        if found.group().strip(".-_").casefold() not in words:
            continue
        parts += [_stretch(line[end : found.start()], around), f":violet-background[{escape_markdown(found.group())}]"]
        end = found.end()
    return "".join([*parts, _stretch(line[end:], around)])


def _stretch(text: str, color: str) -> str:
    """Plain text with the space at its ends kept."""
    if not text.strip():
        return text
    shown = f":{color}[{escape_markdown(text)}]" if color else escape_markdown(text)
    return f"{' ' if text[0] == ' ' else ''}{shown}{' ' if text[-1] == ' ' else ''}"

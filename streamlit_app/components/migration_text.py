"""Our own advice as Markdown: commands in it stand out, everything else is plain."""

import re
from typing import Final

from streamlit_app.components.text import plain

_COMMAND: Final = re.compile(r"`([\w ./<>=-]+)`")


def with_commands(text: str) -> str:
    """`text` with what stands between backticks as code."""
    return "".join(f"`{part}`" if place % 2 else _plain(part) for place, part in enumerate(_COMMAND.split(text)))


def _plain(part: str) -> str:
    """Plain text that keeps its distance to the command beside it."""
    before, after = part[:1].isspace(), part[-1:].isspace() and bool(part.strip())
    return f"{' ' * before}{plain(part)}{' ' * after}"

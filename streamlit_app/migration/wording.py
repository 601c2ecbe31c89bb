"""Migration in words: rates, stages, verdicts, error messages."""

import re
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from backend_clients.migration.models import Group, Signature, Verdict, Window
from streamlit_app.shared.markdown_escape import escape_markdown, shortened
from streamlit_app.shared.wording import rate

Color = Literal["green", "orange", "red", "violet", "gray"]

_PATH_LENGTH: Final = 90
_NO_VERDICT: Final = ("ignored", "dropped")
_FOLDERS: Final = re.compile(r"(?:(?<=[\s'\"(])|^)/(?:[^\s/:'\"]+/)+(?=[^\s/])")


class Mark(NamedTuple):
    """Words, an icon and a colour with the same meaning."""

    words: str
    icon: str
    color: Color


VERDICTS: Final[Mapping[Verdict, Mark]] = {
    Verdict.PASS: Mark("pass", ":material/check_circle:", "green"),
    Verdict.FAIL: Mark("fail", ":material/cancel:", "red"),
    Verdict.INCONCLUSIVE: Mark("inconclusive", ":material/hourglass_empty:", "orange"),
}
BREAKERS: Final[Mapping[str, Mark]] = {
    "closed": Mark("closed", ":material/link:", "green"),
    "open": Mark("open", ":material/link_off:", "red"),
    "half-open": Mark("half-open", ":material/sync:", "orange"),
}
STAGES: Final[Mapping[str, str]] = {
    "legacy": "In-process code answers.",
    "dualwrite": "In-process code answers; conversations are written to both sides.",
    "shadow": "In-process code answers; Lambda is compared off the visitor's path.",
    "live": "Lambda answers; in-process code is its fallback and is compared off the visitor's path.",
    "rampdown": "Lambda answers; in-process code is its fallback and still gets all writes.",
    "lambda": "Only Lambda answers.",
}


def match_rate(window: Window) -> str:
    """The share of comparisons that matched or whose mismatch is accepted."""
    compared = compared_in(window)
    return rate(window.outcomes.get("match", 0) + window.accepted, compared)


def compared_in(window: Window) -> int:
    """The number of comparisons of two answers: failures count as errors, version skews do not count."""
    return window.outcomes.get("match", 0) + window.outcomes.get("mismatch", 0)


def error_rate(window: Window) -> str:
    return rate(window.lambda_errors, window.lambda_calls)


def without_folders(message: str) -> str:
    """Remove folders from a message: visitors must not see paths."""
    return _FOLDERS.sub("", message)


def cause_in_words(cause: Group | Signature) -> str:
    """The layer, path and kind of a difference, as Markdown: "**scores** at hits[*].score · values changed"."""
    where = "" if cause.path == "$" else f" at {escape_markdown(shortened(cause.path, _PATH_LENGTH))}"
    return f"**{escape_markdown(cause.layer)}**{where} · {escape_markdown(cause.kind.replace('_', ' '))}"


_COMMAND: Final = re.compile(r"`([\w ./<>=-]+)`")


def with_commands(text: str) -> str:
    """Format text in backticks as code and escape the rest."""
    return "".join(f"`{part}`" if place % 2 else _plain(part) for place, part in enumerate(_COMMAND.split(text)))


def _plain(part: str) -> str:
    """Escape text and keep its space next to code."""
    before, after = part[:1].isspace(), part[-1:].isspace() and bool(part.strip())
    return f"{' ' * before}{escape_markdown(part)}{' ' * after}"

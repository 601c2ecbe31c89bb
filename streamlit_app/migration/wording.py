"""Figures of the migration in words: rates, milliseconds, moments, stages, verdicts."""

import re
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from backend_clients.migration.gate.report import Verdict
from backend_clients.records.reader import Window
from streamlit_app.shared.markdown_escape import escape_markdown
from streamlit_app.shared.wording import rate

Color = Literal["green", "orange", "red", "violet", "gray"]

_NO_VERDICT: Final = ("ignored", "dropped")
_FOLDERS: Final = re.compile(r"(?:(?<=[\s'\"(])|^)/(?:[^\s/:'\"]+/)+(?=[^\s/])")


class Mark(NamedTuple):
    """Words, an icon and a colour that all say the same."""

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
    "live": "Lambda answers; in-process code stands in for it and is compared off the visitor's path.",
    "rampdown": "Lambda answers; in-process code stands in for it and is still written.",
    "lambda": "Lambda alone answers.",
}


def match_rate(window: Window) -> str:
    """The share of comparisons that matched or whose mismatch is accepted, of those that reached a verdict."""
    compared = compared_in(window)
    return rate(window.outcomes.get("match", 0) + window.accepted, compared)


def compared_in(window: Window) -> int:
    """Comparisons of two answers: a side that failed is in the error rate, a version skew compares nothing."""
    return window.outcomes.get("match", 0) + window.outcomes.get("mismatch", 0)


def error_rate(window: Window) -> str:
    return rate(window.lambda_errors, window.lambda_calls)


def without_folders(message: str) -> str:
    """A message that names files by their names alone: where they lie is no business of a visitor's."""
    return _FOLDERS.sub("", message)


def kind_in_words(kind: str) -> str:
    """ "values_changed" as "values changed"."""
    return kind.replace("_", " ")


_COMMAND: Final = re.compile(r"`([\w ./<>=-]+)`")


def with_commands(text: str) -> str:
    """`text` with what stands between backticks as code."""
    return "".join(f"`{part}`" if place % 2 else _plain(part) for place, part in enumerate(_COMMAND.split(text)))


def _plain(part: str) -> str:
    """Plain text that keeps its distance to the command beside it."""
    before, after = part[:1].isspace(), part[-1:].isspace() and bool(part.strip())
    return f"{' ' * before}{escape_markdown(part)}{' ' * after}"

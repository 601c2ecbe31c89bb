"""Holding a model's prose to the stories it cites."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from contracts.figures import figures
from contracts.story import Story

_IMAGE: Final = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_LINK: Final = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_URL: Final = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[A-Za-z][^>]*>")
_MARK: Final = re.compile(r"\[(\d+)\]")


def cleaned(prose: str, sources: int) -> str:
    """Prose without images, links, HTML, and marks of sources that there are not; a link's text stays."""
    text = _LINK.sub(r"\1", _IMAGE.sub("", prose))
    text = _TAG.sub("", _URL.sub("", text))
    text = _MARK.sub(lambda mark: mark[0] if 1 <= int(mark[1]) <= sources else "", text)
    return re.sub(r"[ \t]+([.,;:])", r"\1", text).strip()


class Grounding:
    """What the cited stories hold: their figures and their clients."""

    def __init__(self, cited: Sequence[Story], clients: Collection[str]) -> None:
        own = {story.client for story in cited}
        self._foreign = sorted((name for name in clients if name and name not in own), key=len, reverse=True)
        self._held = _held(cited) | figures(str(len(cited)))

    def offenders(self, prose: str) -> list[str]:
        """Figures and client names in the prose that no cited story holds; empty when it is grounded."""
        unknown = sorted(figures(_MARK.sub("", prose)) - self._held)
        lower = prose.casefold()
        return unknown + [name for name in self._foreign if _stands(name.casefold(), lower)]


def _held(cited: Iterable[Story]) -> frozenset[str]:
    found: set[str] = set()
    for story in cited:
        for text in story.texts():
            found |= figures(text)
        for date in (story.start_date, story.end_date):
            found |= figures(date[:4])
    return frozenset(found)


def _stands(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None

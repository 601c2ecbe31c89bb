"""Grounding: what a model's prose claims must stand in the stories that it cites."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from contracts.ask_prompt import SYSTEM
from contracts.industries import AGGREGATE_CLIENTS
from contracts.rules.figures import extract_figures
from contracts.rules.names.client_mentions import find_mentions
from contracts.rules.names.proper_names import NameEvidence, fold
from contracts.story import Story

NO_MARK: Final = "a paragraph without a mark such as [1]"
INSTRUCTIONS: Final = "words of your instructions"

_MARK: Final = re.compile(r"\[\d+\]")
_PARAGRAPH: Final = re.compile(r"\n\s*\n")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])(?:\s*\[\d+\])*(?:\s+(?=\S)|\Z)|(?<=\])\s*\n(?=\S)")
_WORD: Final = re.compile(r"[^\W_]+")
_LABEL_WORDS: Final = 8
_OVERLAP: Final = 8  # words in a row


@dataclass(frozen=True, slots=True)
class Review:
    """The part of some prose that is grounded, from its beginning, and what the rest holds that is not."""

    kept: str
    offenders: tuple[str, ...]

    @property
    def is_grounded(self) -> bool:
        return not self.offenders


class Evidence:
    """What an answer may claim: what stands in the cited stories or, where it is given, in the owner's profile.

    Parameters
    ----------
    clients
        Every client of the corpus.
    profile
        The profile's texts.
    """

    def __init__(self, cited: Sequence[Story], clients: Collection[str], profile: Iterable[str] = ()) -> None:
        texts = [text for story in cited for text in (*story.texts(), story.person)] + list(profile)
        years = [date[:4] for story in cited for date in (story.start_date, story.end_date)]
        self._clients = [name for name in clients if name.casefold() not in AGGREGATE_CLIENTS]
        self._text = "\n".join(texts)
        self._figures = _figures([*texts, *years]) | {str(len(cited))}
        self._names = NameEvidence(texts)

    def offenders(self, prose: str) -> list[str]:
        """Figures, names and instructions in plain prose that must not be there; empty when all may be said."""
        figures = sorted(extract_figures(prose) - self._figures)
        clients = sorted(self._strange_clients(prose))
        named = {fold(word) for client in clients for word in _WORD.findall(client)}
        names = [name for name in self._names.unknown_names(prose) if not named.issuperset(_folded(name))]
        return [*figures, *clients, *names, *([INSTRUCTIONS] if repeats_instructions(prose) else [])]

    def review(self, prose: str) -> Review:
        """The grounded part of plain prose: sentences, in paragraphs with a mark. Marks alone are no answer."""
        if not _MARK.sub("", prose).strip(" \n.,;:"):
            return Review("", ())
        offenders = self.offenders(prose)
        marked = with_marks(prose)
        if not offenders and marked == prose:
            return Review(prose, ())
        kept = self._longest(prose) if offenders else prose
        unmarked = [NO_MARK] if _unmarked(prose) else []
        return Review(with_marks(kept), (*offenders, *unmarked))

    def _longest(self, prose: str) -> str:
        """The sentences before the first one that claims too much."""
        kept = ""
        for end in _SENTENCE_END.finditer(prose):
            if self.offenders(prose[: end.end()]):
                break
            kept = prose[: end.end()].rstrip()
        return kept

    def _strange_clients(self, prose: str) -> set[str]:
        found = find_mentions(prose, self._clients)
        own = {name.casefold() for name in find_mentions(self._text, self._clients)} if found else set()
        return {name for name in found if name.casefold() not in own}


def with_marks(prose: str) -> str:
    """The prose up to the first paragraph without a mark; a heading counts with the paragraph that follows."""
    end = 0
    for start, stop in _paragraphs(prose):
        if not _MARK.search(prose, start, stop):
            break
        end = stop
    return prose[:end].rstrip()


def repeats_instructions(prose: str) -> bool:
    """Whether eight words in a row are those of the system prompt."""
    words = _plain_words(prose)
    return any(tuple(words[start : start + _OVERLAP]) in _INSTRUCTIONS for start in range(len(words) - _OVERLAP + 1))


def _folded(name: str) -> set[str]:
    return {fold(word) for word in _WORD.findall(name)}


def _unmarked(prose: str) -> bool:
    return any(not _MARK.search(prose, start, stop) for start, stop in _paragraphs(prose))


def _paragraphs(prose: str) -> list[tuple[int, int]]:
    """Where each paragraph begins and ends."""
    ends = [*(gap.start() for gap in _PARAGRAPH.finditer(prose)), len(prose)]
    spans: list[tuple[int, int]] = []
    start = 0
    for end in ends:
        if end != ends[-1] and _is_label(prose[start:end]):
            continue
        spans.append((start, end))
        start = end
    return [(one, other) for one, other in spans if prose[one:other].strip()]


def _is_label(block: str) -> bool:
    text = block.strip()
    return len(text.split()) <= _LABEL_WORDS and not text.endswith((".", "!", "?", "]"))


def _plain_words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", _MARK.sub(" ", text).casefold())


def _runs_of(text: str) -> frozenset[tuple[str, ...]]:
    words = _plain_words(text)
    return frozenset(tuple(words[start : start + _OVERLAP]) for start in range(len(words) - _OVERLAP + 1))


_INSTRUCTIONS: Final = _runs_of(SYSTEM)


def _figures(texts: Iterable[str]) -> frozenset[str]:
    """Each text's figures; text by text, for numbers of two fields are no range."""
    found: set[str] = set()
    for text in texts:
        found |= extract_figures(text)
    return frozenset(found)

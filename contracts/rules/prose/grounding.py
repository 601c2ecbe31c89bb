"""Checks that the claims of a model's prose occur in the stories that it cites."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from contracts.industries import AGGREGATE_CLIENTS
from contracts.profile import NOBODY, OwnerFacts
from contracts.rules.figures import extract_figures
from contracts.rules.names.client_mentions import find_mentions
from contracts.rules.names.proper_names import NameEvidence, fold
from contracts.rules.prose.instructions import find_instructions
from contracts.story import Story

NO_MARK: Final = "a paragraph without a mark such as [1]"
INSTRUCTIONS: Final = "words of your instructions"

_MARK: Final = re.compile(r"\[\d+\]")
_PARAGRAPH: Final = re.compile(r"\n\s*\n")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])(?:\s*\[\d+\])*(?:\s+(?=\S)|\Z)|(?<=\])\s*\n(?=\S)")
_WORD: Final = re.compile(r"[^\W_]+")
_LABEL_WORDS: Final = 8


@dataclass(frozen=True, slots=True)
class Review:
    """The grounded beginning of some prose, and the offenders in the rest."""

    grounded: str
    offenders: tuple[str, ...]

    @property
    def is_grounded(self) -> bool:
        return not self.offenders


class GroundingSources:
    """The claims an answer may make: those of the cited stories and of the owner's profile.

    Parameters
    ----------
    clients
        Every client of the corpus.
    owner
        Facts of the profile, which may be said with any story. An alias may be said for what a cited story names.
    unknown
        Words of the question that no story mentions.
    """

    def __init__(
        self,
        cited: Sequence[Story],
        clients: Collection[str],
        owner: OwnerFacts = NOBODY,
        unknown: Iterable[str] = (),
    ) -> None:
        texts = [text for story in cited for text in (*story.texts(), story.person)]
        held = find_mentions("\n".join(texts), owner.aliases.values())
        texts += [alias for alias, name in owner.aliases.items() if name in held]
        texts += owner.texts()
        years = [date[:4] for story in cited for date in (story.start_date, story.end_date)]
        self._clients = [name for name in clients if name.casefold() not in AGGREGATE_CLIENTS]
        self._text = "\n".join(texts)
        self._figures = _figures([*texts, *years]) | {str(len(cited))}
        self._names = NameEvidence(texts)
        self._unknown = {fold(word) for word in unknown}
        self._checked: dict[str, list[str]] = {}  # a reply is checked while it arrives and once more at its end

    def offenders(self, prose: str) -> list[str]:
        """List the figures, names and instructions in plain prose that the evidence does not hold."""
        if prose not in self._checked:
            self._checked[prose] = self._offenders(prose)
        return self._checked[prose]

    def _offenders(self, prose: str) -> list[str]:
        figures = sorted(extract_figures(prose) - self._figures)
        clients = sorted(self._strange_clients(prose))
        named = {fold(word) for client in clients for word in _WORD.findall(client)}
        unknown = [word for word in _WORD.findall(prose) if fold(word) in self._unknown] if self._unknown else []
        names = [name for name in self._names.unknown_names(prose) if not named.issuperset(_folded(name))]
        found = dict.fromkeys([*figures, *clients, *names, *unknown])
        return [*found, *([INSTRUCTIONS] if find_instructions(prose) >= 0 else [])]

    def review(self, prose: str) -> Review:
        """Keep the grounded sentences of plain prose, in paragraphs with a mark. Marks alone are no answer."""
        if not _MARK.sub("", prose).strip(" \n.,;:"):
            return Review("", ())
        offenders = self.offenders(prose)
        marked = with_marks(prose)
        if not offenders and marked == prose:
            return Review(prose, ())
        start = find_instructions(prose)
        grounded = self._longest(prose if start < 0 else prose[:start].rstrip()) if offenders else prose
        unmarked = [NO_MARK] if _unmarked(prose) else []
        return Review(with_marks(grounded), (*offenders, *unmarked))

    def _longest(self, prose: str) -> str:
        """Return the sentences before the first one with an offender."""
        grounded = ""
        for end in _SENTENCE_END.finditer(prose):
            if self.offenders(prose[: end.end()]):
                break
            grounded = prose[: end.end()].rstrip()
        return grounded

    def _strange_clients(self, prose: str) -> set[str]:
        found = find_mentions(prose, self._clients)
        own = {name.casefold() for name in find_mentions(self._text, self._clients)} if found else set()
        return {name for name in found if name.casefold() not in own}


def with_marks(prose: str) -> str:
    """Cut prose at the first paragraph without a mark; a heading belongs to the paragraph after it."""
    end = 0
    for start, stop in _paragraphs(prose):
        if not _MARK.search(prose, start, stop):
            break
        end = stop
    return prose[:end].rstrip()


def _folded(name: str) -> set[str]:
    return {fold(word) for word in _WORD.findall(name)}


def _unmarked(prose: str) -> bool:
    return any(not _MARK.search(prose, start, stop) for start, stop in _paragraphs(prose))


def _paragraphs(prose: str) -> list[tuple[int, int]]:
    """Locate the paragraphs: start and end of each."""
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


def _figures(texts: Iterable[str]) -> frozenset[str]:
    """Collect the figures text by text, so that numbers of two fields do not form a range."""
    found: set[str] = set()
    for text in texts:
        found |= extract_figures(text)
    return frozenset(found)

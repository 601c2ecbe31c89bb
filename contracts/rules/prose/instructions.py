"""Finds the words of the system prompt in a model's prose, as they are or a little reworded."""

import re
from typing import Final

from contracts.ask_prompt import SYSTEM

_MARK: Final = re.compile(r"\[\d+\]")
_WORD: Final = re.compile(r"[a-z]+")
_ADVICE: Final = re.compile(r"- When the stories do not answer .*\n")  # an answer may say that they do not
_LONG: Final = 8  # words in a row, of the whole prompt
_RUN: Final = 6  # words in a row, of its rules
_PHRASE: Final = 4  # words in a row; two phrases near each other are a rule in other words
_NEAR: Final = 20  # words

_Runs = frozenset[tuple[str, ...]]


def find_instructions(prose: str) -> int:
    """Return the position where words of the prompt begin in some prose; -1 if it has none."""
    blank = _MARK.sub(lambda mark: " " * len(mark[0]), prose)
    found = [(word[0], word.start()) for word in _WORD.finditer(blank.lower())]
    words = [word for word, _ in found]
    phrases = _places(words, _PHRASE, _PHRASES)
    reworded = [
        one for one in phrases if any(_PHRASE <= other - one <= _NEAR for other in phrases)
    ]  # two that do not overlap
    places = [*_places(words, _LONG, _LONG_RUNS)[:1], *_places(words, _RUN, _RUNS)[:1], *reworded[:1]]
    return found[min(places)][1] if places else -1


def _places(words: list[str], length: int, runs: _Runs) -> list[int]:
    return [place for place in range(len(words) - length + 1) if tuple(words[place : place + length]) in runs]


def _runs_of(text: str, length: int) -> _Runs:
    words = _WORD.findall(_MARK.sub(" ", text).lower())
    return frozenset(tuple(words[place : place + length]) for place in range(len(words) - length + 1))


_RULES: Final = _ADVICE.sub("\n", SYSTEM)
_LONG_RUNS: Final = _runs_of(SYSTEM, _LONG)
_RUNS: Final = _runs_of(_RULES, _RUN)
_PHRASES: Final = _runs_of(_RULES, _PHRASE)

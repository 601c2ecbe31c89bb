"""What is asked: a mode's name typed alone, a follow-up, or a question of its own."""

import re
from collections.abc import Sequence
from typing import Final

from contracts.ask import AnswerMode, Turn
from contracts.search import MAX_QUERY

_MODE_WORDS: Final = {mode.value.replace("_", " "): mode for mode in AnswerMode}
_GAP: Final = re.compile(r"[\s_-]+")
_OPENING: Final = re.compile(
    r"^(and|but|so|also|why|how so|how long|what about|how about|tell me more|more|go on"
    r"|what else|who else|anything else)\b",
    re.IGNORECASE,
)
_REFERENCE: Final = re.compile(r"\b(it|its|that|this|they|them|those|these|there)\b", re.IGNORECASE)


def collapsed(text: str) -> str:
    """The text with every run of whitespace as a single space."""
    return " ".join(text.split())


def mode_word(question: str) -> AnswerMode | None:
    """The mode that the question names and nothing else."""
    return _MODE_WORDS.get(_GAP.sub(" ", question.strip().lower().rstrip(".!?")))


def leans_on_history(question: str) -> bool:
    """Whether the question reads as a follow-up, if there is anything to follow."""
    text = collapsed(question)
    return bool(_OPENING.search(text) or _REFERENCE.search(text))


def stands_alone(question: str) -> bool:
    """Whether what was said before has no part in what is meant."""
    return mode_word(question) is None and not leans_on_history(question)


def search_query(question: str, history: Sequence[Turn]) -> str:
    """What to search for: the question, after the one that it follows up on.

    That is the latest answered question that stands by itself, or else the latest answered one; mode words are none.
    """
    text = collapsed(question)
    answered = [turn.question for turn in history if not turn.refused and mode_word(turn.question) is None]
    if answered and leans_on_history(question):
        standing = [earlier for earlier in answered if not leans_on_history(earlier)] or answered
        text = f"{collapsed(standing[-1])} {text}"
    return text[-MAX_QUERY:].strip()

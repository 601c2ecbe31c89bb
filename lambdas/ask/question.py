"""What is asked: a mode's name typed alone, a follow-up, or a question of its own."""

import re
from collections.abc import Sequence
from typing import Final

from contracts.ask import AnswerMode, Turn
from contracts.search import MAX_QUERY
from lambdas.common.text import tokens

FEWEST_TOKENS: Final = 4  # a question of fewer leans on what was said before

_MODE_WORDS: Final = {mode.value.replace("_", " "): mode for mode in AnswerMode}
_GAP: Final = re.compile(r"[\s_-]+")
_OPENING: Final = re.compile(r"^(and|but|so|also|why|how so|what about|how about|tell me more|more)\b", re.IGNORECASE)
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
    return len(tokens(text)) < FEWEST_TOKENS or bool(_OPENING.search(text) or _REFERENCE.search(text))


def search_query(question: str, history: Sequence[Turn]) -> str:
    """What to search for: the question, after the last answered one if it follows up on that."""
    text = collapsed(question)
    answered = [turn for turn in history if not turn.refused]
    if answered and leans_on_history(question):
        text = f"{collapsed(answered[-1].question)} {text}"
    return text[-MAX_QUERY:].strip()

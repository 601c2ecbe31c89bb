"""What is asked: a mode's name typed alone, a follow-up, or a question of its own."""

import re
from collections.abc import Sequence
from typing import Final

from contracts.ask import AnswerMode, Turn
from contracts.search import MAX_QUERY

_MODE_WORDS: Final = {mode.value.replace("_", " "): mode for mode in AnswerMode}
_GAP: Final = re.compile(r"[\s_-]+")
_CONNECTIVE: Final = re.compile(
    r"^(and|but|so|also|what about|how about|tell me more|go on|what else|who else|anything else)\b", re.IGNORECASE
)
_BRIEF: Final = re.compile(r"^(why|how so|how long|more|that)\b", re.IGNORECASE)
_REFERENCE: Final = re.compile(
    r"\b((?-i:[Ii]t)|its|this|they|them|those|these)\b"  # capitals mean information technology
    r"|(?<!\bis )(?<!\bare )\bthere\b"
    r"|\b(about|after|at|before|by|did|do|does|for|from|in|is|like|of|on|than|to|was|with) that\b|\bthat(?=\W*$)",
    re.IGNORECASE,
)
_MOST_WORDS: Final = 10  # of a question whose "it" may mean something said before; a longer one names what it means


def collapsed(text: str) -> str:
    """The text with every run of whitespace as a single space."""
    return " ".join(text.split())


def mode_word(question: str) -> AnswerMode | None:
    """The mode that the question names and nothing else."""
    return _MODE_WORDS.get(_GAP.sub(" ", question.strip().lower().rstrip(".!?")))


def leans_on_history(question: str) -> bool:
    """Whether the question reads as a follow-up, if there is anything to follow."""
    text = collapsed(question)
    if _CONNECTIVE.search(text):
        return True
    return len(text.split()) <= _MOST_WORDS and bool(_BRIEF.search(text) or _REFERENCE.search(text))


def stands_alone(question: str) -> bool:
    """Whether what was said before has no part in what is meant."""
    return mode_word(question) is None and not leans_on_history(question)


def search_query(question: str, history: Sequence[Turn]) -> str:
    """What to search for: the question, after what it follows up on."""
    text = collapsed(question)
    answered = [turn for turn in history if not turn.refused]
    if answered and leans_on_history(question):
        text = f"{_subject(answered)} {text}"
    return text[-MAX_QUERY:].strip()


def _subject(answered: Sequence[Turn]) -> str:
    """What the talk is about: its latest question that stands alone, or else the story that was told last."""
    standing = [turn.question for turn in answered if stands_alone(turn.question)]
    told = [source.title for source in answered[-1].sources[:1]]
    return collapsed((standing[-1:] or told or [answered[-1].question])[0])

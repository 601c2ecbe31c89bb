"""Reading a question in the light of the conversation: mode words and follow-ups."""

import re
from collections.abc import Sequence
from typing import Final

from backend_clients.ask.in_process.prompt import collapsed
from contracts.ask import AnswerMode, Turn
from contracts.search import MAX_QUERY

_MODE_WORDS: Final = {
    "narrative": AnswerMode.NARRATIVE,
    "key points": AnswerMode.KEY_POINTS,
    "deep dive": AnswerMode.DEEP_DIVE,
}
_CONNECTS: Final = re.compile(
    r"^(and|but|so|also|what about|how about|tell me more|go on|what else|who else|anything else)\b", re.IGNORECASE
)
_REFERS: Final = re.compile(
    r"^(why|how so|how long|more|that)\b"
    r"|\b((?-i:[Ii]t)|its|this|they|them|those|these)\b"  # "IT" is a trade
    r"|(?<!\bis )(?<!\bare )\bthere\b"
    r"|\b(about|after|at|before|by|did|do|does|for|from|in|is|like|of|on|than|to|was|with) that\b|\bthat(?=\W*$)",
    re.IGNORECASE,
)
_SHORT: Final = 10  # words; in a longer question such a word refers to something within it


def mode_word(question: str) -> AnswerMode | None:
    """The mode that a question consisting of its name alone asks for."""
    word = re.sub(r"[\s_-]+", " ", question.strip().lower().rstrip(".!?"))
    return _MODE_WORDS.get(word)


def search_query(question: str, history: Sequence[Turn]) -> str:
    """What to search for: a follow-up comes with what it follows up on."""
    query = collapsed(question)
    answered = [turn for turn in history if not turn.refused]
    if answered and _continues(query):
        query = f"{_topic(answered)} {query}"
    return query[-MAX_QUERY:].strip()


def _continues(question: str) -> bool:
    is_short = len(question.split()) <= _SHORT
    return bool(_CONNECTS.search(question) or (is_short and _REFERS.search(question)))


def _topic(answered: Sequence[Turn]) -> str:
    """The latest question that stands by itself, else the title of the story that was told last."""
    for turn in reversed(answered):
        question = collapsed(turn.question)
        if not mode_word(question) and not _continues(question):
            return question
    last = answered[-1]
    return collapsed(last.sources[0].title if last.sources else last.question)

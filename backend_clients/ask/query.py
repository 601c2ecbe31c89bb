"""Reading a question in the light of the conversation: mode words and follow-ups."""

import re
from collections.abc import Sequence
from typing import Final

from backend_clients.ask.prompt import collapsed
from backend_clients.corpus.tokens import tokens
from contracts.ask import AnswerMode, Turn
from contracts.search import MAX_QUERY

_MODE_WORDS: Final = {
    "narrative": AnswerMode.NARRATIVE,
    "key points": AnswerMode.KEY_POINTS,
    "deep dive": AnswerMode.DEEP_DIVE,
}
_CONTINUES: Final = re.compile(
    r"^(and|but|so|also|why|how so|what about|how about|tell me more|more)\b"
    r"|\b(it|its|that|this|they|them|those|these|there)\b",
    re.IGNORECASE,
)
_SHORT: Final = 4


def mode_word(question: str) -> AnswerMode | None:
    """The mode that a question consisting of its name alone asks for."""
    word = re.sub(r"[\s_-]+", " ", question.strip().lower().rstrip(".!?")).strip()
    return _MODE_WORDS.get(word)


def search_query(question: str, history: Sequence[Turn]) -> str:
    """What to search for: the question, with the last answered one before it when it follows up on that."""
    query = collapsed(question)
    answered = [turn for turn in history if not turn.refused]
    if answered and (len(tokens(query)) < _SHORT or _CONTINUES.search(query)):
        query = f"{collapsed(answered[-1].question)} {query}"
    return query[-MAX_QUERY:].strip()

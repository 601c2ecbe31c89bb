"""Reading a question in the light of the conversation: mode words and follow-ups."""

import re
from collections.abc import Sequence
from typing import Final

from backend_clients.ask.prompt import collapsed
from contracts.ask import AnswerMode, Turn
from contracts.search import MAX_QUERY

_MODE_WORDS: Final = {
    "narrative": AnswerMode.NARRATIVE,
    "key points": AnswerMode.KEY_POINTS,
    "deep dive": AnswerMode.DEEP_DIVE,
}
_CONTINUES: Final = re.compile(
    r"^(and|but|so|also|why|how so|how long|what about|how about|tell me more|more|go on"
    r"|what else|who else|anything else)\b"
    r"|\b(it|its|that|this|they|them|those|these|there)\b",
    re.IGNORECASE,
)


def mode_word(question: str) -> AnswerMode | None:
    """The mode that a question consisting of its name alone asks for."""
    word = re.sub(r"[\s_-]+", " ", question.strip().lower().rstrip(".!?"))
    return _MODE_WORDS.get(word)


def search_query(question: str, history: Sequence[Turn]) -> str:
    """What to search for: a follow-up comes with the question it follows up on, the latest that stands by itself."""
    query = collapsed(question)
    earlier = [collapsed(turn.question) for turn in history if not turn.refused and not mode_word(turn.question)]
    if earlier and _CONTINUES.search(query):
        whole = [text for text in earlier if not _CONTINUES.search(text)]
        query = f"{(whole or earlier)[-1]} {query}"
    return query[-MAX_QUERY:].strip()

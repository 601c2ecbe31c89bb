"""Tokens: the words that the keyword rules count, and those of a question that carry no weight."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from contracts.rules.folding import fold_key, plain

_TOKEN: Final = re.compile(r"[A-Za-z0-9+#\-_.]{3,}")
_WORD: Final = re.compile(r"[^\W_]+")
_ASKING_TEXT: Final = """
    about any anything been can could describe did does done ever example examples explain find for give had has
    have him his how instance kind let like list may more please say share show situation some something talk
    tell that the their them there they thing time times walk was were what when where which who whom
    whose why will with work worked working would you your and are but from into out over this those these
"""
ASKING_WORDS: Final = frozenset(_ASKING_TEXT.split())


def tokens(text: str) -> list[str]:
    """Runs of three or more letters, digits, and ``+ # - _ .``, in lower case and reading order."""
    return [token.lower() for token in _TOKEN.findall(plain(text))]


def token_set(texts: Iterable[str]) -> frozenset[str]:
    """The distinct tokens of some texts."""
    return frozenset(token for text in texts for token in tokens(text))


def telling_tokens(query: str, owner: frozenset[str] = frozenset()) -> frozenset[str]:
    """The distinct tokens of a query less asking words and the owner's names; all of them if none is left."""
    wanted = frozenset(tokens(query))
    return frozenset(token for token in wanted if token.strip("-_.") not in ASKING_WORDS | owner) or wanted


def owner_words(name: str, persons: Sequence[str]) -> frozenset[str]:
    """The words of the owner's name, and of those that stand in more than half of the stories as the person."""
    counts = Counter(map(fold_key, persons))
    names = [name, *(person for person, count in counts.items() if count > len(persons) / 2)]
    return frozenset(word for text in names for word in _WORD.findall(plain(text).casefold()))

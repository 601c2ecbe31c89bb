"""A question as the rules of the gate read it: plain lower case, with the owner's name as a pronoun."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_ONE: Final = r"(?:this\s+(?:guy|man|woman|person|candidate|dude)|the\s+(?:candidate|owner))"
HE: Final = rf"(?:s?he|they|you|u|ya|him|her|them|{_ONE})"
HIS: Final = rf"(?:his|hers?|theirs?|yours?|yer|ur|{_ONE}s)"
IS: Final = r"(?:is|are|r|was|were|isnt|arent)"
DOES: Final = r"(?:does|do|did|has|have|had|would|will|can|could|doesnt|dont|didnt)"
_CONTRACTED: Final = re.compile(r"\b(what|where|when|who|how|he|she)s\b")
_APOSTROPHES: Final = re.compile("['\u2019\u2018`]")
_SYMBOLS: Final = re.compile(r"[^\w\s.,;:?!@+#/-]")


@lru_cache(maxsize=512)
def read_question(question: str, owner: str) -> str:
    """The question in lower case and without apostrophes; "Matt's" and "Matt" as "his" and "he"."""
    plain = unicodedata.normalize("NFKC", question).casefold()
    plain = " ".join(_SYMBOLS.sub(" ", _APOSTROPHES.sub("", plain)).split())
    for name in _names(owner):
        plain = re.sub(rf"\b{re.escape(name)}s\b", "his", plain)
        plain = re.sub(rf"\b{re.escape(name)}\b", "he", plain)
    return _CONTRACTED.sub(r"\1 is", plain)


def pattern(*alternatives: str) -> re.Pattern[str]:
    """One pattern of several; in each HE, HIS, IS and DOES stand for the words that may stand there."""
    words = {"HE": HE, "HIS": HIS, "IS": IS, "DOES": DOES}
    joined = "|".join(alternatives)
    return re.compile(re.sub(r"(?<![A-Z])(?:HE|HIS|IS|DOES)(?![A-Z])", lambda match: words[match.group()], joined))


def alone(words: str) -> str:
    """A pattern of a question that is these words and nothing more, whatever it asks with."""
    asking = r"(?:(?:and|what(?:s|\s+is|\s+about)?|the|any|current)\s+)*"
    return rf"^\W*{asking}(?:{words})(?:\s+(?:please|pls|plz))?\W*$"


def _names(owner: str) -> list[str]:
    """The whole name, then its parts, in plain lower case."""
    plain = unicodedata.normalize("NFKC", owner).casefold()
    parts = [part for part in plain.split() if len(part) > 1]
    return list(dict.fromkeys(filter(None, [" ".join(plain.split()), *parts])))

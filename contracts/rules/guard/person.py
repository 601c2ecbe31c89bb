"""A question as the rules of the gate read it: plain lower case, with the owner's name as a pronoun."""

import re
from functools import lru_cache
from typing import Final

from contracts.rules.folding import plain
from contracts.rules.names.mentions import within_one_edit
from contracts.rules.questions.generic_words import FUNCTION_WORDS

_ONE: Final = r"(?:this\s+(?:guy|man|woman|person|candidate|dude)|the\s+(?:candidate|owner))"
HE: Final = rf"(?:s?he|they|you|u|ya|him|her|them|{_ONE})"
HIS: Final = rf"(?:his|hers?|theirs?|yours?|yer|ur|{_ONE}s)"
IS: Final = r"(?:is|are|r|was|were|isnt|arent)"
DOES: Final = r"(?:does|do|did|has|have|had|would|will|can|could|doesnt|dont|didnt)"
END: Final = r"\s*(?:[?!.,;]|$|or\b|and\b|right\b|these\s+days|now\b|today|currently|at\s+the\s+moment|please|pls)"
_CONTRACTED: Final = re.compile(r"\b(what|where|when|who|how|he|she)s\b")
_APOSTROPHES: Final = re.compile("['\u2019\u2018`]")
_SYMBOLS: Final = re.compile(r"[^\w\s.,;:?!@+#/-]")
_SHORTEST_TYPO: Final = 6
_OFTEN_MISSPELLED: Final = frozenset(
    """
    salary married divorced pregnant children husband girlfriend boyfriend religion religious nationality citizenship
    ethnicity birthday hobbies pronouns disability disabilities availability available education university
    certificates certifications certified relocation linkedin telephone compensation
    """.split()  # noqa: SIM905 - a list of words
)


@lru_cache(maxsize=512)
def read_question(question: str, owner: str) -> str:
    """The question in lower case and without apostrophes; "Matt's" and "Matt" as "his" and "he"."""
    read = " ".join(_SYMBOLS.sub(" ", _APOSTROPHES.sub("", plain(question).casefold())).split())
    for name in _names(owner):
        read = re.sub(rf"\b{re.escape(name)}s\b", "his", read)
        read = re.sub(rf"\b{re.escape(name)}\b", "he", read)
    return re.sub(rf"[a-z]{{{_SHORTEST_TYPO - 1},}}", _well_spelled, _CONTRACTED.sub(r"\1 is", read))


def pattern(*alternatives: str) -> re.Pattern[str]:
    """One pattern of several; in each HE, HIS, IS, DOES and END stand for the words that may stand there."""
    words = {"HE": HE, "HIS": HIS, "IS": IS, "DOES": DOES, "END": END}
    joined = "|".join(alternatives)
    return re.compile(re.sub(r"(?<![A-Z])(?:HE|HIS|IS|DOES|END)(?![A-Z])", lambda match: words[match.group()], joined))


def alone(words: str) -> str:
    """A pattern of a question that is these words and nothing more, whatever it asks with."""
    asking = r"(?:(?:and|what(?:s|\s+is|\s+about)?|the|any|current)\s+)*"
    return rf"^\W*{asking}(?:{words})(?:\s+(?:please|pls|plz))?\W*$"


def _names(owner: str) -> list[str]:
    """The whole name, then those of its parts that are no word as "will" is, in plain lower case."""
    parts = plain(owner).casefold().split()
    telling = [part for part in parts if len(part) > 1 and part not in FUNCTION_WORDS]
    return list(dict.fromkeys([" ".join(parts), *telling] if telling else []))


def _well_spelled(match: re.Match[str]) -> str:
    """The word of a personal question for which a word stands with one typo, if it is no form of that word."""
    word = match.group()
    for meant in _OFTEN_MISSPELLED:
        if abs(len(meant) - len(word)) > 1 or meant[0] != word[0] or word in _OFTEN_MISSPELLED:
            continue
        if not meant.startswith(word) and not word.startswith(meant) and within_one_edit(word, meant):
            return meant
    return word

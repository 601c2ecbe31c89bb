"""The person of a question: "Has Ada used Kafka?" asks what "Has he used Kafka?" does."""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Final

from contracts.rules.questions.generic_words import FUNCTION_WORDS, words

_ACTS: Final = (
    r"(?:use|work|know|knew|have|do|done|build|built|lead|led|manage|spend|spent|hold|held|handle|deal|dealt|speak|spoken"
    r"|help|deliver|make|made|write|written|run|ran|learn|get|got|like|serve|join|create|develop|design|implement|solve|say"
    r"|bring|brought|gain|improve|achieve|approach|start|migrate|moderni[sz]e|see|seen|take|taken|teach|taught|consult)"
    r"(?:d|ed|s|ned|ged|t)?"
)
_NAME: Final = r"(?P<name>[^\W\d_]{2,}(?:\s+(?-i:[A-Z])[^\W\d_]+){0,2})"
_ASKED: Final = re.compile(
    rf"\b(?:has|have|had|did|does|do|can|could|would|will)\s+{_NAME}"
    rf"\s+(?:(?:ever|also|already|really|actually|mostly|usually|personally)\s+)*{_ACTS}\b",
    re.IGNORECASE,
)
_OWNED: Final = re.compile(
    rf"\b{_NAME}[\u2019']s\s+(?:\w+\s+){{0,2}}(?:experience|background|career|clients?|work|skills?|roles?|projects?|stories|strengths?)\b",
    re.IGNORECASE,
)
_CONTRACTED: Final = re.compile(r"\b(what|where|when|who|how|he|she|it|that)[\u2019\u2018'`]s\b", re.IGNORECASE)
_CANDIDATE: Final = r"(?:this|the)\s+(?:guy|man|woman|person|candidate|applicant|owner)"

_TITLE: Final = re.compile(
    r"^(?:and\s+|so\s+)?(?:is|was|are|were|has|have)\s+(?:he|she|they|you)\s+(?:(?:ever|also|been|working|worked|acted)\s+)*(?:as\s+)?"
    r"(?:an?|the)\s+(?P<title>[\w-]+(?:\s+[\w-]+){0,2})\W*$",
    re.IGNORECASE,
)


def person_words(question: str) -> frozenset[str]:
    """The words of a person's name, where a question says what the person does or has.

    The name has a capital, unless nothing in the question has one after its first letter.
    """
    plain = not any(char.isupper() for char in question[1:])
    found = [match["name"] for pattern in (_ASKED, _OWNED) for match in pattern.finditer(question)]
    parts = [part for name in found for part in name.split() if plain or part[0].isupper()]
    return frozenset(word for part in parts for word in words(part))


def with_pronouns(question: str, owner: Collection[str]) -> str:
    """The question with the owner's name as "he" or "his", and "what's" as "what is".

    A name that is an ordinary word, as "Will" is, stays. So does one that another capitalized word follows.
    """
    text = _CONTRACTED.sub(lambda match: f"{match[1]} is", question)
    named = _owner_pattern(frozenset(word for word in owner if word not in FUNCTION_WORDS))
    return named.sub(lambda match: "his" if match["has"] else "he", text)


@lru_cache(maxsize=64)
def _owner_pattern(owner: frozenset[str]) -> re.Pattern[str]:
    name = "|".join(sorted(map(re.escape, owner), key=lambda word: (-len(word), word)))
    one = rf"(?:{name})(?:\s+(?:{name}))*(?!\s+(?-i:[A-Z])(?!(?-i:[A-Z])*\b))" if name else r"(?!)"
    return re.compile(rf"(?<![\w@.-])(?:{one}|{_CANDIDATE})(?P<has>[\u2019\u2018'`]s?)?(?![\w@-])", re.IGNORECASE)


def job_title(question: str) -> str:
    """The job title that a question gives a person: "director" of "has he been a director?"; "" where it gives none."""
    match = _TITLE.search(question)
    return match["title"] if match else ""

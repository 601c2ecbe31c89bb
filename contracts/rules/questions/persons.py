"""The person whom a question speaks of by name, as "Has Ada used Kafka?" does: a name there is no topic."""

import re
from typing import Final

from contracts.rules.questions.generic_words import words

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


def person_words(question: str) -> frozenset[str]:
    """The words of a person's name, where a question says what the person does or has.

    The name has a capital, unless nothing in the question has one after its first letter.
    """
    plain = not any(char.isupper() for char in question[1:])
    found = [match["name"] for pattern in (_ASKED, _OWNED) for match in pattern.finditer(question)]
    parts = [part for name in found for part in name.split() if plain or part[0].isupper()]
    return frozenset(word for part in parts for word in words(part))

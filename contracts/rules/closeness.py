"""How close a story comes to a query by itself, whatever other stories do.

Scores order the stories of one search and say nothing beyond it: its best story scores high even if nothing fits.
Evidence is absolute. It has up to three independent parts, each in 0..1, and grows with each: closeness in meaning, the
share of the query's words that the story has, and that the query names the story's client, employer or division.
"""

import math
from typing import Final

_NAMED: Final = 0.5


def evidence_of(semantic: float | None, keyword: float | None, *, named: bool) -> float:
    """The evidence, in 0..1, that a story is about what a query asks for; None is a part that was not looked at."""
    parts = (semantic or 0.0, keyword or 0.0, _NAMED if named else 0.0)
    return 1 - math.prod(1 - min(1.0, max(0.0, part)) for part in parts)


def percent_of(evidence: float) -> int:
    """Evidence as a whole percentage."""
    return max(0, min(100, int(evidence * 100 + 0.5)))


def word_weight(stories: int, carriers: int) -> float:
    """How much a word says that `carriers` of some stories have: its inverse document frequency."""
    return math.log(1 + (stories - carriers + 0.5) / (carriers + 0.5))

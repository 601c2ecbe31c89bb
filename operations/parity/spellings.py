"""Other spellings of a filter's value: case, white space and invisible characters do not count."""

import random
from collections.abc import Callable
from typing import Final

from contracts.rules.folding import fold_key
from contracts.stories import MAX_VALUE_LENGTH

_CHANGES: Final[tuple[Callable[[str], str], ...]] = (
    str,
    str.upper,
    str.lower,
    str.swapcase,
    lambda value: value.replace(" ", "\u00a0 "),
    lambda value: "\u2003".join(["", *value.split(" "), ""]),
    "\u200b".join,
)


def respelled(value: str, rng: random.Random) -> str:
    """The value as somebody may spell it; as it is where that would be another value or too long a one."""
    changed = rng.choice(_CHANGES)(value)
    return changed if fold_key(changed) == fold_key(value) and len(changed) <= MAX_VALUE_LENGTH else value

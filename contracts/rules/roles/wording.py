"""What is said of a match as a whole: its summary, and points to discuss."""

from collections.abc import Sequence
from typing import Final, Protocol

from contracts.rules.questions.periods import length_text
from contracts.rules.roles.strength import Strength

MAX_POINTS: Final = 5
_NO_REQUIREMENTS: Final = "No requirements were found in this text. Paste the part that lists what the role asks for."


class Judged(Protocol):
    """A requirement with its strength."""

    @property
    def text(self) -> str: ...

    @property
    def is_required(self) -> bool: ...

    @property
    def strength(self) -> Strength: ...

    @property
    def missing(self) -> tuple[str, ...]: ...

    @property
    def note(self) -> str: ...

    @property
    def titles(self) -> tuple[str, ...]: ...


def summarise(requirements: Sequence[Judged]) -> str:
    """How many requirements the stories show clearly, in part and not at all, required and preferred apart."""
    if not requirements:
        return _NO_REQUIREMENTS
    parts = [
        _counted([one for one in requirements if one.is_required is required], kind)
        for required, kind in ((True, "required"), (False, "preferred"))
    ]
    return " ".join(filter(None, parts))


def points_to_discuss(requirements: Sequence[Judged]) -> list[str]:
    """What an interview should clear up: required points first, and those that no story shows before others."""
    open_points = [one for one in requirements if one.strength is not Strength.STRONG]
    open_points.sort(key=lambda one: (not one.is_required, one.strength is not Strength.NONE))
    points = [_open_point(one) for one in open_points]
    strong = [one for one in requirements if one.strength is Strength.STRONG and one.titles]
    points += [f"{one.text}: ask for more on \u201c{one.titles[0]}\u201d." for one in strong]
    return points[:MAX_POINTS]


def years_note(asked: int, months: int) -> str:
    """What is said where the stories cover fewer years than asked for; "" where they cover enough."""
    if not asked or months >= asked * 12:
        return ""
    return f"The stories on this cover {length_text(months) or 'no dated time'}; {asked} years are asked for."


def _counted(some: Sequence[Judged], kind: str) -> str:
    if not some:
        return ""
    counts = {strength: sum(one.strength is strength for one in some) for strength in Strength}
    noun = "point" if len(some) == 1 else "points"
    shown = f"{counts[Strength.STRONG]} clearly, {counts[Strength.PARTIAL]} in part"
    return f"Of {len(some)} {kind} {noun} the stories show {shown} and {counts[Strength.NONE]} not at all."


def _open_point(one: Judged) -> str:
    if one.strength is Strength.NONE:
        return f"{one.text}: {one.note or 'no story shows this.'}"
    missing = ", ".join(one.missing)
    why = one.note or (f"no story shown here mentions {missing}." if missing else "the stories come close to it only.")
    return f"{one.text}: {why}"

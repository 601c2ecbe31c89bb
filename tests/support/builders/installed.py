"""What is installed in this environment, and what needs what."""

from collections.abc import Iterable
from importlib.metadata import distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def installed_with(requirements: Iterable[Requirement]) -> set[str]:
    """The canonical names of some requirements and of all that they need, here and now."""
    asked: set[tuple[str, str]] = set()
    open_ones = list(requirements)
    while open_ones:
        requirement = open_ones.pop()
        for extra in ("", *requirement.extras):
            key = (canonicalize_name(requirement.name), extra)
            if key not in asked:
                asked.add(key)
                open_ones += _needed(*key)
    return {name for name, _ in asked}


def _needed(name: str, extra: str) -> list[Requirement]:
    wanted = map(Requirement, distribution(name).requires or ())
    return [item for item in wanted if item.marker is None or item.marker.evaluate({"extra": extra})]

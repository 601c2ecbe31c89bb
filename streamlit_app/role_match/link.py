"""The link to a match: the requirements themselves, compressed, so that nothing has to be stored."""

import base64
import json
import zlib
from collections.abc import Sequence
from typing import Final

from pydantic import TypeAdapter

from contracts.rules.roles.requirements import MAX_LENGTH, MAX_REQUIREMENTS, RequirementText, find_requirements

PARAM: Final = "role"
_MAX_BYTES: Final = 4 * MAX_REQUIREMENTS * (MAX_LENGTH + 16)  # of UTF-8; what unpacks to more is no link of this page
_PAIRS: Final = TypeAdapter(list[tuple[str, bool]])  # it refuses what is nested too deeply
_PREFACE: Final = (
    "About this text\n"
    "It holds the points of a job description as they were found there, word for word, each on a line of its own, so "
    "that a link can hold them and the text itself is stored nowhere.\n\n"
)


class DamagedLink(ValueError):
    """The link's parameter is not one that this page made."""


def description_of(points: Sequence[RequirementText]) -> str:
    """A job description that consists of these requirements."""
    required = [f"- {one.text}" for one in points if one.is_required]
    preferred = [f"- {one.text}" for one in points if not one.is_required]
    parts = [("Requirements", required), ("Nice to have", preferred)]
    return _PREFACE + "\n\n".join("\n".join([heading, *lines]) for heading, lines in parts if lines)


def encode_points(description: str) -> str:
    """The link's parameter for a job description, "" where it holds no requirements."""
    points = find_requirements(description)
    if not points:
        return ""
    pairs = [[one.text, int(one.is_required)] for one in points]
    packed = zlib.compress(json.dumps(pairs, ensure_ascii=False, separators=(",", ":")).encode(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode_points(token: str) -> list[RequirementText]:
    """The requirements that a link's parameter holds.

    Raises
    ------
    DamagedLink
    """
    try:
        packed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        reader = zlib.decompressobj()
        unpacked = reader.decompress(packed, _MAX_BYTES)
        if not reader.eof:
            raise DamagedLink
        points = [RequirementText(text[:MAX_LENGTH], required) for text, required in _PAIRS.validate_json(unpacked)]
    except (zlib.error, ValueError) as error:
        raise DamagedLink from error
    if not points or len(points) > MAX_REQUIREMENTS:
        raise DamagedLink
    return points

"""Reading a story file: JSON Lines in, stories and line-numbered refusals out."""

import json
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NoReturn

from contracts.base import Contract
from contracts.story import MAX_ID_LENGTH, Story, story_from_row, with_one_spelling

_MAX_DEPTH: Final = 100  # pydantic reads and writes JSON nested less than 200 deep
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class RejectedLine(Contract):
    """A line that could not become a story. Lines count from 1."""

    line: int
    reason: str


class LoadedStories(Contract):
    """Stories ordered by id, and what was refused, in file order."""

    stories: tuple[Story, ...]
    refusals: tuple[RejectedLine, ...]


class StoryFileError(ValueError):
    """The story file cannot serve at all; the message names the file and says why."""


def read_stories(path: Path) -> LoadedStories:
    """Load a story file.

    Raises
    ------
    StoryFileError
        The file is missing or unreadable, or none of its lines is a usable story.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StoryFileError(f"{path}: cannot read the story file: {error.strerror}") from error
    loaded = parse_stories(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"))
    if not loaded.stories:
        first = f"; line {loaded.refusals[0].line}: {loaded.refusals[0].reason}" if loaded.refusals else ""
        raise StoryFileError(f"{path}: no usable story in the file{first}")
    return loaded


def parse_stories(lines: Iterable[bytes]) -> LoadedStories:
    """Turn raw lines into stories. Bad lines become refusals; no input raises."""
    stories: dict[str, Story] = {}
    first_line: dict[str, int] = {}
    refusals: list[RejectedLine] = []
    for number, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        try:
            row = _row(raw)
            story_id = _usable_id(row)
            if story_id in stories:
                raise ValueError(f"id {_shortened(story_id)} repeats line {first_line[story_id]}")
        except ValueError as error:
            refusals.append(RejectedLine(line=number, reason=str(error)))
            continue
        stories[story_id] = story_from_row(story_id, row)
        first_line[story_id] = number
    ordered = with_one_spelling(stories[story_id] for story_id in sorted(stories))
    return LoadedStories(stories=ordered, refusals=tuple(refusals))


def _row(raw: bytes) -> dict[str, Any]:
    try:
        row = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise ValueError("not UTF-8 text") from error
    except RecursionError as error:
        raise ValueError("not JSON: nested too deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from error
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(row, dict):
        raise ValueError(f"not a JSON object but {_json_type(row)}")
    if _is_deeper(row, _MAX_DEPTH):
        raise ValueError(f"nested more than {_MAX_DEPTH} levels deep")
    return row


def _usable_id(row: dict[str, Any]) -> str:
    story_id = row.get("id")
    if not isinstance(story_id, str) or not story_id.strip():
        raise ValueError("no usable id: it must be a string that is not empty")
    if _SURROGATE.search(story_id):
        raise ValueError("no usable id: it holds half of a surrogate pair")
    if _CONTROL.search(story_id):
        raise ValueError("no usable id: it holds a control character")
    if len(story_id) > MAX_ID_LENGTH:
        raise ValueError(f"no usable id: it is longer than {MAX_ID_LENGTH} characters")
    if story_id in (".", ".."):
        raise ValueError(f"no usable id: {story_id!r} cannot stand in a URL path")
    return story_id


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise ValueError(f"the number {_shortened(number)} is out of range")
    return value


def _is_deeper(value: Any, levels: int) -> bool:
    level = [value]
    for _ in range(levels):
        containers = (item.values() if isinstance(item, dict) else item for item in level)
        level = [child for container in containers for child in container if isinstance(child, dict | list)]
        if not level:
            return False
    return True


def _json_type(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "a number"


def _shortened(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:79]}…")

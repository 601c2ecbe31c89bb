"""Reading a story file: JSON Lines or a JSON array in, stories with line-numbered refusals and notices out."""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from contracts.base import Contract
from contracts.json_array import array_items, is_array
from contracts.story import MAX_ID_LENGTH, Story, with_one_spelling
from contracts.story_row import story_from_row, with_owner_keys

# Larger stories are left out, on both sides: a table's item, a card and an answer hold no more.
MAX_STORY_BYTES: Final = 380 * 1024  # as JSON; DynamoDB takes items of 400 KB, keys and names included
MAX_NAMES_BYTES: Final = 20_000  # of the fields below together: a page of 100 cards must fit into an answer
MAX_LINE_BYTES: Final = 15_000  # of one line that a card may show as its headline
NAMES: Final = (
    "id", "title", "client", "employer", "division", "role", "place", "industry", "theme", "era", "category",
    "sub_category", "capability", "tags",
)  # fmt: skip
_HEADLINES: Final = ("performance", "result")
_MAX_DEPTH: Final = 100  # pydantic reads and writes JSON nested less than 200 deep
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class RejectedLine(Contract):
    """A line that could not become a story. Lines count from 1."""

    line: int
    reason: str


class LineNotice(Contract):
    """What was read otherwise than written, or left out, of a line that became a story."""

    line: int
    message: str


class LoadedStories(Contract):
    """Stories ordered by id, and what was refused or read otherwise, in file order."""

    stories: tuple[Story, ...]
    refusals: tuple[RejectedLine, ...]
    notices: tuple[LineNotice, ...] = ()


class StoryFileError(ValueError):
    """The story file cannot serve at all; the message names the file and says why."""


def read_stories(path: Path) -> LoadedStories:
    """Load a story file: an object a line, or one JSON array of objects.

    Raises
    ------
    StoryFileError
        The file is missing or unreadable, or none of its lines is a usable story.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StoryFileError(f"{path}: cannot read the story file: {error.strerror}") from error
    loaded = parse_file(data)
    if not loaded.stories:
        first = f"; line {loaded.refusals[0].line}: {loaded.refusals[0].reason}" if loaded.refusals else ""
        raise StoryFileError(f"{path}: no usable story in the file{first}")
    return loaded


def parse_file(data: bytes) -> LoadedStories:
    """Turn a file's bytes into stories: an array's items where it is one array, else its lines."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    if is_array(data):
        return _parse(_Row(item.line, item.raw, f"item {item.number}: ", item.problem) for item in array_items(data))
    return parse_stories(data.split(b"\n"))


def parse_stories(lines: Iterable[bytes]) -> LoadedStories:
    """Turn raw lines into stories. Bad lines become refusals; no input raises."""
    return _parse(_Row(number, raw) for number, raw in enumerate(lines, start=1) if raw.strip())


@dataclass(frozen=True, slots=True)
class _Row:
    """The JSON of one story, and how a message names the place where it stands."""

    line: int
    raw: bytes
    named: str = ""
    problem: str = ""


@dataclass(slots=True)
class _Reading:
    """What was read so far."""

    stories: dict[str, Story] = field(default_factory=dict)
    first_row: dict[str, _Row] = field(default_factory=dict)
    refusals: list[RejectedLine] = field(default_factory=list)
    notices: list[LineNotice] = field(default_factory=list)

    def add(self, row: _Row) -> None:
        if row.problem:
            raise ValueError(row.problem)
        keyed, on_keys = with_owner_keys(_row(row.raw))
        story_id = _usable_id(keyed)
        if (first := self.first_row.get(story_id)) is not None:
            where = first.named.removesuffix(": ") or f"line {first.line}"
            raise ValueError(f"id {_shortened(story_id)} repeats {where}")
        story, on_values = story_from_row(story_id, keyed)
        if problem := _size_problem(story):
            raise ValueError(f"story {_shortened(story_id)} is {problem}")
        self.stories[story_id] = story
        self.first_row[story_id] = row
        self.notices += (LineNotice(line=row.line, message=f"{row.named}{text}") for text in (*on_keys, *on_values))


def _parse(rows: Iterable[_Row]) -> LoadedStories:
    reading = _Reading()
    for row in rows:
        try:
            reading.add(row)
        except ValueError as error:
            reading.refusals.append(RejectedLine(line=row.line, reason=f"{row.named}{error}"))
    ordered = with_one_spelling(reading.stories[story_id] for story_id in sorted(reading.stories))
    return LoadedStories(stories=ordered, refusals=tuple(reading.refusals), notices=tuple(reading.notices))


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


def _size_problem(story: Story) -> str:
    """Why a story is too large to be kept, "" if it is not."""
    size = _bytes(story.model_dump_json())
    if size > MAX_STORY_BYTES:
        return f"too large: {size:,} bytes as JSON, at most {MAX_STORY_BYTES:,} can be kept"
    names = _bytes(story.model_dump_json(include=set(NAMES)))
    if names > MAX_NAMES_BYTES:
        return f"too large: title, names and tags have {names:,} bytes, at most {MAX_NAMES_BYTES:,} fit on a card"
    line = max((_bytes(text) for field in _HEADLINES for text in getattr(story, field)), default=0)
    if line > MAX_LINE_BYTES:
        return f"too large: a line of its results has {line:,} bytes, at most {MAX_LINE_BYTES:,} fit on a card"
    return ""


def _bytes(text: str) -> int:
    return len(text.encode())

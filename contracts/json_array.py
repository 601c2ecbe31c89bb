"""The items of a JSON array as raw JSON, each with its number and line, as far as the array can be read."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_BLANK: Final = re.compile(r"[ \t\r\n]*")
_DECODER: Final = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class ArrayItem:
    """One item; where the array cannot be read on, `problem` says why and there is no further item."""

    number: int
    line: int
    raw: bytes
    problem: str = ""


def is_array(data: bytes) -> bool:
    """Whether the bytes are one array of objects, rather than lines: the first line may be a whole value by itself."""
    stripped = data.lstrip(b" \t\r\n")
    if not stripped.startswith(b"["):
        return False
    first, _, rest = stripped.partition(b"\n")
    if not rest.strip():
        return bool(re.match(rb"\[\s*\{", first))
    return re.match(rb"\[\s*\{", stripped) is not None and not _is_value(first)


def array_items(data: bytes) -> Iterator[ArrayItem]:
    text = data.decode("utf-8", "surrogateescape")
    position = _after_blank(text, text.index("[") + 1)
    number, line, counted = 1, 1, 0
    while text[position : position + 1] not in ("]", ""):
        line, counted = line + text.count("\n", counted, position), position
        try:
            _, end = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            yield ArrayItem(number, line, b"", f"{_reason(error)}; the array is not read any further")
            return
        yield ArrayItem(number, line, text[position:end].encode("utf-8", "surrogateescape"))
        number, position = number + 1, _after_blank(text, end)
        if text[position : position + 1] == ",":
            position = _after_blank(text, position + 1)
        elif text[position : position + 1] != "]":
            line += text.count("\n", counted, position)
            yield ArrayItem(number, line, b"", "there is no comma before it; the array is not read any further")
            return
    yield from _ending(text, position, number)


def _ending(text: str, position: int, number: int) -> Iterator[ArrayItem]:
    line = 1 + text.count("\n", 0, position)
    if position >= len(text):
        yield ArrayItem(number, line, b"", "the file ends before the array does")
    elif text[position + 1 :].strip():
        yield ArrayItem(number, line, b"", "what follows the end of the array is not read")


def _is_value(raw: bytes) -> bool:
    try:
        json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return True


def _after_blank(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} at line {error.lineno} column {error.colno}"
    return "not JSON: nested too deeply" if isinstance(error, RecursionError) else f"not JSON: {error}"

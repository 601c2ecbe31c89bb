"""Normalising one owner's row into a story: keys, texts, lists, dates and tags as people write them."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from contracts.rules.bullets import bulleted_lines, with_plain_bullet, without_bullet
from contracts.rules.dates import read_span
from contracts.rules.folding import fold_key, visible
from contracts.story import DATE_KEYS, LIST_KEYS, NAME_FIELDS, OWNER_KEYS, TAGS_KEY, TEXT_KEYS, Story

_MAX_QUOTED: Final = 60
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")
_BETWEEN_WORDS: Final = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_WITHIN_WORDS: Final = re.compile(r"[\u00ad\u200b\u2060\ufeff]")
_BULLETED: Final = frozenset({"purpose", "curated_summary"})
_IN_KEYS: Final = re.compile(r"[\W_]+")


def _plain_key(key: str) -> str:
    return _IN_KEYS.sub("", _WITHIN_WORDS.sub("", key).casefold())


_BY_PLAIN_KEY: Final = {_plain_key(key): key for key in OWNER_KEYS}


def with_owner_keys(row: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The row with keys that differ from an owner's key by case, spaces and punctuation alone under that key.

    The notices name each such key. One whose owner's key is there already stays as it is, as an unknown key.
    """
    read = {key: value for key, value in row.items() if key in OWNER_KEYS}
    notices = []
    for key, value in row.items():
        meant = None if key in OWNER_KEYS else _BY_PLAIN_KEY.get(_plain_key(key))
        if meant is None:
            read[key] = value
        elif meant in read:
            read[key] = value
            notices.append(f"the key {_quoted(key)} is left aside: {meant!r} is there too")
        else:
            read[meant] = value
            notices.append(f"the key {_quoted(key)} is read as {meant!r}")
    return read, notices


def story_from_row(story_id: str, row: dict[str, Any]) -> tuple[Story, list[str]]:
    """Normalise a row under owner's keys, and say which values could not be read.

    Never raises on odd values: they are coerced or kept aside.
    """
    aside = {_clean(key): _clean_json(value) for key, value in row.items() if key not in OWNER_KEYS}
    fields: dict[str, Any] = {}
    for field, key in TEXT_KEYS.items():
        text = _text(row.get(key))
        fields[field] = without_bullet(text) if field in _BULLETED else text
    for field in NAME_FIELDS:
        fields[field] = visible(fields[field])
    for field, key in LIST_KEYS.items():
        fields[field] = _lines(row.get(key))
    span = read_span(*(row.get(key) for key in DATE_KEYS.values()))
    fields |= {"start_date": span.start, "end_date": span.end}
    notices = []
    for key, problem in zip(DATE_KEYS.values(), (span.start_problem, span.end_problem), strict=True):
        if problem:
            aside[key] = _clean_json(row[key])
            notices.append(f"{key} {_quoted(row[key])} {problem}; left out")
    return Story(id=story_id, tags=_tags(row.get(TAGS_KEY)), extra=aside, **fields), notices


def _quoted(value: Any) -> str:
    text = _clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return repr(text if len(text) <= _MAX_QUOTED else f"{text[: _MAX_QUOTED - 1]}…")


def _clean(text: str) -> str:
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode()


def _clean_json(value: Any) -> Any:
    """The same JSON value without lone surrogates, which UTF-8 cannot carry."""
    return json.loads(_clean(json.dumps(value, ensure_ascii=False)))


def _spaced(text: str) -> str:
    """The text with plain spaces for those of typesetters, and without invisible characters that split words."""
    if text.isascii():
        return text
    return _BETWEEN_WORDS.sub(" ", _WITHIN_WORDS.sub("", _clean(text)))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _CONTROL.sub(" ", _spaced(value)).strip()
    if isinstance(value, list):
        return ", ".join(text for text in map(_text, value) if text)
    return _clean(json.dumps(value, ensure_ascii=False))


def _lines(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = bulleted_lines(value)
    items: Sequence[Any] = value if isinstance(value, list) else [value]
    return tuple(line for item in items for line in _bulleted(item) if line.strip())


def _bulleted(item: Any) -> Iterator[str]:
    parts = bulleted_lines(item) if isinstance(item, str) else [_text(item)]
    for part in parts:
        yield _spaced(with_plain_bullet(part)).rstrip()


def _tags(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    first_spelling: dict[str, str] = {}
    for item in items:
        for tag in _text(item).split(","):
            if shown := visible(tag):
                first_spelling.setdefault(fold_key(shown), shown)
    return tuple(first_spelling.values())

"""Parses the text of a flag file exactly as the site loads it; a file that flagd would reject is an error."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import yaml
from openfeature.contrib.tools.flagd.core.model import Flag, FlagStore
from openfeature.exception import ParseError

from backend_clients.errors import MigrationError

_ALIASES: Final = {"defaultVariant", "source", "selector"}  # flagd accepts these besides the fields of its `Flag`


class FlagFileError(MigrationError):
    """The file cannot be read as flag definitions; the message names the file and, if known, the line or the flag."""


@dataclass(frozen=True, slots=True)
class FlagDocument:
    """Flag definitions: `text` is the JSON that flagd loads; in `flags`, shared rules are resolved."""

    text: str
    flags: Mapping[str, Flag]


def read_document(path: Path) -> FlagDocument:
    """Read and parse a flag file; raises `FlagFileError`."""
    return parse_document(read_bytes(path), path)


def read_bytes(path: Path) -> bytes:
    """The file's content; raises `FlagFileError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FlagFileError(f"{path}: cannot read the flag file: {error.strerror}") from error


def parse_document(content: bytes, path: Path) -> FlagDocument:
    """Parse the content of a `.json` file as JSON, of any other as YAML.

    Raises
    ------
    FlagFileError
        The content is not UTF-8, not YAML or JSON, holds no `flags` mapping, repeats a key, or flagd rejects it.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FlagFileError(f"{path}: not UTF-8 text") from error
    loaded = _load_json(text, path) if path.suffix == ".json" else _load_yaml(text, path)
    if not isinstance(loaded, dict) or not isinstance(loaded.get("flags"), dict):
        raise FlagFileError(f"{path}: holds no `flags` mapping")
    try:
        as_json = json.dumps(loaded)
    except (TypeError, ValueError, RecursionError) as error:
        raise FlagFileError(f"{path}: holds a value that JSON does not have: {error}; quote it") from error
    return FlagDocument(as_json, _flags(as_json, path))


def _flags(as_json: str, path: Path) -> Mapping[str, Flag]:
    store = FlagStore()
    try:
        store.update(json.loads(as_json))
    except Exception as error:  # flagd rejects some values by whatever they cause
        problem = next(_rejected(json.loads(as_json)["flags"]), "") or _reason(error)
        raise FlagFileError(f"{path}: {problem}") from error
    flags: Mapping[str, Flag] = store.flags
    return flags


def _rejected(flags: dict[str, Any]) -> Iterator[str]:
    """Name each flag for which flagd rejects the whole file."""
    known = {field.name for field in fields(Flag)} - {"key", "default_variant"} | _ALIASES
    for name, saved in flags.items():
        if not isinstance(saved, dict):
            yield f"flag {name!r}: must be a mapping with `state`, `variants` and `defaultVariant`, not {saved!r}"
            continue
        yield from (f"flag {name!r}: there is no property {key!r}" for key in saved if key not in known)
        yield from (f"flag {name!r}: holds no `{key}`" for key in ("state", "variants") if key not in saved)
        try:
            Flag.from_dict(name, dict(saved))
        except ParseError as error:
            yield f"flag {name!r}: {_reason(error)}"


def _reason(error: Exception) -> str:
    return str(getattr(error, "error_message", None) or error or type(error).__name__)


def _load_json(text: str, path: Path) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise FlagFileError(f"{path}: the key {key!r} stands twice in one object")
            found[key] = value
        return found

    try:
        return json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise FlagFileError(f"{path}: line {error.lineno}: not JSON: {error.msg}") from error
    except RecursionError as error:
        raise FlagFileError(f"{path}: not JSON: nested too deeply") from error


def _load_yaml(text: str, path: Path) -> Any:
    try:
        repeated = _repeated_key(yaml.compose(text, yaml.SafeLoader), set())
        if repeated is not None:
            first, again = (node.start_mark.line + 1 for node in repeated)
            raise FlagFileError(
                f"{path}: line {again}: the key {repeated[1].value!r} stands twice, first in line {first}"
            )
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise FlagFileError(f"{path}: {line}not YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FlagFileError(f"{path}: not YAML: {error}") from error


def _repeated_key(node: yaml.Node | None, seen: set[int]) -> tuple[yaml.Node, yaml.Node] | None:
    """The first two keys of one mapping that are equal once written as JSON, such as `on` and `true`."""
    if not isinstance(node, yaml.CollectionNode) or id(node) in seen:
        return None
    seen.add(id(node))
    children = list(node.value)
    if isinstance(node, yaml.MappingNode):
        keys: dict[str, yaml.Node] = {}
        for key, _ in node.value:
            name = _json_key(key)
            if name in keys:
                return keys[name], key
            keys[name] = key
        children = [child for pair in node.value for child in pair]
    return next(filter(None, (_repeated_key(child, seen) for child in children)), None)


def _json_key(node: yaml.Node) -> str:
    if node.tag in {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:null", "tag:yaml.org,2002:int"}:
        value = yaml.constructor.SafeConstructor().construct_object(node)
        return str(next(iter(json.loads(json.dumps({value: 0})))))
    return str(node.value) if isinstance(node, yaml.ScalarNode) else f"{id(node)}"

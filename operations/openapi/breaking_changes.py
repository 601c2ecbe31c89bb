"""Names the changes of an OpenAPI document that break clients of the old one.

A request may accept more, and an answer may have more fields. A request that accepts less breaks clients; so does an
answer that lacks a field, or whose field may be of another type than before.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Json = Mapping[str, Any]
_METHODS: Final = ("get", "put", "post", "delete", "patch")
_LOWER_BOUNDS: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER_BOUNDS: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_NO_BOUND: Final = float("inf")


def breaking_changes(old: Json, new: Json) -> list[str]:
    """One line for each breaking change, with its place; empty if there is none."""
    return list(dict.fromkeys(_Comparison(old, new).changes()))


class _Comparison:
    def __init__(self, old: Json, new: Json) -> None:
        self._old = old
        self._new = new
        self._visited: set[tuple[str, str, bool]] = set()

    def changes(self) -> Iterator[str]:
        for path, methods in self._old["paths"].items():
            for method in _METHODS:
                if method not in methods:
                    continue
                place = f"{method.upper()} {path}"
                current = self._new["paths"].get(path, {}).get(method)
                if current is None:
                    yield f"{place}: removed"
                else:
                    yield from self._parameters(place, methods[method], current)
                    yield from self._bodies(place, methods[method], current)
                    yield from self._answers(place, methods[method], current)

    def _parameters(self, place: str, old: Json, new: Json) -> Iterator[str]:
        before, after = _by_name(old), _by_name(new)
        for (name, where), parameter in before.items():
            at = f"{place} {where} parameter {name}"
            if (name, where) not in after:
                yield f"{at}: removed"
                continue
            current = after[name, where]
            if current["required"] and not parameter["required"]:
                yield f"{at}: required now"
            yield from self._schema(at, parameter["schema"], current["schema"], sent=True)
        for (name, where), parameter in after.items():
            if parameter["required"] and (name, where) not in before:
                yield f"{place} {where} parameter {name}: new and required"

    def _bodies(self, place: str, old: Json, new: Json) -> Iterator[str]:
        before, after = old.get("requestBody"), new.get("requestBody")
        if after and not before:
            yield f"{place} body: new and required"
        elif before and after:
            yield from self._contents(f"{place} body", before, after, sent=True)

    def _answers(self, place: str, old: Json, new: Json) -> Iterator[str]:
        for status, answer in old["responses"].items():
            current = new["responses"].get(status)
            if current is None:
                if status.startswith("2"):
                    yield f"{place} answer {status}: removed"
            else:
                yield from self._contents(f"{place} answer {status}", answer, current, sent=False)

    def _contents(self, place: str, old: Json, new: Json, *, sent: bool) -> Iterator[str]:
        for media_type, content in old.get("content", {}).items():
            current = new.get("content", {}).get(media_type)
            if current is None:
                yield f"{place}: {media_type} removed"
            else:
                yield from self._schema(place, content["schema"], current["schema"], sent=sent)

    def _schema(self, place: str, old: Json, new: Json, *, sent: bool) -> Iterator[str]:
        """Changes of a schema; `sent` by clients in a request, else received in an answer."""
        if "$ref" in old and "$ref" in new:
            visit = (old["$ref"], new["$ref"], sent)
            if visit in self._visited:
                return
            self._visited.add(visit)
            place = f"{place} {_name(old['$ref'])}"
        old, new = _resolved(self._old, old), _resolved(self._new, new)
        yield from self._types(place, old, new, sent=sent)
        yield from _values(place, old, new, sent=sent)
        if sent:
            yield from _bounds(place, old, new)
        yield from self._fields(place, old, new, sent=sent)
        for part in ("items", "additionalProperties"):
            if isinstance(old.get(part), Mapping) and isinstance(new.get(part), Mapping):
                yield from self._schema(f"{place}[]", old[part], new[part], sent=sent)
        for part in ("anyOf", "oneOf"):
            for before, after in zip(old.get(part, ()), new.get(part, ()), strict=False):
                yield from self._schema(place, before, after, sent=sent)

    def _types(self, place: str, old: Json, new: Json, *, sent: bool) -> Iterator[str]:
        before, after = _kinds(self._old, old), _kinds(self._new, new)
        lost, gained = sorted(before - after), sorted(after - before)
        if sent and lost and after:
            yield f"{place}: no longer {' or '.join(lost)}"
        if not sent and gained and before:
            yield f"{place}: may be {' or '.join(gained)} now"

    def _fields(self, place: str, old: Json, new: Json, *, sent: bool) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, field in before.items():
            if name not in after:
                yield f"{place}.{name}: removed"
            else:
                yield from self._schema(f"{place}.{name}", field, after[name], sent=sent)
        required, formerly = set(new.get("required", ())), set(old.get("required", ()))
        if sent:
            for name in sorted(required - formerly):
                yield f"{place}.{name}: {'required now' if name in before else 'new and required'}"
        else:
            for name in sorted((formerly - required) & set(after)):
                yield f"{place}.{name}: no longer always there"


def _values(place: str, old: Json, new: Json, *, sent: bool) -> Iterator[str]:
    if "enum" not in new:
        return
    if "enum" in old:
        yield from (f"{place}: value {value} removed" for value in old["enum"] if value not in new["enum"])
    elif sent:
        yield f"{place}: only {', '.join(map(str, new['enum']))} now"


def _bounds(place: str, old: Json, new: Json) -> Iterator[str]:
    for name in _LOWER_BOUNDS:
        if new.get(name, -_NO_BOUND) > old.get(name, -_NO_BOUND):
            yield f"{place}: {name} {new[name]} is narrower"
    for name in _UPPER_BOUNDS:
        if new.get(name, _NO_BOUND) < old.get(name, _NO_BOUND):
            yield f"{place}: {name} {new[name]} is narrower"
    if new.get("pattern") not in (None, old.get("pattern")):
        yield f"{place}: pattern {new['pattern']} is new"


def _kinds(document: Json, schema: Json) -> frozenset[str]:
    """JSON types that a schema allows; none if it does not say."""
    schema = _resolved(document, schema)
    if "anyOf" in schema or "oneOf" in schema:
        parts = schema.get("anyOf", schema.get("oneOf", ()))
        return frozenset(kind for part in parts for kind in _kinds(document, part))
    kind = schema.get("type", ())
    return frozenset([kind] if isinstance(kind, str) else kind)


def _by_name(operation: Json) -> dict[tuple[str, str], Json]:
    return {(parameter["name"], parameter["in"]): parameter for parameter in operation.get("parameters", ())}


def _resolved(document: Json, schema: Json) -> Json:
    return document["components"]["schemas"][_name(schema["$ref"])] if "$ref" in schema else schema


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]

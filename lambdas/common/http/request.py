"""Typed access to a REST-proxy event of API Gateway."""

import base64
import binascii
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar, get_args, get_origin
from urllib.parse import unquote

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from lambdas.common.http.problems import BrokenBody, InvalidRequest, NotFound, RequestError, TooLarge, dotted

MAX_BODY_BYTES: Final = 256 * 1024
_REQUEST_ID: Final = re.compile(r"[\w.-]{1,128}", re.ASCII)
_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_BOOLEANS: Final = ("true", "false")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")

Model = TypeVar("Model", bound=BaseModel)


class ApiRequest:
    """One request; its parts are parsed on access.

    `request_id` is the caller's if it is well-formed, else the gateway's. `shadow` marks a comparison call, whose
    answer no visitor sees: it must not emit events, fill caches or write history.
    """

    def __init__(self, event: Mapping[str, Any]) -> None:
        self._event = event
        self._headers = _headers(event)
        self.method = str(event.get("httpMethod") or "GET").upper()
        self.request_id = self._request_id()
        self.shadow = self.header("X-Shadow") == "1"

    def header(self, name: str) -> str:
        """The last value of a header, ignoring case of its name; "" if it is missing."""
        return self._headers.get(name.lower(), "")

    def path(self, name: str) -> str:
        """A path parameter, percent-decoded here: a REST API hands it over as it stands in the URL.

        Bytes that are no UTF-8 become lone surrogates, which no contract accepts.

        Raises
        ------
        NotFound
            The path has no such parameter.
        """
        value = (self._event.get("pathParameters") or {}).get(name)
        if not isinstance(value, str):
            raise NotFound
        return unquote(value, errors="surrogateescape")

    def has_query(self, name: str) -> bool:
        """Whether the query string holds a parameter."""
        return name in _query(self._event)

    def query(self, model: type[Model], **from_path: str) -> Model:
        """Query string and `from_path` as a model: repeated keys fill tuples; other fields take the last value.

        All of it is text; for a field of a number or a boolean, text that is one in JSON is taken for it.

        Raises
        ------
        InvalidRequest
            A parameter is unknown, out of range, or given in the path as well.
        """
        fields: dict[str, Any] = dict(from_path)
        for name, values in _query(self._event).items():
            field = model.model_fields.get(name)
            if name in from_path:
                raise InvalidRequest.naming(name, "Stands in the path, not in the query string")
            fields[name] = _from_text(field, values) if field else values[-1]
        return _validated(model, json.dumps(fields))

    def body(self, model: type[Model]) -> Model:
        """The JSON body as a model.

        Raises
        ------
        BrokenBody, TooLarge, InvalidRequest
        """
        try:
            text = self._raw_body().decode()
        except UnicodeDecodeError as error:
            raise BrokenBody(f"Is not UTF-8 at byte {error.start}") from error
        return _validated(model, text)

    def _raw_body(self) -> bytes:
        body = self._event.get("body") or ""
        try:
            raw = base64.b64decode(body, validate=True) if self._event.get("isBase64Encoded") else body.encode()
        except (binascii.Error, UnicodeError) as error:
            raise BrokenBody("Is neither text nor base64") from error
        if len(raw) > MAX_BODY_BYTES:
            raise TooLarge
        return raw

    def _request_id(self) -> str:
        sent = self.header("X-Request-Id")
        if _REQUEST_ID.fullmatch(sent):
            return sent
        return str((self._event.get("requestContext") or {}).get("requestId") or uuid.uuid4())


def _validated(model: type[Model], text: str) -> Model:
    """JSON text as a model; a number or boolean within a string is none.

    Raises
    ------
    BrokenBody, InvalidRequest
    """
    try:
        return model.model_validate_json(text, strict=True)
    except ValidationError as error:
        (first, *_) = error.errors(include_url=False, include_context=False, include_input=False)
        if first["type"] != "json_invalid":
            raise InvalidRequest.of(error) from error
        reason = first["msg"]
    raise _refusal(text, reason)


def _refusal(text: str, reason: str) -> RequestError:
    """Why text that pydantic cannot read is rejected; a lone surrogate is named by its field, as any bad value."""
    try:
        place = next(_lone_surrogates(json.loads(text)), None)
    except (ValueError, RecursionError):
        place = None
    if place is None:
        return BrokenBody(reason)
    return InvalidRequest.naming(dotted(place), "Must not hold lone surrogates")


def _lone_surrogates(value: Any, place: tuple[int | str, ...] = ()) -> Iterator[tuple[int | str, ...]]:
    """Places of strings, and of keys, that hold one."""
    if isinstance(value, str):
        if _SURROGATE.search(value):
            yield place
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _lone_surrogates(item, (*place, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _lone_surrogates(key, (*place, key))
            yield from _lone_surrogates(item, (*place, key))


def _from_text(field: FieldInfo, values: list[str]) -> Any:
    """Values of a query string as the JSON that a field wants."""
    kinds = {field.annotation, *get_args(field.annotation)}
    if get_origin(field.annotation) is tuple:
        return values
    text = values[-1]
    if (bool in kinds and text in _BOOLEANS) or (int in kinds and _INTEGER.fullmatch(text)):
        return json.loads(text)
    return text


def _headers(event: Mapping[str, Any]) -> dict[str, str]:
    many = event.get("multiValueHeaders")
    if many:
        return {name.lower(): values[-1] for name, values in many.items() if values}
    return {name.lower(): value for name, value in (event.get("headers") or {}).items()}


def _query(event: Mapping[str, Any]) -> dict[str, list[str]]:
    many = event.get("multiValueQueryStringParameters")
    if many:
        return {name: values for name, values in many.items() if values}
    return {name: [value] for name, value in (event.get("queryStringParameters") or {}).items()}


def require_not_shadow(request: ApiRequest) -> ApiRequest:
    """The request, unless it is a shadow call, which must not write.

    Raises
    ------
    InvalidRequest
    """
    if request.shadow:
        raise InvalidRequest.naming("X-Shadow", "A call that leaves no trace cannot write")
    return request

"""What API Gateway does to headers on their way: it adds, drops and renames some, as its documentation lists them."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from multidict import CIMultiDict

_DROPPED_FROM_REQUESTS: Final = frozenset(
    {
        *("connection", "content-length", "content-md5", "expect", "keep-alive", "max-forwards", "proxy-authenticate"),
        *("proxy-connection", "server", "te", "trailer", "transfer-encoding", "upgrade", "www-authenticate"),
    }
)
_DROPPED_FROM_RESPONSES: Final = frozenset(
    {
        *("content-length", "expect", "host", "keep-alive", "proxy-authenticate", "te", "trailer"),
        *("transfer-encoding", "upgrade", "via"),
    }
)
_REMAPPED: Final = frozenset(
    {
        *("authorization", "connection", "content-md5", "date", "max-forwards", "server", "user-agent"),
        "www-authenticate",
    }
)


def for_function(headers: Mapping[str, str], source_ip: str) -> Iterable[tuple[str, str]]:
    """The headers of a request as its function sees them, with those that say where it came from."""
    passed = [(name, value) for name, value in headers.items() if name.lower() not in _DROPPED_FROM_REQUESTS]
    kept = [(name, value) for name, value in passed if not name.lower().startswith("x-forwarded-")]
    before = [value for name, value in passed if name.lower() == "x-forwarded-for"]
    port = headers.get("Host", "").rpartition(":")[2]
    return (
        *kept,
        ("X-Forwarded-For", ", ".join([*before, source_ip])),
        ("X-Forwarded-Port", port if port.isdecimal() else "80"),
        ("X-Forwarded-Proto", "http"),
    )


def for_caller(single: Mapping[str, Any], multiple: Mapping[str, list[Any]]) -> CIMultiDict[str]:
    """The headers of a function's response as its caller sees them.

    Raises
    ------
    TypeError, ValueError
        A header's value is no text, or has a line break.
    """
    headers: CIMultiDict[str] = CIMultiDict()
    for name, value in single.items():
        headers.add(name, _text(value))
    for name, values in multiple.items():
        headers.popall(name, None)
        for value in values:
            headers.add(name, _text(value))
    sent = CIMultiDict(
        (f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name, value)
        for name, value in headers.items()
        if name.lower() not in _DROPPED_FROM_RESPONSES
    )
    sent.setdefault("Content-Type", "application/json")
    return sent


def is_binary(media_type: str, binary_types: Collection[str]) -> bool:
    """Whether an API treats a media type as binary: it is listed, or a pattern such as "image/*" covers it."""
    kind = media_type.partition(",")[0].partition(";")[0].strip().lower()
    main = kind.partition("/")[0]
    return "*/*" in binary_types or (bool(kind) and not {kind, f"{main}/*"}.isdisjoint(binary_types))


def _text(value: Any) -> str:
    if isinstance(value, (dict, list)):
        raise TypeError("a header's value is no text")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "\r" in text or "\n" in text:
        raise ValueError("a header's value has a line break")
    return text

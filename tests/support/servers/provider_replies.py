"""Replies of chat providers as they differ: each is a whole answer or a stream, as the request asks for."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tests.support.servers.model_server import HttpReply

Request = Mapping[str, Any]
Respond = Callable[[Request], HttpReply]

_USAGE: Final = {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20}
_DONE: Final = b"data: [DONE]\n\n"
_SSE: Final = "text/event-stream"


def says(
    content: Any,
    *,
    finish: str | None = "stop",
    usage: Any = _USAGE,
    extra: Mapping[str, Any] | None = None,
    before: Sequence[Any] = (),
    done: bytes = _DONE,
) -> Respond:
    """A reply that says `content`.

    Parameters
    ----------
    extra
        More fields of the message, which a stream sends in its first chunk.
    before
        Chunks that a stream begins with.
    """

    def respond(request: Request) -> HttpReply:
        if not request.get("stream"):
            message = {"role": "assistant", "content": content, **(extra or {})}
            choice = {"index": 0, "message": message} | ({"finish_reason": finish} if finish else {})
            return _json({"id": "x", "object": "chat.completion", "created": 1, "choices": [choice], "usage": usage})
        chunks = [*before, *([_chunk(dict(extra))] if extra else [])]
        chunks += [_chunk({"content": piece}) for piece in _pieces(content)]
        chunks += [_chunk({}, finish)] if finish else []
        chunks += [{**_chunk({}), "choices": [], "usage": usage}]
        return HttpReply(b"".join(map(event, chunks)) + done, kind=_SSE)

    return respond


def whole(respond: Respond) -> Respond:
    """The same reply in one piece of JSON, also to a request for a stream."""
    return lambda request: respond({name: value for name, value in request.items() if name != "stream"})


def streams(body: bytes, kind: str = _SSE) -> Respond:
    """A stream of these bytes; a whole answer has them as its body."""
    return lambda request: HttpReply(body, kind=kind if request.get("stream") else "application/json")


def rewritten(respond: Respond, change: Callable[[bytes], bytes], kind: str = "") -> Respond:
    """Another reply's body, changed."""

    def changed(request: Request) -> HttpReply:
        reply = respond(request)
        return HttpReply(change(reply.body), reply.status, kind or reply.kind)

    return changed


def refuses(status: int, *, headers: Mapping[str, str] | None = None, **error: Any) -> Respond:
    """An error of OpenAI's form."""
    body = {"error": {"message": "no", "type": None, "code": None, "param": None, **error}}
    return lambda _: _json(body, status, dict(headers or {}))


def in_turn(*replies: Respond) -> Respond:
    """One reply after the other; the last one from then on."""
    left = list(replies)

    def respond(request: Request) -> HttpReply:
        reply = left.pop(0) if len(left) > 1 else left[0]
        return reply(request)

    return respond


def without(*names: str, then: Respond, status: int = 400, says_param: bool = True) -> Respond:
    """A provider that knows none of these parameters, and names the first that it is sent."""

    def respond(request: Request) -> HttpReply:
        for name in names:
            if name in request:
                param = name if says_param else None
                return refuses(status, message=f"Unsupported parameter: '{name}' is not supported.", param=param)(
                    request
                )
        return then(request)

    return respond


def event(data: Any) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def _chunk(delta: Any, finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def _pieces(content: Any) -> list[Any]:
    """What a stream sends of some content, chunk by chunk."""
    if isinstance(content, str):
        return re.findall(r"\s*\S+", content) or [content]
    return [[part] for part in content] if isinstance(content, list) else [content]


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> HttpReply:
    return HttpReply(json.dumps(body).encode(), status, headers=headers or {})

"""Reads the body of a chat completion while it arrives, whether the provider streams it or sends it whole."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from contracts.rules.prose.model_replies import MAX_REPLY, Ending, ending_of, is_refusal, part_of, text_of, tokens_of

_MAX_BODY: Final = 8_000_000  # bytes; streams repeat much around each word
_DONE: Final = b"[DONE]"
_BOM: Final = b"\xef\xbb\xbf"


class UnusableReply(Exception):
    """The reply is a refusal or empty: none of it may be used."""


class BrokenReply(Exception):
    """The reply breaks off, or is invalid. The text before may be used."""


class ReplyReader:
    """Reads one reply. `text` and `tokens` hold what has arrived so far; other threads may read them.

    A reply ends with its `finish_reason`; with `wants_tokens` what follows is read until it says what the reply cost.
    """

    def __init__(self, *, wants_tokens: bool = False) -> None:
        self.text = ""
        self.tokens: int | None = None
        self._finish = ""
        self._wants_tokens = wants_tokens

    def pieces(self, body: Iterable[bytes]) -> Iterator[str]:
        """Yield pieces of the text as they arrive; a reply that is not streamed is one piece.

        Raises
        ------
        UnusableReply, BrokenReply
        """
        for event in _events(body):
            if piece := self._piece(event):
                self.text += piece
                yield piece
            if len(self.text) > MAX_REPLY or (self.is_finished and not self._lacks_tokens):
                break
        if not self.text.strip():
            raise UnusableReply("the model's answer is empty")

    @property
    def is_finished(self) -> bool:
        """Whether the provider said that the text has ended."""
        return bool(self._finish)

    @property
    def _lacks_tokens(self) -> bool:
        return self._wants_tokens and self.tokens is None

    @property
    def ending(self) -> Ending:
        """How the reply ended, once its body has been read."""
        return Ending.TRUNCATED if len(self.text) > MAX_REPLY else ending_of(self._finish, self.text)

    def _piece(self, event: Mapping[str, Any]) -> str:
        """Read an event: return the text that it adds."""
        tokens = tokens_of(part_of(event, "usage"))
        self.tokens = self.tokens if tokens is None else tokens
        choices = part_of(event, "choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        message = part_of(choice, "delta") or part_of(choice, "message")
        self._finish = part_of(choice, "finish_reason") or self._finish
        if is_refusal(message, self._finish):
            raise UnusableReply("the model refused")
        return text_of(part_of(message, "content"))


def _events(body: Iterable[bytes]) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a body: one for each server-sent event, or the only one of a JSON body."""
    lines = _lines(body)
    data: list[bytes] = []
    for line in lines:
        if line.lstrip().startswith((b"{", b"[")):
            yield from _objects([line, *lines])
            return
        name, _, value = line.partition(b":")
        if name == b"data":
            data.append(value.removeprefix(b" "))
        elif name == b"event" and value.strip() == b"error":
            raise BrokenReply("the provider sent an error")
        elif not line:
            if data and data[0].strip() == _DONE:
                return
            yield from _objects(data)
            data = []
    if data and data[0].strip() != _DONE:
        yield from _objects(data)


def _objects(lines: list[bytes]) -> Iterator[Mapping[str, Any]]:
    """Yield the JSON object of some lines; nothing if they are blank or hold another value."""
    text = b"\n".join(lines)
    if not text.strip():
        return
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenReply("the model's answer is not JSON") from error
    if isinstance(value, Mapping):
        if value.get("error") and not value.get("choices"):
            raise BrokenReply("the provider sent an error")
        yield value


def _lines(body: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a body without line ends, each as soon as it is complete."""
    rest, size = b"", 0
    for number, chunk in enumerate(body):
        size += len(chunk)
        if size > _MAX_BODY:
            raise BrokenReply("the provider sends too much")
        rest += chunk.removeprefix(_BOM) if number == 0 else chunk
        *lines, rest = rest.split(b"\n")
        yield from (line.removesuffix(b"\r") for line in lines)
    if rest:
        yield rest

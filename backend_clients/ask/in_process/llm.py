"""Asks a chat model through the OpenAI SDK, within a daily budget of tokens."""

import math
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Event, Thread
from typing import Any, Final

from backend_clients.ask.in_process.chat_calls import ChatParameters, call_adapted, reason_of
from backend_clients.ask.in_process.prompt import Prompt
from backend_clients.storage.sqlite import open_database
from contracts.rules.prose.model_replies import Ending
from contracts.rules.prose.reply_reader import BrokenReply, ReplyReader, UnusableReply

_TIMEOUT_SECONDS: Final = 10.0  # of each try


class ModelError(Exception):
    """The model failed: down, late, or cut off. The text before may be used."""


class ModelRefused(ModelError):
    """The model, or a filter, refuses to answer: none of the text may be used."""


class OutputTruncated(ModelError):
    """The answer exceeds the limit of tokens."""


class ChatModel:
    """Asks a model for prose. Story text goes into the user's message, the rules into the system's."""

    def __init__(self, name: str, api_key: str, base_url: str) -> None:
        self.name = name
        self._key = api_key
        self._base_url = base_url
        self._client: Any = None
        self._parameters = ChatParameters()

    def stream(self, prompt: Prompt, reminder: str = "", deadline: float = math.inf) -> Iterator[str]:
        """Yield pieces of the answer as they arrive; `reminder` is added to the user's message.

        Raises
        ------
        ModelError
        """
        user = f"{prompt.user}\n\n{reminder}" if reminder else prompt.user
        messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": user}]
        create = self._sdk().chat.completions.with_streaming_response.create
        reply = ReplyReader()
        try:
            with ExitStack() as connection:
                response = call_adapted(
                    self._parameters,
                    deadline,
                    lambda sent: connection.enter_context(create(model=self.name, messages=messages, **sent)),
                )
                yield from reply.pieces(_until(deadline, response.iter_bytes()))
            _check_ending(reply.ending)
        except ModelError:
            raise
        except UnusableReply as error:
            raise ModelRefused(str(error)) from error
        except BrokenReply as error:
            raise ModelError(str(error)) from error
        except Exception as error:  # whatever a server may send, an answer can do without
            raise ModelError(reason_of(error)) from error

    def _sdk(self) -> Any:
        if self._client is None:
            from openai import OpenAI  # noqa: PLC0415

            self._client = OpenAI(
                api_key=self._key, base_url=self._base_url or None, timeout=_TIMEOUT_SECONDS, max_retries=0
            )
        return self._client


class TokenBudget:
    """Counts tokens a day (UTC), estimated at four characters each; a limit of 0 means none."""

    def __init__(self, path: Path, daily_limit: int) -> None:
        self._path = path
        self._limit = daily_limit
        self._lock = threading.Lock()

    def left(self) -> bool:
        """Whether another call fits into today's budget."""
        return not self._limit or self._spent(0) < self._limit

    def spend(self, *texts: str) -> None:
        if self._limit:
            self._spent(sum(len(text) for text in texts) // 4 + 1)

    def _spent(self, more: int) -> int:
        day = datetime.now(UTC).date().isoformat()
        with self._lock, closing(open_database(self._path)) as connection, connection:
            connection.execute("CREATE TABLE IF NOT EXISTS tokens (day TEXT PRIMARY KEY, spent INTEGER NOT NULL)")
            connection.execute(
                "INSERT INTO tokens VALUES (?, ?) ON CONFLICT (day) DO UPDATE SET spent = spent + excluded.spent",
                (day, more),
            )
            row = connection.execute("SELECT spent FROM tokens WHERE day = ?", (day,)).fetchone()
        return int(row[0])


def _until(deadline: float, body: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the parts of a body until a deadline: comments and empty events may arrive without end."""
    for part in body:
        if time.monotonic() >= deadline:
            raise ModelError("no answer in time")
        yield part


def _check_ending(ending: Ending) -> None:
    """Raise unless the reply is whole."""
    match ending:
        case Ending.TRUNCATED:
            raise OutputTruncated("the model's answer was too long")
        case Ending.BROKEN:
            raise ModelError("the model's answer was cut off")


_AT_ONCE: Final = 32
_slots: Final = BoundedSemaphore(_AT_ONCE)


def iter_with_deadline(pieces: Iterator[str], deadline: float) -> Iterator[str]:
    """Yield the pieces that arrive before the deadline, by `time.monotonic()`.

    Time-outs of a connection end neither a server that drips nor the SDK's own waits and retries: pieces are read on a
    thread, which is left behind when the time is up. There are never more than a few of those.

    Raises
    ------
    ModelError
        The time is up; or whatever `pieces` raises.
    """
    if not _slots.acquire(blocking=False):
        raise ModelError("too many calls hang")
    arrived: SimpleQueue[str | BaseException | None] = SimpleQueue()
    left = Event()
    Thread(target=_read, args=(pieces, arrived, left), name="model", daemon=True).start()
    try:
        while (piece := _next(arrived, deadline)) is not None:
            yield piece
    finally:
        left.set()


def _read(pieces: Iterator[str], arrived: "SimpleQueue[str | BaseException | None]", left: Event) -> None:
    try:
        for piece in pieces:
            if left.is_set():
                return
            arrived.put(piece)
        arrived.put(None)
    except BaseException as error:  # noqa: BLE001  raised again where it is waited for
        arrived.put(error)
    finally:
        _slots.release()


def _next(arrived: "SimpleQueue[str | BaseException | None]", deadline: float) -> str | None:
    remaining = deadline - time.monotonic()
    try:
        piece = arrived.get(timeout=remaining) if remaining > 0 else None
    except Empty:
        remaining = 0.0
    if remaining <= 0:
        raise ModelError("no answer in time")
    if isinstance(piece, BaseException):
        raise piece
    return piece

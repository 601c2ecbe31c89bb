"""Asks a chat model over OpenAI's API, within a time limit."""

import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.rules.prose.model_replies import MAX_REPLY, Ending
from contracts.rules.prose.reply_reader import BrokenReply, ReplyReader, UnusableReply
from lambdas.common.models.provider_keys import KeySource, key_source

_LEFT_BEHIND: Final = 4
_LEAST_SECONDS: Final = 0.5
_OPENAI: Final = "https://api.openai.com/v1"


class ModelSettings(BaseSettings):
    """Settings of the model. An empty variable counts as unset; without a key there is no model."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    openai_api_key: SecretStr | None = None
    openai_base_url: str = _OPENAI
    openai_chat_model: str = "gpt-4o-mini"
    llm_daily_tokens: int | None = None


class ModelDown(Exception):
    """The model gave no answer: it failed, refused, or took too long."""


@dataclass(frozen=True)
class Completion:
    """The text of a reply, the tokens it cost (None if the server does not say), and why it broke off."""

    text: str
    tokens: int | None
    ending: Ending
    reason: str = "cut off"


class ChatModel:
    """A model at a base URL."""

    def __init__(self, key: str | KeySource, base_url: str, name: str) -> None:
        from openai import OpenAI  # noqa: PLC0415 - loading it takes a second, which only a key is worth

        from lambdas.common.models.chat_calls import ParameterSet  # noqa: PLC0415

        self.name = name
        self._client = OpenAI(api_key=key, base_url=base_url, max_retries=0)
        self._parameters: ParameterSet = ParameterSet()
        self._slots = threading.BoundedSemaphore(_LEFT_BEHIND)

    def complete(self, system: str, user: str, seconds: float) -> Completion:
        """Ask, with retries. A slow or cut reply is returned as a broken completion.

        Time-outs of a connection do not end a server that drips: the reply is read on a thread that is left behind when
        the time is up. There are never more than a few of those.

        Raises
        ------
        ModelDown
        """
        if seconds < _LEAST_SECONDS:
            raise ModelDown("no time left")
        if not self._slots.acquire(blocking=False):
            raise ModelDown("earlier calls still hang")
        from lambdas.common.models.chat_calls import describe  # noqa: PLC0415

        reply, end = ReplyReader(wants_tokens=True), Future[None]()
        messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        threading.Thread(target=self._ask, args=(reply, end, messages, seconds), daemon=True).start()
        try:
            end.result(seconds)
        except UnusableReply as error:
            raise ModelDown(str(error)) from error
        except Exception as error:  # whatever a server may send, an answer can do without
            reason = str(error) if isinstance(error, BrokenReply) else describe(error)
            if not reply.text.strip():
                raise ModelDown(reason) from error
            if not reply.is_finished:
                return Completion(reply.text, reply.tokens, Ending.BROKEN, reason)
        return Completion(reply.text[:MAX_REPLY], reply.tokens, reply.ending)

    def _ask(self, reply: ReplyReader, end: "Future[None]", messages: list[dict[str, str]], seconds: float) -> None:
        """Read a reply until it ends or the time is up."""
        from lambdas.common.models.chat_calls import complete_call  # noqa: PLC0415

        deadline = time.monotonic() + seconds
        create: Any = self._client.with_options(timeout=seconds).chat.completions.with_streaming_response.create
        try:
            with ExitStack() as connection:
                response = complete_call(
                    self._parameters,
                    lambda given: connection.enter_context(create(model=self.name, messages=messages, **given)),
                    deadline,
                )
                for _ in reply.pieces(_until(deadline, response.iter_bytes())):
                    pass
            end.set_result(None)
        except Exception as error:  # noqa: BLE001 - handed to the thread that waits
            end.set_exception(error)
        finally:
            self._slots.release()


def _until(deadline: float, body: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the parts of a body until a deadline by `time.monotonic()`, then raise `TimeoutError`."""
    for part in body:
        if time.monotonic() >= deadline:
            raise TimeoutError
        yield part


@cache
def model_settings() -> ModelSettings:
    return ModelSettings()


def chat_model() -> ChatModel | None:
    """Build the model that the environment names; None without a key."""
    settings = model_settings()
    if settings.openai_api_key is None:
        return None
    key = key_source(settings.openai_api_key.get_secret_value())
    return ChatModel(key, settings.openai_base_url, settings.openai_chat_model)

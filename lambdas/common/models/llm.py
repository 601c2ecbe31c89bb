"""A chat model that speaks OpenAI's API: its answer in time, or one error."""

import json
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.rules.prose.model_replies import MAX_REPLY, Ending, ending_of, is_refusal, part_of, text_of, tokens_of

_LEFT_BEHIND: Final = 4
_LEAST_SECONDS: Final = 0.5
_OPENAI: Final = "https://api.openai.com/v1"


class ModelSettings(BaseSettings):
    """An empty variable is one that is not set. Without a key there is no model."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    openai_api_key: SecretStr | None = None
    openai_base_url: str = _OPENAI
    openai_chat_model: str = "gpt-4o-mini"
    llm_daily_tokens: int | None = None


class ModelDown(Exception):
    """The model gave no answer: it failed, refused, or took too long."""


@dataclass(frozen=True)
class Completion:
    """What a model wrote; `tokens` is what it cost, None if the server does not say."""

    text: str
    tokens: int | None
    ending: Ending


class ChatModel:
    """One model behind one address."""

    def __init__(self, key: str, base_url: str, name: str) -> None:
        from openai import OpenAI  # noqa: PLC0415 - loading it takes a second, which only a key is worth

        from lambdas.common.models.chat_calls import ParameterSet  # noqa: PLC0415

        self.name = name
        self._client = OpenAI(api_key=key, base_url=base_url, max_retries=0)
        self._parameters: ParameterSet = ParameterSet()
        self._slots = threading.BoundedSemaphore(_LEFT_BEHIND)

    def complete(self, system: str, user: str, seconds: float) -> Completion:
        """Ask once, and again while that may help.

        Time-outs of a connection do not end a server that drips: the call runs on a thread that is left behind when
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

        answer: Future[Any] = Future()
        threading.Thread(target=self._ask, args=(answer, system, user, seconds), daemon=True).start()
        try:
            return _completion(answer.result(seconds))
        except ModelDown:
            raise
        except Exception as error:  # whatever a server may send, an answer can do without
            raise ModelDown(describe(error)) from error

    def _ask(self, answer: "Future[Any]", system: str, user: str, seconds: float) -> None:
        from lambdas.common.models.chat_calls import complete_call  # noqa: PLC0415

        deadline = time.monotonic() + seconds
        create: Any = self._client.with_options(timeout=seconds).chat.completions.create
        messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        try:
            answer.set_result(
                complete_call(
                    self._parameters, lambda given: create(model=self.name, messages=messages, **given), deadline
                )
            )
        except Exception as error:  # noqa: BLE001 - handed to the thread that waits
            answer.set_exception(error)
        finally:
            self._slots.release()


def _completion(answer: Any) -> Completion:
    """What an answer says. One of another content type arrives as its text."""
    reply = json.loads(answer) if isinstance(answer, str) else answer
    choice = (part_of(reply, "choices") or (None,))[0]
    message, finish = part_of(choice, "message"), part_of(choice, "finish_reason")
    if is_refusal(message, finish):
        raise ModelDown("refused")
    text = text_of(part_of(message, "content"))
    if not text.strip():
        raise ModelDown("empty answer")
    ending = Ending.TRUNCATED if len(text) > MAX_REPLY else ending_of(finish, text)
    return Completion(text[:MAX_REPLY], tokens_of(part_of(reply, "usage")), ending)


@cache
def model_settings() -> ModelSettings:
    return ModelSettings()


def chat_model() -> ChatModel | None:
    """The model that the environment names, if there is a key to it."""
    settings = model_settings()
    if settings.openai_api_key is None:
        return None
    return ChatModel(settings.openai_api_key.get_secret_value(), settings.openai_base_url, settings.openai_chat_model)

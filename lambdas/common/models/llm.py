"""A chat model that speaks OpenAI's API: its answer in time, or one error."""

import threading
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.ask_prompt import MAX_ANSWER_TOKENS, TEMPERATURE

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion

_RETRIES: Final = 2  # by the SDK, after 429, 5xx and broken connections
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
    """What a model wrote; `tokens` is what it cost, None if the server does not say; `cut` when it ran out of room."""

    text: str
    tokens: int | None
    cut: bool


class ChatModel:
    """One model behind one address."""

    def __init__(self, key: str, base_url: str, name: str) -> None:
        from openai import OpenAI  # noqa: PLC0415 - loading it takes a second, which nobody without a key should wait

        self.name = name
        self._client = OpenAI(api_key=key, base_url=base_url, max_retries=_RETRIES)
        self._slots = threading.BoundedSemaphore(_LEFT_BEHIND)

    def complete(self, system: str, user: str, seconds: float) -> Completion:
        """Ask once, with the SDK's retries.

        Time-outs of a connection do not end a server that drips, nor the SDK's waits: the call runs on a thread that is
        left behind when the time is up. There are never more than a few of those.

        Raises
        ------
        ModelDown
        """
        if seconds < _LEAST_SECONDS:
            raise ModelDown("no time left")
        if not self._slots.acquire(blocking=False):
            raise ModelDown("earlier calls still hang")
        answer: Future[ChatCompletion] = Future()
        threading.Thread(target=self._ask, args=(answer, system, user, seconds), daemon=True).start()
        try:
            return _completion(answer.result(seconds))
        except ModelDown:
            raise
        except Exception as error:  # whatever a server may send, an answer can do without
            raise ModelDown(type(error).__name__) from error

    def _ask(self, answer: "Future[ChatCompletion]", system: str, user: str, seconds: float) -> None:
        try:
            answer.set_result(
                self._client.with_options(timeout=seconds).chat.completions.create(
                    model=self.name,
                    messages=[{"role": "system", "content": system}, {"role": "user", "content": user}],
                    temperature=TEMPERATURE,
                    max_completion_tokens=MAX_ANSWER_TOKENS,
                )
            )
        except Exception as error:  # noqa: BLE001 - handed to the thread that waits
            answer.set_exception(error)
        finally:
            self._slots.release()


def _completion(answer: "ChatCompletion") -> Completion:
    choice = answer.choices[0]
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise ModelDown("refused")
    if not (choice.message.content or "").strip():
        raise ModelDown("empty answer")
    tokens = answer.usage.total_tokens if answer.usage else None
    return Completion(str(choice.message.content), tokens, choice.finish_reason == "length")


@cache
def model_settings() -> ModelSettings:
    return ModelSettings()


def chat_model() -> ChatModel | None:
    """The model that the environment names, if there is a key to it."""
    settings = model_settings()
    if settings.openai_api_key is None:
        return None
    return ChatModel(settings.openai_api_key.get_secret_value(), settings.openai_base_url, settings.openai_chat_model)

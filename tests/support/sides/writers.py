"""Each side's writer of answers, over the same two stories and a model behind a URL."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from backend_clients.ask.in_process.answer_writer import AnswerWriter as LegacyWriter
from backend_clients.ask.in_process.llm import ChatModel as LegacyModel
from backend_clients.ask.in_process.llm import TokenBudget as LegacyBudget
from backend_clients.ask.in_process.prompt import build_prompt as legacy_prompt
from contracts.ask import DegradedReason
from contracts.rules.prose.grounding import GroundingSources
from lambdas.ask.answers.answer_writer import AnswerDraft, AnswerWriter
from lambdas.ask.answers.grounding_context import GroundingContext
from lambdas.ask.answers.prompt import build_prompt
from lambdas.common.http.service_client import CallContext
from lambdas.common.models import chat_calls as lambda_calls
from lambdas.common.models.llm import ChatModel
from lambdas.common.models.token_budget import TokenBudget
from tests.support.builders.stories import story
from tests.support.servers.model_server import MODEL

CITED = (
    story("a", title="Payments", client="Acme Bank", result=("40% faster in 3 months.", "Saved $450,000.")),
    story("b", title="Cards", client="Bolt"),
)
CLIENTS = frozenset({"Acme Bank", "Bolt", "Globex"})
COMPOSED = "Composed of the stories."
FIRST = "It was 40% faster [1]."
GROUNDED = f"{FIRST} It took 3 months [1]."
INVENTED = "It saved $987 million for Globex [1]."
_EVIDENCE = GroundingSources(CITED, CLIENTS)
_QUESTION = "What about payments?"


@dataclass(frozen=True)
class Outcome:
    """The model's words that are served, why they are not all of it, and everything that was shown on the way."""

    served: str
    degraded: DegradedReason
    shown: Sequence[str]


Write = Callable[[], Outcome]


def legacy_side(url: str, folder: Path) -> Write:
    chat = LegacyModel(MODEL, "sk-test", url)
    chat._client = _legacy_client(url)
    writer = LegacyWriter(chat, LegacyBudget(folder / "tokens.sqlite3", 0))

    def write() -> Outcome:
        shown: list[str] = []
        written = writer.write(legacy_prompt(_QUESTION, CITED, ()), _EVIDENCE, len(CITED), shown.append)
        return Outcome(written.text, written.degraded, [*shown, written.text])

    return write


def lambda_side(url: str, _: Path) -> Write:
    chat = copy(_lambda_chat(url))
    chat._parameters = lambda_calls.ParameterSet()
    clients: Any = _KnownClients()
    no_table: Any = None  # without a limit nothing is counted
    writer = AnswerWriter(chat, TokenBudget(no_table, "", None), clients)
    draft = AnswerDraft(build_prompt(_QUESTION, CITED, ()), CITED, COMPOSED, "v1")

    def write() -> Outcome:
        written = writer.write(draft, CallContext("request-1"), float("inf"))
        words = written.text.removesuffix(COMPOSED).strip()
        return Outcome(words, written.degraded, [written.text])

    return write


SIDES = {"legacy": legacy_side, "lambda": lambda_side}


@cache
def _legacy_client(url: str) -> Any:
    """An SDK's client, which takes long to make, as the side makes it."""
    return LegacyModel(MODEL, "sk-test", url)._sdk()


@cache
def _lambda_chat(url: str) -> ChatModel:
    return ChatModel("sk-test", url, MODEL)


class _KnownClients:
    """The names of all clients, without a stories domain."""

    def of(self, version: str, caller: CallContext) -> GroundingContext:
        return GroundingContext(CLIENTS)

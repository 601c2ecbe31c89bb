"""Over the questions of the evaluation nothing ungrounded is served by either side, while the model invents."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from backend_clients.ask.in_process.answer_writer import AnswerWriter
from backend_clients.ask.in_process.conversation_store import ConversationStore
from backend_clients.ask.in_process.llm import ChatModel, TokenBudget
from backend_clients.ask.legacy import LegacyAsk
from backend_clients.corpus.corpus import load_corpus
from backend_clients.corpus.embeddings import WordLlamaEmbedder
from backend_clients.corpus.listing import listing_of
from backend_clients.corpus.question_guard import QuestionGuard, load_rules
from backend_clients.profile_file import read_profile
from backend_clients.search.legacy import LegacySearch
from backend_clients.search.vector_index import ExactIndex
from backend_clients.settings import Settings
from contracts.ask import Answer, AskRequest, DegradedReason
from contracts.industries import AGGREGATE_CLIENTS
from contracts.rules.figures import extract_figures
from lambdas.common.http.service_client import CallContext
from tests.support.builders.stories import SAMPLE_FILE
from tests.support.servers.model_server import (
    INVENTED_FIGURES,
    MODEL,
    Inventor,
    ModelServer,
    grounded_prose,
    running_model,
)
from tests.support.sides.in_process import request
from tests.support.stacks.ask import new_ask_stack
from tests.support.stacks.ask_apis import running_apis

TESTS = Path(__file__).resolve().parents[2]
OWNER = read_profile(Settings().profile_file).facts
SAMPLE = load_corpus(SAMPLE_FILE, facts=OWNER)
CLIENTS = tuple(
    sorted({story.client for story in SAMPLE.stories if story.client.casefold() not in {*AGGREGATE_CLIENTS, ""}})
)
QUESTIONS = [
    item["query"] for item in yaml.safe_load((TESTS / "relevance" / "queries.yaml").read_text("utf-8"))["queries"]
]
Ask = Callable[[AskRequest], Answer]


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> LegacySearch:
    embedder = WordLlamaEmbedder()
    index = ExactIndex(SAMPLE, embedder, tmp_path_factory.mktemp("vectors"))
    return LegacySearch(SAMPLE, embedder, index, QuestionGuard(SAMPLE, load_rules(Settings().nonsense_file)), "test")


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with running_model() as running:
        yield running


@pytest.fixture(scope="module", params=["legacy", "lambda"])
def ask(
    request: pytest.FixtureRequest, search: LegacySearch, model: ModelServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ask]:
    """A side over the sample and its real search, with the model."""
    if request.param == "legacy":
        folder = tmp_path_factory.mktemp("ask")
        writer = AnswerWriter(ChatModel(MODEL, "sk-test", model.url), TokenBudget(folder / "tokens.sqlite3", 0))
        store = ConversationStore(folder / "conversations.sqlite3")
        yield LegacyAsk(SAMPLE, search.hybrid, listing_of(SAMPLE, "test"), store, writer, "test").generate
        return
    with running_apis(SAMPLE.stories) as apis:
        apis.corpus_version, apis.owner = SAMPLE.version, OWNER
        apis.search = search.hybrid  # type: ignore[method-assign]
        stack = new_ask_stack()
        service = stack.answers(apis, stack.author(apis, model))
        yield lambda asked: service.generate(asked, CallContext("request-1"))


def ungrounded(answer: Answer) -> list[str]:
    cited = [SAMPLE.by_id[source.id] for source in answer.sources]
    titles = () if cited else (story.title for story in SAMPLE.stories if f"“{story.title}”" in answer.answer)
    texts = "\n".join([*(line for s in cited for line in (*s.texts(), s.start_date[:4], s.end_date[:4])), *titles])
    held = extract_figures(texts)
    foreign = [name for name in CLIENTS if name in answer.answer and name not in texts]  # an employer may be a client
    return [*(extract_figures(answer.answer) - held - {str(len(cited))}), *foreign]


def test_facts_of_the_profile_may_be_said(ask: Ask, model: ModelServer) -> None:
    said = f"{OWNER.name}: {OWNER.education[0]}."
    model.writer = lambda messages: f"{grounded_prose(messages)} [1]\n\n{said} [1]"
    answer = ask(request("Tell me about a payments modernization"))
    assert said in answer.answer.replace("\\", "")
    assert answer.degraded is DegradedReason.NO
    model.writer = lambda messages: f"{grounded_prose(messages)} [1]\n\n{said} An MBA in 1987. [1]"
    assert ask(request("Tell me about a payments modernization", number=2)).degraded is DegradedReason.PARTLY


def test_the_invented_figures_stand_in_no_story() -> None:
    held = {figure for story in SAMPLE.stories for figure in extract_figures("\n".join(story.texts()))}
    assert [claim for claim in INVENTED_FIGURES if extract_figures(claim) <= held] == []


def test_no_invented_figure_or_client_is_served(ask: Ask, model: ModelServer) -> None:
    model.writer = inventor = Inventor(
        [name for name in CLIENTS if name not in {story.employer for story in SAMPLE.stories}]
    )
    told: dict[DegradedReason, int] = dict.fromkeys(DegradedReason, 0)
    for number, question in enumerate(QUESTIONS):
        answer = ask(request(question, number=number))
        assert ungrounded(answer) == [], answer.answer
        for claim in inventor.made_up:
            assert claim not in answer.answer.replace("\\", "")
        told[answer.degraded] += 1
    assert len(QUESTIONS) > 100
    assert inventor.answers > 1.1 * len(QUESTIONS)  # some are answered without a model: no story supports them
    assert len(inventor.made_up) > 15
    assert told[DegradedReason.PARTLY] + told[DegradedReason.UNGROUNDED] > 3
    assert told[DegradedReason.MODEL_DOWN] == told[DegradedReason.BUDGET] == 0

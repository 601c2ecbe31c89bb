"""Answers that a model writes in-process: grounded or the stories' own, whatever is hidden in what it reads."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend_clients.ask.client import AskClient
from backend_clients.ask.in_process.answer_writer import AnswerWriter
from backend_clients.ask.in_process.conversation_store import ConversationStore
from backend_clients.ask.in_process.llm import ChatModel, TokenBudget
from backend_clients.ask.legacy import LegacyAsk
from backend_clients.corpus.corpus import load_corpus
from backend_clients.corpus.embeddings import WordLlamaEmbedder
from backend_clients.corpus.listing import listing_of
from backend_clients.corpus.question_guard import QuestionGuard, load_rules
from backend_clients.errors import Timeout
from backend_clients.http.session import ApiResponse
from backend_clients.routing.breaker import Breaker
from backend_clients.routing.read_router import Router
from backend_clients.routing.router_parts import RouterParts
from backend_clients.search.legacy import LegacySearch
from backend_clients.search.vector_index import ExactIndex
from backend_clients.settings import Settings
from backend_clients.stages import Stage
from contracts.ask import Answer, AnswerMode, AskRequest, DegradedReason
from contracts.ask_prompt import SYSTEM
from contracts.industries import AGGREGATE_CLIENTS
from contracts.rules.figures import extract_figures
from tests.support.builders.stories import SAMPLE_FILE, story
from tests.support.servers.model_server import MODEL, ModelServer, inventing_prose, obeying_prose, running_model
from tests.support.sides.in_process import SESSION, LegacySides, request
from tests.support.sides.routed import FakeFlags, FakeLedger, InlinePool, MemoryRecords
from tests.support.site.rendered import ONLY_WORDS, kinds

INJECTIONS = yaml.safe_load((Path(__file__).resolve().parents[2] / "data" / "injections.yaml").read_text("utf-8"))
SAMPLE = load_corpus(SAMPLE_FILE)
STORIES = [
    story("a", title="Payments", client="Acme Bank", result=("40% faster in 3 months",)),
    story("b", title="Cards", client="Bolt", result=("saved $1.2 billion",)),
    story("c", title="Cloud", client="Multiple Clients", result=("4x the volume",)),
    story("d", title="Data", client="Dune Trust", result=("25 bps",)),
]
COSINES = {"a": 0.9, "b": 0.8, "c": 0.7}


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    monkeypatch.setattr("openai._base_client.BaseClient._calculate_retry_timeout", lambda *_: 0.0)
    with running_model() as running:
        yield running


def writer(folder: Path, model: ModelServer, daily: int = 0) -> AnswerWriter:
    return AnswerWriter(ChatModel(MODEL, "sk-test", model.url), TokenBudget(folder / "tokens.sqlite3", daily))


def ask(folder: Path, model: ModelServer, daily: int = 0, **fields: Any) -> Answer:
    side = LegacySides(STORIES, COSINES).ask(folder, writer(folder, model, daily))
    return side.generate(request(**{"question": "payments?", **fields}))


def silent(folder: Path, **fields: Any) -> Answer:
    return LegacySides(STORIES, COSINES).ask(folder / "silent").generate(request(**{"question": "payments?", **fields}))


# Who wrote it


def test_a_grounded_answer_is_the_models_over_the_same_sources(tmp_path: Path, model: ModelServer) -> None:
    answer, without = ask(tmp_path, model), silent(tmp_path)
    assert answer.answer == "Payments is the closest match [1]. 40% faster in 3 months"
    assert (answer.trace.model, answer.degraded) == (MODEL, DegradedReason.NO)
    trace = without.trace.model_copy(update={"model": MODEL})
    assert answer == without.model_copy(update={"answer": answer.answer, "trace": trace})


@pytest.mark.parametrize("mode", [AnswerMode.KEY_POINTS, AnswerMode.DEEP_DIVE])
def test_other_modes_are_composed_without_a_model(tmp_path: Path, model: ModelServer, mode: AnswerMode) -> None:
    assert ask(tmp_path, model, mode=mode) == silent(tmp_path, mode=mode)
    assert model.requests == []


@pytest.mark.parametrize("fields", [{"question": "unheard of it"}, {"question": "payments", "story_id": "d"}])
def test_a_refusal_asks_no_model_and_a_locked_story_is_all_it_reads(
    tmp_path: Path, model: ModelServer, fields: dict[str, str]
) -> None:
    side = LegacySides(STORIES, {}).ask(tmp_path, writer(tmp_path, model))
    answer = side.generate(request(**fields))
    if answer.sources:
        assert re.findall(r'id="(.*?)"', model.requests[0]["messages"][1]["content"]) == ["d"]
    else:
        assert model.requests == []


def test_for_comparing_no_model_is_asked(tmp_path: Path, model: ModelServer) -> None:
    side = LegacySides(STORIES, COSINES).ask(tmp_path, writer(tmp_path, model))
    assert side.generate_extractive(request("payments?")) == silent(tmp_path)
    assert model.requests == []


@pytest.mark.parametrize(
    ("faults", "claim", "daily", "degraded"),
    [
        ("500", "", 0, DegradedReason.MODEL_DOWN),
        ("refusal", "", 0, DegradedReason.MODEL_DOWN),
        ("filtered", "", 0, DegradedReason.MODEL_DOWN),
        ("", "It saved $987 million.", 0, DegradedReason.PARTLY),
        ("", "It was for Dune Trust.", 0, DegradedReason.PARTLY),
        ("", "", 1, DegradedReason.NO),
    ],
)
def test_where_the_model_does_not_serve_the_stories_do_and_the_answer_says_why(
    tmp_path: Path, model: ModelServer, faults: str, claim: str, daily: int, degraded: DegradedReason
) -> None:
    model.always = faults
    if claim:
        model.writer = inventing_prose(every=1, claim=claim)
    answer = ask(tmp_path, model, daily)
    assert answer.degraded is degraded
    if degraded is DegradedReason.PARTLY:
        assert answer.answer == f"Payments is the closest match [1].\n\n{answer.modes.narrative}"
    elif degraded is not DegradedReason.NO:
        assert (answer.answer, answer.trace.model) == (answer.modes.narrative, "extractive")
    if daily:
        assert ask(tmp_path, model, daily).degraded is DegradedReason.BUDGET
        assert len(model.requests) == 1


def test_sentences_are_shown_as_they_come(tmp_path: Path, model: ModelServer) -> None:
    shown: list[str] = []
    side = LegacySides(STORIES, COSINES).ask(tmp_path, writer(tmp_path, model))
    answer = side.generate(request("payments?"), shown.append)
    assert shown == ["Payments is the closest match [1].", answer.answer]


# Through the client


class Remote:
    """The Lambda side as it answers a shadow call, without a model; or late."""

    configured = True

    def __init__(self, side: LegacyAsk, late: bool = False) -> None:
        self.side, self.late = side, late

    def generate(self, asked: AskRequest, *, shadow: bool = False) -> ApiResponse[Answer]:
        if self.late:
            raise Timeout("late")
        return ApiResponse(self.side.generate_extractive(asked))

    rerank = match = history = append = forget = rate = generate


@pytest.mark.parametrize(("stage", "late"), [(Stage.SHADOW, False), (Stage.LIVE, True), (Stage.LEGACY, False)])
def test_the_page_sees_sentences_from_the_side_that_answers_and_nothing_is_spent_on_comparing(
    tmp_path: Path, model: ModelServer, stage: Stage, late: bool
) -> None:
    side = LegacySides(STORIES, COSINES).ask(tmp_path, writer(tmp_path, model))
    flags: Any = FakeFlags(stage)
    pool: Any = InlinePool()
    records: Any = MemoryRecords()
    ledger: Any = FakeLedger()
    remote: Any = Remote(side, late)
    router = Router(RouterParts(flags, {"ask": Breaker("ask", 5, 30.0)}, pool, records, ledger))
    writes: Any = None
    client = AskClient(router, writes, side, remote)
    shown: list[str] = []
    routed = client.ask(request("payments?"), "visitor", shown.append)
    assert routed.value.trace.model == MODEL
    assert shown[-1] == routed.value.answer
    assert len(model.requests) == 1
    outcomes = [(record.outcome, record.layer) for record in records.comparisons]
    assert outcomes == {Stage.SHADOW: [("match", "")], Stage.LIVE: [("lambda_error", "status")]}.get(stage, [])


def test_what_the_client_offers_for_comparing_and_for_repairs(tmp_path: Path) -> None:
    nothing: Any = None
    side = LegacySides(STORIES, COSINES).ask(tmp_path)
    remote: Any = Remote(side)
    client = AskClient(nothing, nothing, side, remote)
    assert [operation.name for operation in client.operations] == ["generate", "rerank", "match", "history"]
    assert [operation.name for operation in client.writes] == ["append", "forget", "rate"]
    assert {write.key(request("q")) for write in client.writes} == {SESSION}
    alone = AskClient(nothing, nothing, None, remote)
    assert [operation.legacy for operation in (*alone.operations, *alone.writes)] == [None] * 7


# The whole sample, with a model that invents


@pytest.fixture(scope="module")
def sample_search(tmp_path_factory: pytest.TempPathFactory) -> LegacySearch:
    embedder = WordLlamaEmbedder()
    index = ExactIndex(SAMPLE, embedder, tmp_path_factory.mktemp("vectors"))
    gate = QuestionGuard(SAMPLE, load_rules(Settings().nonsense_file))
    return LegacySearch(SAMPLE, embedder, index, gate, "test")


def sample_ask(folder: Path, search: LegacySearch, written_by: AnswerWriter | None = None) -> LegacyAsk:
    return LegacyAsk(
        SAMPLE,
        search.hybrid,
        listing_of(SAMPLE, "test"),
        ConversationStore(folder / "conversations.sqlite3"),
        written_by,
        "test",
    )


def holds(answer: Answer, text: str) -> bool:
    """Whether every figure and client of a text stands in a cited story, checked another way."""
    cited = [SAMPLE.by_id[source.id] for source in answer.sources]
    held = extract_figures("\n".join(line for s in cited for line in (*s.texts(), s.start_date[:4], s.end_date[:4])))
    clients = {s.client for s in SAMPLE.stories if s.client.casefold() not in AGGREGATE_CLIENTS}
    return extract_figures(text) <= held | {str(len(cited))} and {name for name in clients if name in text} <= {
        s.client for s in cited
    }


def test_nothing_ungrounded_is_served_or_shown_while_the_model_invents(
    tmp_path: Path, sample_search: LegacySearch, model: ModelServer
) -> None:
    model.writer = inventing_prose(every=3)
    side = sample_ask(tmp_path, sample_search, writer(tmp_path, model))
    questions = [question for item in SAMPLE.stories for question in item.interview_questions][:60]
    by_model = 0
    for number, question in enumerate(questions):
        shown: list[str] = []
        answer = side.generate(request(question[:2000], number=number), shown.append)
        assert all(holds(answer, text) for text in (answer.answer, *shown)), answer.answer
        assert answer.degraded is not DegradedReason.MODEL_DOWN
        by_model += answer.trace.model == MODEL
    assert len(questions) == 60
    assert by_model > 50
    assert len(model.requests) - len(questions) > 15


# Hidden instructions

IN_QUESTIONS = [item for item in INJECTIONS if item["place"] == "question"]
IN_STORIES = [item for item in INJECTIONS if item["place"] == "story"]


def named(item: dict[str, str]) -> str:
    return item["name"]


def test_there_are_at_least_thirty() -> None:
    assert len({item["text"] for item in INJECTIONS}) >= 30
    assert len(IN_QUESTIONS) >= 15
    assert len(IN_STORIES) >= 15


def assert_no_more_stories_than(stories: int, message: str) -> None:
    """Whatever stands in a question or in a story opens and closes no story, and begins no line of its own."""
    assert re.findall(r"</?story\b", message) == ["<story", "</story"] * stories
    assert len(re.findall(r"[<>]", message)) == 4 * stories
    assert len(re.findall(r"^Question: ", message, re.MULTILINE)) == 1


def assert_only_words(markdown: str) -> None:
    assert not kinds(markdown) & ONLY_WORDS, markdown


@pytest.mark.parametrize("item", IN_QUESTIONS, ids=named)
def test_an_instruction_in_a_question_changes_neither_rules_nor_sources(
    tmp_path: Path, sample_search: LegacySearch, model: ModelServer, item: dict[str, str]
) -> None:
    model.writer = obeying_prose
    answer = sample_ask(tmp_path, sample_search, writer(tmp_path, model)).generate(request(item["text"]))
    without = sample_ask(tmp_path / "silent", sample_search).generate(request(item["text"]))
    assert (answer.sources, answer.gate, answer.trace.ranked) == (without.sources, without.gate, without.trace.ranked)
    for sent in model.requests:
        assert [message["role"] for message in sent["messages"]] == ["system", "user"]
        assert sent["messages"][0]["content"] == SYSTEM
        assert_no_more_stories_than(len(answer.sources), sent["messages"][1]["content"])
    assert_only_words(answer.answer)
    assert not re.search(r"evil\.example|\[9\]|https?:", answer.answer)
    assert holds(answer, answer.answer)


@pytest.mark.parametrize("item", INJECTIONS, ids=named)
def test_a_model_that_obeys_with_an_invented_figure_is_not_served(
    tmp_path: Path, model: ModelServer, item: dict[str, str]
) -> None:
    hidden = item["text"] if item["place"] == "story" else "nothing"
    side = LegacySides(
        [*STORIES, story("e", title="Payments", task=(hidden,), interview_questions=(item["text"],))],
        {**COSINES, "e": 0.85},
    )
    model.writer = inventing_prose(every=1, claim="As told, it saved $987 million [1].")
    question = item["text"] if item["place"] == "question" else "payments?"
    answer = side.ask(tmp_path, writer(tmp_path, model)).generate(request(question, from_suggestion=True))
    assert len(model.requests) == 2
    assert answer.degraded is DegradedReason.PARTLY
    assert answer.answer.endswith(f"[1].\n\n{answer.modes.narrative}")
    assert "987" not in answer.answer


@pytest.mark.parametrize("item", IN_STORIES, ids=named)
def test_an_instruction_in_a_story_stays_within_it(tmp_path: Path, model: ModelServer, item: dict[str, str]) -> None:
    text = item["text"]
    infested = story("infested", title=text, client=text, purpose=text, action=(text,), process=(text,), result=(text,))
    plain = story("plain", title="Payments", client="Acme", result=("40% faster",))
    model.writer = obeying_prose
    side = LegacySides([infested, plain], {"infested": 0.9, "plain": 0.5}).ask(tmp_path, writer(tmp_path, model))
    answer = side.generate(request("payments?", from_suggestion=True))
    assert [source.id for source in answer.sources] == ["infested", "plain"]
    for sent in model.requests:
        system, user = sent["messages"]
        assert system == {"role": "system", "content": SYSTEM}
        assert re.findall(r"<[^<>]*>", user["content"]) == [
            '<story n="1" id="infested">',
            "</story>",
            '<story n="2" id="plain">',
            "</story>",
        ]
        assert re.search(r"Question: payments\?(\n\nYour answer had [^\n]*)?$", user["content"])
    for told in (answer.answer, answer.modes.narrative, answer.modes.key_points, answer.modes.deep_dive):
        assert_only_words(told)

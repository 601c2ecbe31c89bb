"""Answers in-process, step by step: what is searched for, retrieved, ranked, cited, told and traced."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.ask import parity
from backend_clients.ask.in_process.extractive import compose
from backend_clients.ask.in_process.prompt import build_prompt
from backend_clients.ask.in_process.reranker import rerank
from backend_clients.ask.legacy import LegacyAsk
from backend_clients.corpus.question_guard import NonsenseRule
from backend_clients.errors import InvalidRequest, NotFound
from backend_clients.routing.comparison import compare
from backend_clients.routing.observation import Observation
from contracts.ask import (
    Answer,
    AnswerMode,
    AskRequest,
    DegradedReason,
    Modes,
    Reranked,
    RerankRequest,
    ScoredId,
    Trace,
)
from contracts.ask_prompt import SYSTEM
from contracts.conversations import History, HistoryRequest, Turn
from contracts.rules.questions.resolution import mode_word
from contracts.search import SearchFilters, SearchRequest
from contracts.story import Story
from tests.support.builders.stories import story
from tests.support.sides.in_process import SESSION, LegacySides, request, turn

WEATHER = NonsenseRule("weather", re.compile("weather"))
STORIES = [
    story("a", title="Payments engine", client="Acme", purpose="Pay on time", result=("40% faster",)),
    story("b", title="Payments portal", client="Bolt", result=("no figure",)),
    story("c", title="Grid maps", client="Cato", place="Payments street", performance=("3x faster",)),
    story("d", title="Storm room", client="Dune", tags=("payments",)),
]
COSINES = {"a": 0.5, "b": 0.7, "c": 0.4, "d": 0.3}


class Asked:
    """An ask side over four stories, with turns that were kept."""

    def __init__(self, folder: Path, *turns: Turn, cosines: dict[str, float] | None = None) -> None:
        self.sides = LegacySides(STORIES, COSINES if cosines is None else cosines, (WEATHER,))
        self.side: LegacyAsk = self.sides.ask(folder)
        for kept in turns:
            self.side.append(kept)

    def answer(self, question: str, **fields: Any) -> Answer:
        return self.side.generate(request(question, **fields))


# 1. Mode words


@pytest.mark.parametrize(
    ("question", "mode"),
    [
        ("narrative", AnswerMode.NARRATIVE),
        ("  Key   Points. ", AnswerMode.KEY_POINTS),
        ("key_points", AnswerMode.KEY_POINTS),
        ("key-points!?", AnswerMode.KEY_POINTS),
        ("DEEP\nDIVE...", AnswerMode.DEEP_DIVE),
        ("deep - _ dive", AnswerMode.DEEP_DIVE),
        ("deepdive", None),
        ("a deep dive", None),
        ("narrative please", None),
        ("", None),
        ("?", None),
    ],
)
def test_a_mode_word_is_a_modes_name_and_nothing_else(question: str, mode: AnswerMode | None) -> None:
    assert mode_word(question) is mode


@pytest.mark.parametrize(
    ("word", "mode", "text"),
    [
        ("narrative", AnswerMode.NARRATIVE, "Answer 2."),
        ("Key points", AnswerMode.KEY_POINTS, "Points 2."),
        ("deep-dive!", AnswerMode.DEEP_DIVE, "Depth 2."),
    ],
)
def test_a_mode_word_tells_the_last_answer_again_without_searching(
    tmp_path: Path, word: str, mode: AnswerMode, text: str
) -> None:
    asked = Asked(tmp_path, turn(1), turn(2, degraded=DegradedReason.UNGROUNDED))
    answer = asked.answer(word, mode=AnswerMode.KEY_POINTS)
    assert (answer.answer, answer.mode, answer.turn_id) == (text, mode, "turn-0099")
    assert (answer.modes, answer.sources) == (turn(2).modes, turn(2).sources)
    assert (answer.gate.passed, answer.trace, answer.degraded) == (True, Trace(), DegradedReason.UNGROUNDED)
    assert asked.sides.index.asked == []


@pytest.mark.parametrize(
    "turns", [(), (turn(1), turn(2, sources=(), refused="low_overlap")), (turn(1), turn(2, sources=()))]
)
def test_without_an_answer_to_tell_again_a_mode_word_is_a_question(tmp_path: Path, turns: tuple[Turn, ...]) -> None:
    asked = Asked(tmp_path, *turns)
    answer = asked.answer("key points")
    assert answer.trace.query == "key points"
    assert asked.sides.index.asked == [100]


# 2. Follow-ups


def test_the_last_six_turns_are_looked_at(tmp_path: Path) -> None:
    turns = [turn(1, question="Grid"), *(turn(number, question="why?", refused="x") for number in range(2, 8))]
    assert Asked(tmp_path, *turns).answer("and why?").trace.query == "and why?"
    assert Asked(tmp_path / "six", *turns[:6]).answer("and why?").trace.query == "Grid and why?"


# 3. A locked story


def test_a_locked_story_alone_answers(tmp_path: Path) -> None:
    answer = Asked(tmp_path).answer("payments", story_id="c")
    assert [source.id for source in answer.sources] == ["c"]
    assert [item.id for item in answer.trace.retrieved] == ["c"]
    assert answer.trace.retrieved[0].score == pytest.approx(1)  # it has all words of the question
    assert answer.modes == compose([STORIES[2]], answer.modes.narrative)
    assert answer.modes.narrative == "**Grid maps** (Cato): 3x faster. [1]"
    assert build_prompt("payments", [STORIES[2]], ()).digest == answer.trace.prompt_hash


def test_a_locked_story_that_search_does_not_find_answers_with_a_match_of_nothing(tmp_path: Path) -> None:
    answer = Asked(tmp_path, cosines={"a": 0.5, "d": 0.0}).answer("unheard words", story_id="d")
    assert [(source.id, source.match) for source in answer.sources] == [("d", 0)]
    assert answer.trace.retrieved == (ScoredId(id="d", score=0.0),)


def test_a_locked_story_answers_also_where_filters_or_doubts_leave_nothing(tmp_path: Path) -> None:
    asked = Asked(tmp_path, cosines={})
    assert asked.answer("unheard words").gate.reason == "unknown_topic"
    assert [source.id for source in asked.answer("unheard words", story_id="a").sources] == ["a"]
    nobody = SearchFilters(clients=("Nobody",))
    assert [source.id for source in asked.answer("payments", story_id="a", filters=nobody).sources] == ["a"]


def test_a_rule_refuses_a_question_about_a_locked_story_too(tmp_path: Path) -> None:
    answer = Asked(tmp_path).answer("weather", story_id="a")
    assert (answer.gate.reason, answer.sources) == ("rule:weather", ())


def test_an_unknown_story_is_not_found(tmp_path: Path) -> None:
    for question in ("payments", "weather"):
        asked = Asked(tmp_path)
        with pytest.raises(NotFound, match="there is no story with this id") as raised:
            asked.answer(question, story_id="nowhere")
        assert raised.value.corpus_version == asked.answer("payments").corpus_version


def test_a_question_whose_turn_is_kept_is_answered_from_the_turns_before_it(tmp_path: Path) -> None:
    """As a comparison or a retry finds it."""
    earlier = [turn(number, answer="Grid maps told. [1]") for number in range(1, 9)]
    asked = Asked(tmp_path, *earlier)
    first = asked.answer("which one was longer?", number=50)
    for later in (turn(50), turn(51, question="What of storms?")):
        asked.side.append(later)
        assert parity.answer_layers(asked.answer("which one was longer?", number=50)) == parity.answer_layers(first)
    assert parity.answer_layers(asked.answer("which one was longer?", number=60)) != parity.answer_layers(first)


# 4. Retrieval and refusals


@pytest.mark.parametrize(("question", "reason"), [("weather payments", "rule:weather"), ("unheard", "unknown_topic")])
def test_a_refused_question_has_a_reason_and_nothing_else(tmp_path: Path, question: str, reason: str) -> None:
    answer = Asked(tmp_path, turn(1, question="payments"), cosines={}).answer(question)
    assert (answer.gate.passed, answer.gate.reason) == (False, reason)
    assert (answer.answer, answer.modes, answer.sources) == (answer.gate.answer, Modes(), ())
    assert answer.trace == Trace(query=question)


def test_a_question_about_the_profile_is_answered_from_it_and_from_no_story(tmp_path: Path) -> None:
    for question, reason in (("How can I contact her?", "profile:contact"), ("How old is she?", "personal")):
        for story_id in (None, "a"):
            answer = Asked(tmp_path).answer(question, story_id=story_id)
            assert (answer.gate.reason, answer.sources, answer.answer) == (reason, (), answer.gate.answer)
            assert answer.answer


def test_what_no_story_suggests_is_no_way_around_the_gate(tmp_path: Path) -> None:
    answer = Asked(tmp_path).answer("weather", from_suggestion=True)
    assert not answer.gate.passed
    assert not answer.sources


def test_ten_stories_are_retrieved_in_searchs_order(tmp_path: Path) -> None:
    stories = [story(f"s{number:02d}", title="payments") for number in range(15)]
    sides = LegacySides(stories, {item.id: 0.9 - number / 100 for number, item in enumerate(stories)})
    answer = sides.ask(tmp_path).generate(request("payments"))
    assert [item.id for item in answer.trace.retrieved] == [item.id for item in stories[:10]]
    assert [item.score for item in answer.trace.retrieved] == sorted(
        (item.score for item in answer.trace.retrieved), reverse=True
    )
    assert len(answer.trace.ranked) == 10
    assert len(answer.sources) == 3


@pytest.mark.parametrize(
    ("close", "text"),
    [
        (1, "No story matches these filters. Without them there is 1."),
        (2, "No story matches these filters. Without them there are 2."),
        (4, "No story matches these filters. Without them there are 4."),
    ],
)
def test_when_filters_leave_nothing_the_answer_says_how_many_there_are_without(
    tmp_path: Path, close: int, text: str
) -> None:
    asked = Asked(tmp_path, cosines={item.id: 0.5 for item in STORIES[:close]})
    answer = asked.answer("teamwork", filters=SearchFilters(clients=("Nobody",)))
    assert (answer.answer, answer.modes, answer.sources, answer.gate.passed) == (text, Modes(), (), True)
    assert answer.trace == Trace(query="teamwork")


def test_filters_limit_the_sources(tmp_path: Path) -> None:
    answer = Asked(tmp_path).answer("payments", filters=SearchFilters(clients=("Acme", "Dune")))
    assert {source.id for source in answer.sources} == {"a", "d"}


# 5. Reranking


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ({"title": "Payments portal"}, {"heading": 1.2}),
        ({"client": "Payments Inc"}, {"heading": 0.6}),
        ({"category": "Payments", "sub_category": "Portal"}, {"heading": 1.2}),
        ({"place": "Portal"}, {"heading": 0.6}),
        ({"tags": ("Payments", "PORTAL")}, {"tags": 1.0}),
        ({"process": ("payments",), "purpose": "portal"}, {"detail": 0.4}),
        ({"performance": ("payments",)}, {"detail": 0.2}),
        (
            {"title": "payments", "tags": ("payments",), "purpose": "payments"},
            {"heading": 0.6, "tags": 0.5, "detail": 0.2},
        ),
        ({"result": ("40% faster",)}, {"metric": 1.0, "no_hit": -0.4}),
        ({"result": ("40% faster",), "title": "payments"}, {"metric": 1.0, "heading": 0.6}),
        ({"purpose": "40% faster"}, {"no_hit": -0.4}),
        ({"action": ("payments portal",), "role": "payments"}, {"no_hit": -0.4}),
    ],
)
def test_the_parts_of_a_storys_score(fields: dict[str, Any], parts: dict[str, float]) -> None:
    (ranked,) = rerank("Payments payments portal", [story(**fields)])
    given_parts = {"metric": 0.0, "heading": 0.0, "tags": 0.0, "detail": 0.0, "no_hit": 0.0, **parts}
    assert ranked.model_dump(exclude={"id", "score"}) == given_parts
    assert ranked.score == round(sum(parts.values()), 6)


def test_the_first_stays_first_and_ties_go_by_retrieval() -> None:
    stories = [
        story("last"),
        story("plain"),
        story("metric", result=("40% up",)),
        story("z", title="payments"),
        story("y", title="payments"),
    ]
    assert [item.id for item in rerank("payments", stories)] == ["last", "metric", "z", "y", "plain"]


WORDS = st.sampled_from(["payments", "cloud", "grid", "bank"])
RANKABLE = st.builds(
    lambda number, title, tags, result, purpose: story(
        f"s{number}", title=title, tags=tuple(tags), result=result, purpose=purpose
    ),
    st.integers(0, 10**9),
    WORDS,
    st.lists(WORDS, unique=True, max_size=3),
    st.sampled_from([(), ("4x",)]),
    st.sampled_from(["", "grid cloud"]),
)


@given(st.lists(WORDS, min_size=1, max_size=4).map(" ".join), st.lists(RANKABLE, min_size=1, max_size=8))
def test_any_ranking_is_in_order_and_adds_up(question: str, stories: list[Story]) -> None:
    ranked = rerank(question, stories)
    assert sorted(item.id for item in ranked) == sorted(item.id for item in stories)
    assert ranked[0].id == stories[0].id
    assert [item.score for item in ranked[1:]] == sorted((item.score for item in ranked[1:]), reverse=True)
    for item in ranked:
        parts = (item.metric, item.heading, item.tags, item.detail, item.no_hit)
        assert item.score == pytest.approx(sum(parts), abs=1e-9)
        assert (item.no_hit == -0.4) == (item.heading == item.tags == item.detail == 0)


def test_rerank_ranks_the_given_candidates_with_the_question_as_it_is(tmp_path: Path) -> None:
    candidates = tuple(ScoredId(id=name, score=0.1) for name in ("d", "b", "a"))
    answer = Asked(tmp_path, turn(1)).side.rerank(RerankRequest(question="payments", candidates=candidates))
    assert [item.id for item in answer.ranked] == ["d", "a", "b"]
    assert answer.corpus_version


def test_rerank_names_candidates_when_a_story_does_not_exist(tmp_path: Path) -> None:
    candidates = (ScoredId(id="a", score=0.1), ScoredId(id="nowhere", score=0.1))
    with pytest.raises(InvalidRequest) as raised:
        Asked(tmp_path).side.rerank(RerankRequest(question="payments", candidates=candidates))
    assert [field.path for field in raised.value.fields] == ["candidates"]


# 6 to 9. Sources, modes, text, trace


@pytest.mark.parametrize(
    ("cosine", "match"), [(0.5, 50), (0.505, 51), (0.5049, 50), (0.0051, 1), (-0.3, 0), (1.0, 100), (1.4, 100)]
)
def test_a_match_is_a_rounded_percentage_within_0_and_100(tmp_path: Path, cosine: float, match: int) -> None:
    sides = LegacySides([story("a", performance=("unasked",))], {"a": 0.5})
    found = sides.search.hybrid(SearchRequest(query="question", from_suggestion=True))
    scored = found.model_copy(update={"hits": (found.hits[0].model_copy(update={"semantic": cosine}),)})
    sides.search.hybrid = lambda _: scored  # type: ignore[method-assign]
    answer = sides.ask(tmp_path).generate(request("question", story_id="a", from_suggestion=True))
    assert [source.match for source in answer.sources] == [match]


def test_what_comes_less_close_than_the_floor_is_no_source(tmp_path: Path) -> None:
    sides = LegacySides([story("a"), story("b")], {"a": 0.16, "b": 0.14})
    answer = sides.ask(tmp_path).generate(request("question", from_suggestion=True))
    assert [(source.id, source.closeness) for source in answer.sources] == [("a", "related")]


def test_the_first_three_of_the_ranking_are_cited_in_its_order(tmp_path: Path) -> None:
    answer = Asked(tmp_path).answer("payments")
    ranked = [item.id for item in answer.trace.ranked]
    assert ranked[0] == answer.trace.retrieved[0].id == "b"
    assert [(source.number, source.id) for source in answer.sources] == [*zip((1, 2, 3), ranked[:3], strict=True)]
    assert (answer.sources[0].title, answer.sources[0].client) == ("Payments portal", "Bolt")
    assert len(ranked) == 4


@pytest.mark.parametrize("mode", AnswerMode)
def test_the_answer_is_the_text_of_the_asked_mode(tmp_path: Path, mode: AnswerMode) -> None:
    answer = Asked(tmp_path).answer("payments", mode=mode)
    by_id = {item.id: item for item in STORIES}
    assert answer.modes == compose([by_id[source.id] for source in answer.sources], answer.modes.narrative)
    assert (answer.answer, answer.mode) == (getattr(answer.modes, mode.value), mode)
    assert (answer.trace.model, answer.degraded) == ("extractive", DegradedReason.NO)


def test_the_prompt_holds_rules_stories_conversation_and_question(tmp_path: Path) -> None:
    told = story(
        "x|y",
        title="Payments  engine",
        client="Acme",
        category="Pay",
        sub_category="Cards",
        role="Lead",
        start_date="2006-02",
        end_date="2007-03",
        purpose="- Pay",
        situation=("- slow", "  - very"),
        performance=("40%",),
    )
    history = [turn(1, question="What\n is it?", answer="x\n" * 400), turn(2, refused="low_overlap")]
    prompt = build_prompt(" Which\tcards? ", [told, story("z")], history)
    assert prompt.system == SYSTEM
    assert prompt.user == (
        '<story n="1" id="x|y">\nTitle: Payments engine\nClient: Acme\nDomain: Pay / Cards\nRole: Lead\n'
        "Dates: 2006-02 - 2007-03\nPurpose: Pay\nSituation: slow very\nPerformance: 40%\n</story>\n"
        '<story n="2" id="z">\n\n</story>\n\n'
        f"Earlier in this conversation:\nQ: What is it?\nA: {('x ' * 250)}\n\n"
        "Question: Which cards?"
    )


def test_without_a_conversation_its_part_is_left_out() -> None:
    assert build_prompt("q?", [story("a")], [turn(1, refused="x")]).user.endswith("</story>\n\nQuestion: q?")


def test_the_prompt_of_an_answer_is_the_one_that_is_hashed(tmp_path: Path) -> None:
    turns = [turn(1, question="Cards?"), turn(2, question="tell me a joke", refused="low_overlap")]
    answer = Asked(tmp_path, *turns).answer("payments")
    by_id = {item.id: item for item in STORIES}
    prompt = build_prompt("payments", [by_id[source.id] for source in answer.sources], turns)
    assert answer.trace.prompt_hash == prompt.digest
    assert len(prompt.digest) == 64


@given(
    st.lists(st.sampled_from(["</story>", "<story n=", "<", ">", "\uff1c/story\uff1e", "x", '"', "\n"])).map("".join)
)
def test_a_story_cannot_close_its_fence(text: str) -> None:
    hostile = story("a", title=text, client=text, purpose=text, role=text, action=(text, text))
    user = build_prompt("q?", [hostile, hostile], ()).user
    assert re.findall(r"<[^<>]*>", user) == ['<story n="1" id="a">', "</story>", '<story n="2" id="a">', "</story>"]
    assert user.count("<") == user.count(">") == 4


# Conversations through the side


def test_turns_are_kept_read_rated_and_forgotten(tmp_path: Path) -> None:
    side = Asked(tmp_path).side
    assert (side.append(turn(1)).created, side.append(turn(1)).created) == (True, False)
    read = side.history(HistoryRequest(session_id=SESSION))
    assert (read.turns, read.next_before, read.code_version) == ((turn(1),), "", "test")


# What is compared


def layer_of(one: Any, other: Any, view: Any = parity.answer_layers) -> str:
    comparison = compare(view, Observation(1.0, value=one), Observation(1.0, value=other))
    return comparison.layer if comparison.outcome == "mismatch" else comparison.outcome.value


def test_the_first_layer_that_differs_is_named(tmp_path: Path) -> None:
    answer = Asked(tmp_path).answer("payments")

    def but(**fields: Any) -> Answer:
        return answer.model_copy(update=fields)

    def traced(**fields: Any) -> Answer:
        return but(trace=answer.trace.model_copy(update=fields), answer="other")

    assert layer_of(answer, answer) == "match"
    assert layer_of(answer, but(gate=answer.gate.model_copy(update={"reason": "x"}), answer="other")) == "gate"
    assert layer_of(answer, traced(query="other")) == "retrieved"
    assert layer_of(answer, traced(ranked=())) == "ranked"
    assert layer_of(answer, traced(prompt_hash="0")) == "prompt"
    assert layer_of(answer, but(modes=Modes(), answer="other")) == "modes"
    assert layer_of(answer, but(sources=(), answer="other")) == "citations"
    assert layer_of(answer, but(answer="other")) == "text"
    assert layer_of(answer, but(turn_id="turn-other", code_version="other")) == "match"


def test_prose_of_a_model_is_not_compared(tmp_path: Path) -> None:
    answer = Asked(tmp_path).answer("payments")
    trace = answer.trace.model_copy(update={"model": "some-model"})
    one, other = (answer.model_copy(update={"answer": text, "trace": trace}) for text in ("this", "that"))
    assert layer_of(one, other) == "match"
    assert layer_of(one, answer) == layer_of(answer, one) == "match"


def test_conversations_and_rankings_are_compared_whole(tmp_path: Path) -> None:
    stamp = {"corpus_version": "v", "code_version": "c"}
    one = History(turns=(turn(1),), next_before="x", **stamp)
    assert layer_of(one, one.model_copy(update={"turns": (turn(2),)}), parity.history_layers) == "turns"
    assert layer_of(one, one.model_copy(update={"next_before": ""}), parity.history_layers) == "cursor"
    ranked = Reranked(ranked=tuple(rerank("payments", STORIES)), **stamp)
    assert layer_of(ranked, ranked, parity.reranked_layers) == "match"
    assert (
        layer_of(ranked, ranked.model_copy(update={"ranked": ranked.ranked[::-1]}), parity.reranked_layers) == "ranked"
    )


def test_a_request_of_any_shape_that_the_contract_lets_through_is_answered(tmp_path: Path) -> None:
    asked = Asked(tmp_path)
    for question in ("?", "a" * 2000, "\t\n x", "👍", "<b>", "\u202e", "payments " * 222):
        answer = asked.side.generate(AskRequest(question=question, session_id=SESSION, turn_id="turn-0001"))
        assert answer.trace.query == " ".join(question.split())[-500:].strip()

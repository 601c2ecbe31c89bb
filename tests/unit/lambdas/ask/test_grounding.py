"""Grounding: what a model writes becomes plain words, and what the cited stories do not hold is found."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from contracts.ask import Answer, AskRequest, DegradedReason
from contracts.ask_prompt import SYSTEM
from contracts.industries import AGGREGATE_CLIENTS
from contracts.rules.figures import extract_figures
from contracts.rules.prose.grounding import GroundingSources
from contracts.rules.questions.resolution import about_one_story
from contracts.story import Story
from contracts.story_file import read_stories
from lambdas.ask.answers.aggregate_answers import Material
from lambdas.ask.answers.grounding_context import GroundingContextReader
from lambdas.ask.answers.narrative import narrate
from lambdas.ask.answers.plain_text import as_markdown, plain_prose
from lambdas.common.http.service_client import CallContext
from tests.support.builders.stories import SAMPLE_FILE
from tests.support.servers.model_server import ModelServer, inventing_prose, obeying_prose, running_model
from tests.support.stacks.ask import SESSION, FakeAskStack, new_ask_stack, stories_of
from tests.support.stacks.ask_apis import FakeApis, running_apis

CALLER = CallContext("request-1")
SAMPLE = read_stories(SAMPLE_FILE).stories
INJECTIONS = yaml.safe_load((Path(__file__).resolve().parents[3] / "data" / "injections.yaml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("prose", "plain"),
    [
        ("Plain words [1], and more [2].", "Plain words [1], and more [2]."),
        ("Out of range [0] [3] [99] [1].", "Out of range [1]."),
        ("Several [1, 2] or [2; 7].", "Several [1][2] or [2]."),
        ("A [link](https://evil.example) and [more](<https://e.x> 'title').", "A link and more."),
        ("An ![image](https://evil.example/x_(1).png) and ![ref][r].", "An and ."),
        ("See [the report][r].\n\n[r]: https://evil.example", "See the report."),
        ("Marks [1][2] are no links.", "Marks [1][2] are no links."),
        ("[1]: https://evil.example 'x'\nWords.", "Words."),
        ("Go to https://evil.example/a?b=c, or www.evil.example.", "Go to or"),
        ("Mail me@evil.example or mailto:me@evil.example now", "Mail or now"),
        ("<https://evil.example> <b>bold</b><br/>", "bold"),
        ("&lt;script&gt; &amp;lt;b&amp;gt; 4&#48;%", "40%"),
        ("**Bold**, _it_, __both__, `code`, ~~gone~~, snake_case", "Bold, it, both, code, gone, snake_case"),
        ("# Heading\nwords\n===\nmore\n---\n", "Heading\nwords\n\nmore"),
        ("I\u200bn\u202ev\u2060is\u00adible \U000e0041", "Invisible"),
        (r"\[x\](https://evil.example) \$5", "x $5"),
        ("a\n\n\n\n\nb\n    code", "a\n\nb\ncode"),
    ],
)
def test_prose_becomes_plain_words(prose: str, plain: str) -> None:
    found = re.sub(r"\s+([.,])", r"\1", plain_prose(prose, 2))
    assert re.sub(r" +", " ", found) == re.sub(r"\s+([.,])", r"\1", plain)


def test_plain_words_are_escaped_and_marks_are_not() -> None:
    assert as_markdown("saved $5 [1] *x* <b> [2]") == r"saved \$5 [1] \*x\* \<b\> [2]"


NASTY = st.lists(
    st.sampled_from(
        [
            *(
                "[",
                "]",
                "(",
                ")",
                "!",
                "<",
                ">",
                "`",
                "\\",
                "*",
                "_",
                "#",
                "|",
                "~",
                "$",
                "\n",
                " ",
                "&lt;",
                "&#91;",
                ":",
            ),
            *(
                "x",
                "[1]",
                "[2]",
                "[9]",
                "https://evil.example",
                "www.evil.example",
                "a@evil.example",
                "![",
                "](",
                "]: ",
            ),
            *("<img src=x>", "\u200b", "&#33;", "javascript:", "\t", "- ", "1. ", "===", "    "),
        ]
    ),
    max_size=25,
).map("".join)


@given(NASTY)
def test_no_prose_renders_as_more_than_words(prose: str) -> None:
    assert_only_words(as_markdown(plain_prose(prose, 2)))


@given(NASTY)
def test_making_prose_plain_is_done_once(prose: str) -> None:
    plain = plain_prose(prose, 2)
    assert set(re.findall(r"\[\d+\]", plain)) <= {"[1]", "[2]"}
    assert extract_figures(as_markdown(plain)) == extract_figures(plain)


def test_a_flood_of_prose_is_cut() -> None:
    for piece in ("a", "![", "[", "<", "a.", "\\", "&#91;", "(", "*", "[1]"):
        assert len(plain_prose(piece * 1_000_000, 3)) <= 8000


def assert_only_words(markdown: str) -> None:
    """Neither CommonMark nor the addresses that GitHub's Markdown adds to it make a link, an image or HTML of it."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
    kinds = {token.type for block in tokens for token in (block, *(block.children or ()))}
    assert not kinds & {"link_open", "image", "html_block", "html_inline", "code_block", "fence", "code_inline"}, (
        markdown
    )
    assert not re.search(r"(?i)\b(https?://|www\.)\S|\w@\w", markdown), markdown


CITED = (
    Story(id="a", title="Payments", client="Halvern National Bank", result=("40% faster",), start_date="2006-02"),
    Story(id="b", client="Bolt", scope="12 countries", end_date="2011-05", action=("Moved off Oracle.",)),
)
CLIENTS = ("Oracle", "Halvern National Bank", "Halvern", "Bolt", "Target", "Acme & Sons", "Multiple Clients", "adidas")


@pytest.mark.parametrize(
    ("prose", "offenders"),
    [
        ("40% faster in 12 countries, from 2006 to 2011, in 2 stories [1].", []),
        ("forty percent faster in a dozen countries", []),
        ("41% faster", ["41%"]),
        ("40 engineers in 3 countries", ["3", "40"]),
        ("since 2007", ["2007"]),
        ("1. First [1]\n2. Second [2]", []),
        ("at Halvern National Bank and at BOLT", []),
        ("at Halvern", ["Halvern"]),
        ("at Halvern and Halvern National Bank", ["Halvern"]),
        ("at Acme & Sons, or acme  & sons", ["Acme & Sons"]),
        ("for Target", ["Target"]),
        ("on target, a targeted approach, Targets", ["Targets"]),
        ("for multiple clients", []),
        ("for adidas", ["adidas"]),
        ("at Acme and Sons, at Halvern-National Bank", ["Acme & Sons"]),
        ("for Tar\u200bget", ["Target"]),
        ("a third of the volume, or 10-20% more", ["1/3", "10%", "20%"]),
        ("on Oracle databases", []),
        ("boltless Boltons", ["Boltons"]),
        ("It saved $987 million for Target.", ["$987000000", "Target"]),
    ],
)
def test_what_the_cited_stories_do_not_hold(prose: str, offenders: list[str]) -> None:
    assert GroundingSources(CITED, CLIENTS).offenders(prose) == offenders


@pytest.mark.parametrize("clients", [5, 250])
def test_every_client_of_the_corpus_is_known(clients: int) -> None:
    corpus = [Story(id=f"{n}", client=f"Client {n:03}") for n in range(clients)]
    with running_apis(corpus) as apis:
        names = GroundingContextReader(stories_of(apis))
        assert names.of("v1", CALLER).clients == {story.client for story in corpus}
        calls = len(apis.calls)
        names.of("v1", CALLER)
        assert len(apis.calls) == calls
        names.of("v2", CALLER)
        assert len(apis.calls) > calls


@pytest.fixture(scope="module")
def stack() -> FakeAskStack:
    return new_ask_stack()


@pytest.fixture(scope="module")
def apis() -> Iterator[FakeApis]:
    with running_apis(SAMPLE) as running:
        yield running


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with running_model() as running:
        yield running


def holds(answer: Answer) -> bool:
    """Whether every figure and every client of an answer stands in a story it cites, checked another way."""
    cited = [story for story in SAMPLE if story.id in {source.id for source in answer.sources}]
    held = extract_figures("\n".join(text for s in cited for text in (*s.texts(), s.start_date[:4], s.end_date[:4])))
    named = {s.client for s in SAMPLE if s.client.casefold() not in AGGREGATE_CLIENTS and s.client in answer.answer}
    return extract_figures(answer.answer) <= held | {"3"} and named <= {story.client for story in cited}


def test_nothing_ungrounded_is_served_while_the_model_invents(
    stack: FakeAskStack, apis: FakeApis, model: ModelServer
) -> None:
    model.writer = inventing_prose(every=3)
    service = stack.answers(apis, stack.author(apis, model))
    questions = [question for story in SAMPLE for question in story.interview_questions][:60]
    outcomes = []
    for number, question in enumerate(questions):
        request = AskRequest(question=question[:2000], session_id=SESSION, turn_id=f"turn-{number:08d}")
        answer = service.generate(request, CALLER)
        assert holds(answer), answer.answer
        outcomes.append((answer.trace.model, answer.degraded))
    retried = len(model.requests) - len(questions)
    assert retried > len(questions) / 4
    assert sum(model == "fake-model" for model, _ in outcomes) > len(questions) / 2
    assert not any(degraded is DegradedReason.MODEL_DOWN for _, degraded in outcomes)


@pytest.mark.parametrize("story", SAMPLE, ids=lambda story: story.id)
def test_a_composed_narrative_is_grounded(story: Story) -> None:
    others = [other for other in SAMPLE if other is not story][:2]
    cited = [story, *others]
    question = "Tell me about a time you failed"
    told = narrate(Material(question, about_one_story(question, {}), cited))
    evidence = GroundingSources(cited, {other.client for other in SAMPLE})
    assert evidence.offenders(plain_prose(told, len(cited))) == []


QUESTIONS = [item for item in INJECTIONS if item["place"] == "question"]
STORIES = [item for item in INJECTIONS if item["place"] == "story"]


def named(item: dict[str, Any]) -> str:
    return str(item["name"])


def test_there_are_enough_injections() -> None:
    assert len(INJECTIONS) >= 30
    assert len({item["name"] for item in INJECTIONS}) == len(INJECTIONS)


@pytest.mark.parametrize("item", QUESTIONS, ids=named)
def test_an_instruction_in_a_question_changes_neither_rules_nor_sources(
    stack: FakeAskStack, apis: FakeApis, model: ModelServer, item: dict[str, Any]
) -> None:
    model.writer = obeying_prose
    request = AskRequest(question=item["text"], session_id=SESSION, turn_id="turn-00000001")
    answer = stack.answers(apis, stack.author(apis, model)).generate(request, CALLER)
    silent = stack.answers(apis).generate(request, CALLER)
    assert (answer.sources, answer.trace.ranked) == (silent.sources, silent.trace.ranked)
    assert {source.id for source in answer.sources} <= set(apis.stories)
    assert all(sent["messages"][0] == {"role": "system", "content": SYSTEM} for sent in model.requests)
    assert all([m["role"] for m in sent["messages"]] == ["system", "user"] for sent in model.requests)
    for sent in model.requests:
        user = sent["messages"][1]["content"]
        assert re.findall(r"<[^<>]*", user) == [
            piece
            for n, source in enumerate(answer.sources, 1)
            for piece in (f'<story n="{n}" id="{source.id}"', "</story")
        ]
        assert len(re.findall(r"^Question: ", user, re.MULTILINE)) == 1
    assert_only_words(answer.answer)
    assert_only_words(silent.answer)
    assert not re.search(r"evil\.example|\[9\]|https?:", answer.answer)


@pytest.mark.parametrize("item", INJECTIONS, ids=named)
def test_a_model_that_obeys_with_an_invented_figure_is_not_served(
    stack: FakeAskStack, model: ModelServer, item: dict[str, Any]
) -> None:
    in_story = item["place"] == "story"
    infested = Story(id="e", title="Payments", task=(item["text"] if in_story else "nothing",))
    model.writer = inventing_prose(every=1, claim="As told, it saved $987 million [1].")
    question = "payments?" if in_story else item["text"]
    with running_apis([infested, *CITED]) as apis:
        apis.only_hits = tuple((story.id, 0.9) for story in (infested, *CITED))
        request = AskRequest(question=question, session_id=SESSION, turn_id="turn-00000001", from_suggestion=True)
        answer = stack.answers(apis, stack.author(apis, model)).generate(request, CALLER)
    assert len(model.requests) == 2
    assert answer.degraded is DegradedReason.PARTLY
    assert answer.answer.endswith(f"[1].\n\n{answer.modes.narrative}")
    assert "987" not in answer.answer


@pytest.mark.parametrize("item", STORIES, ids=named)
def test_an_instruction_in_a_story_stays_within_it(
    stack: FakeAskStack, model: ModelServer, item: dict[str, Any]
) -> None:
    text = item["text"]
    infested = Story(
        id="infested|x", title=text, client=text, purpose=text, action=(text,), process=(text,), result=(text,)
    )
    plain = Story(id="plain|x", title="Payments", client="Acme", result=("40% faster",))
    model.writer = obeying_prose
    with running_apis([infested, plain]) as apis:
        apis.only_hits = (("infested|x", 0.9), ("plain|x", 0.5))
        request = AskRequest(question="payments?", session_id=SESSION, turn_id="turn-00000001")
        answer = stack.answers(apis, stack.author(apis, model)).generate(request, CALLER)
    assert [source.id for source in answer.sources] == ["infested|x", "plain|x"]
    for sent in model.requests:
        system, user = sent["messages"]
        assert system == {"role": "system", "content": SYSTEM}
        assert re.findall(r"<story n=\S+ id=\S+>|</story>|<", user["content"]) == [
            '<story n="1" id="infested|x">',
            "</story>",
            '<story n="2" id="plain|x">',
            "</story>",
        ]
        assert user["content"].endswith("Question: payments?") or "Your answer had" in user["content"]
    if answer.trace.model == "fake-model":
        assert_only_words(answer.answer)
    else:
        assert_renders_no_html(answer.answer)
    for mode in (answer.modes.narrative, answer.modes.key_points, answer.modes.deep_dive):
        assert_renders_no_html(mode)


def assert_renders_no_html(markdown: str) -> None:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
    kinds = {token.type for block in tokens for token in (block, *(block.children or ()))}
    assert not kinds & {"link_open", "image", "html_block", "html_inline", "fence", "code_inline"}, markdown

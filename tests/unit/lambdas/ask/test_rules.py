"""The rules of an answer, step by step: what is searched for, how stories rank, what is composed, what a model gets."""

import hashlib
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.ask import AnswerMode, RankedStory
from contracts.ask_prompt import SYSTEM
from contracts.conversations import Turn
from contracts.rules.questions.generic_words import stem, telling_stems
from contracts.rules.questions.resolution import mode_word
from contracts.rules.tokens import tokens
from contracts.story import Story
from lambdas.ask.answers.extractive import compose
from lambdas.ask.answers.markdown import clean, escaped, sentence
from lambdas.ask.answers.prompt import build_prompt
from lambdas.ask.retrieval.reranker import Words, rank
from lambdas.ask.retrieval.retriever import RetrievedStory
from tests.support.builders.story_corpora import stories
from tests.support.stacks.ask import turn


@pytest.mark.parametrize(
    ("typed", "mode"),
    [
        ("narrative", AnswerMode.NARRATIVE),
        ("  Narrative. ", AnswerMode.NARRATIVE),
        ("key points", AnswerMode.KEY_POINTS),
        ("KEY_POINTS!?", AnswerMode.KEY_POINTS),
        ("key\t - points", AnswerMode.KEY_POINTS),
        ("Deep-dive...", AnswerMode.DEEP_DIVE),
        ("deep\ndive", AnswerMode.DEEP_DIVE),
        ("deepdive", None),
        ("a deep dive", None),
        ("deep dive please", None),
        ("?", None),
    ],
)
def test_a_mode_is_named_alone(typed: str, mode: AnswerMode | None) -> None:
    assert mode_word(typed) is mode


def test_parts_of_a_score() -> None:
    story = Story(
        id="a",
        title="Payments platform for payments",
        client="Acme",
        place="Berlin",
        category="Treasury",
        tags=("Payments", "Cloud native"),
        process=("moved treasury in waves",),
        performance=("saved 40%",),
        purpose="platform",
    )
    query = "payments PAYMENTS treasury platform cloud it"
    expected = RankedStory(id="a", score=4.2, metric=1.0, heading=1.8, tags=1.0, detail=0.4)
    assert rank(query, [("a", Words.of(story))]) == (expected,)


def test_a_story_without_a_hit_is_set_back() -> None:
    words = Words.of(Story(id="a", result=("40% faster",), title="Payments"))
    assert rank("nothing", [("a", words)]) == (RankedStory(id="a", score=0.6, metric=1.0, no_hit=-0.4),)
    assert rank("", [("a", words)])[0].no_hit == -0.4


def test_the_first_retrieved_stays_first_and_ties_keep_their_order() -> None:
    retrieved = {
        "best-of-search": Story(id="1"),
        "b": Story(id="b", title="cloud"),
        "c": Story(id="c", title="cloud payments"),
        "a": Story(id="a", title="cloud"),
    }
    ranked = rank("cloud payments", [(key, Words.of(story)) for key, story in retrieved.items()])
    assert [story.id for story in ranked] == ["best-of-search", "c", "b", "a"]


@given(st.lists(stories(), min_size=1, max_size=6), st.text(alphabet=string.ascii_lowercase + " +#-."))
def test_scores_add_up_by_the_rules(corpus: list[Story], query: str) -> None:
    ranked = rank(query, [(str(place), Words.of(story)) for place, story in enumerate(corpus)])
    assert sorted(story.id for story in ranked) == sorted(str(place) for place in range(len(corpus)))
    assert ranked[0].id == "0"
    order = [(-story.score, int(story.id)) for story in ranked[1:]]
    assert order == sorted(order)
    wanted = telling_stems(tokens(query))
    for story in ranked:
        source = corpus[int(story.id)]
        heading = {stem(word) for word in tokens(" ".join((source.title, source.client, source.domain, source.place)))}
        assert story.heading == round(0.6 * len(wanted & heading), 6)
        assert story.tags == round(0.5 * len(wanted & {stem(t) for tag in source.tags for t in tokens(tag)}), 6)
        assert story.score == round(story.metric + story.heading + story.tags + story.detail + story.no_hit, 6)
        assert (story.no_hit == -0.4) == (story.heading == story.tags == story.detail == 0)


@pytest.mark.parametrize(
    ("score", "match"),
    [(0.0, 0), (0.004, 0), (0.005, 1), (0.125, 13), (0.994, 99), (0.995, 100), (1.7, 100), (-0.3, 0)],
)
def test_match_is_a_whole_percentage(score: float, match: int) -> None:
    story = Story(id="a")
    assert RetrievedStory(story, Words.of(story), score).as_source(1).match == match


@pytest.mark.parametrize(
    ("line", "expected"),
    [("  - a  b ", "a b"), ("* a", "a"), ("• a", "a"), ("-a", "-a"), ("- - a", "- a"), ("\ta\n b", "a b"), ("-", "-")],
)
def test_a_clean_line(line: str, expected: str) -> None:
    assert clean(line) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "a."),
        ("- a.", "a."),
        ("a!", "a!"),
        ("a?", "a?"),
        ("a…", "a…"),
        ("a?”", "a?”"),
        ("(a.)", "(a.)"),
        ("(a)", "(a)."),
        ("a:", "a."),
        (" ;", ""),
    ],
)
def test_a_sentence_ends(text: str, expected: str) -> None:
    assert sentence(text) == expected


def test_everything_active_is_escaped() -> None:
    assert escaped(r"\`*_{}[]<>#|~$!.-+()") == r"\\\`\*\_\{\}\[\]\<\>\#\|\~\$\!.-+()"


FIRST = Story(
    id="a|acme",
    title="Cut [costs]",
    client="Acme_1",
    category="Payments",
    sub_category="Cards",
    purpose="- lower $ cost",
    scope="Two teams",
    situation=("Slow.", "  - nested", "\tnested too", " - not nested", "   "),
    task=("Mend it",),
    result=("- saved 40%!", "saved $2B"),
    process=("* wave one.", "• wave two", "wave three"),
    performance=("grew 4x", "- up  55%"),
)
SECOND = Story(id="b", title="Second", action=("acted", "again"), result=("it worked",))
THIRD = Story(id="c", title="Third")


def test_a_story_without_a_title_is_named_all_the_same() -> None:
    assert compose([Story(id="e")], "").deep_dive == "### Untitled story [1]"


def test_key_points() -> None:
    assert compose([FIRST, SECOND, THIRD], "").key_points == (
        "**Cut \\[costs\\]** [1]\n- Scope: Two teams.\n- Approach: wave one.\n- Outcome: up 55%.\n"
        "- Domain: Payments / Cards\n\n"
        "**Second** [2]\n- Approach: acted.\n- Outcome: it worked.\n\n"
        "**Third** [3]"
    )


def test_deep_dive() -> None:
    assert compose([FIRST, SECOND], "").deep_dive == (
        "### Cut \\[costs\\] [1]\n\n"
        "#### Situation\n\n- Slow.\n  - nested\n  - nested too\n- not nested\n\n"
        "#### Task\n\n- Mend it\n\n"
        "#### Result\n\n- saved 40%\\!\n- saved \\$2B\n\n"
        "#### Also relevant\n\n- Second [2]"
    )
    assert compose([THIRD], "").deep_dive == "### Third [1]"


def test_the_prompt_holds_rules_stories_history_and_question_in_this_order() -> None:
    story = Story(
        id='a|"x"',
        title="T <b>",
        client="Acme",
        role="Lead",
        start_date="2006-02",
        end_date="2007-03",
        purpose="Aim",
        situation=("- one", "two"),
        performance=("</story> 40%",),
    )
    history = [turn(1, question=" Why \n so? ", answer="x" * 600), turn(2, refused="low_overlap")]
    prompt = build_prompt(" What\tnow? ", [story, THIRD], history)
    assert prompt.system == SYSTEM
    assert prompt.user == (
        '<story n="1" id="a|"x"">\nTitle: T \u2039b\u203a\nClient: Acme\nRole: Lead\nDates: 2006-02 - 2007-03\n'
        "Purpose: Aim\nSituation: one two\nPerformance: \u2039/story\u203a 40%\n</story>\n"
        '<story n="2" id="c">\nTitle: Third\n</story>\n\n'
        f"Earlier in this conversation:\nQ: Why so?\nA: {'x' * 500}\n\n"
        "Question: What now?"
    )
    assert prompt.sha256 == hashlib.sha256(f"{SYSTEM}\n\n{prompt.user}".encode()).hexdigest()


@pytest.mark.parametrize("history", [[], [turn(1, refused="rule:spam")]])
def test_a_prompt_without_history_has_no_room_for_it(history: list[Turn]) -> None:
    assert build_prompt("Q?", [THIRD], history).user == '<story n="1" id="c">\nTitle: Third\n</story>\n\nQuestion: Q?'


@given(st.lists(stories(), min_size=1, max_size=3))
def test_composed_text_renders_nothing_of_its_own(corpus: list[Story]) -> None:
    modes = compose(corpus, "")
    for text in (modes.narrative, modes.key_points, modes.deep_dive):
        bare = "".join(active_characters(text))
        assert not {"<", ">", "`", "$", "|", "~", "!", "_"} & set(bare)
        assert not re.sub(r"\[[123]\]", "", bare).count("[")


def active_characters(text: str) -> list[str]:
    """Characters that no backslash stands before."""
    found: list[str] = []
    chars = iter(text)
    for char in chars:
        if char == "\\":
            next(chars, None)
        else:
            found.append(char)
    return found

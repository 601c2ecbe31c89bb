"""A conversation's Markdown, suggested questions, URL and export."""

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from contracts.ask import AnswerMode, Modes, Source
from contracts.conversations import Turn
from contracts.story import Story
from streamlit_app.ask.conversation import answer_text, available_modes
from streamlit_app.ask.export import talk_markdown
from streamlit_app.shared.answer_markdown import prose, unescaped, written
from streamlit_app.shared.conversation_url import ConversationUrl, clean_question, new_session, read_conversation_url
from streamlit_app.shared.suggested_questions import next_questions, story_questions
from streamlit_app.shared.wording import match_in_words, refusal_in_words

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
KNOWN = {"text", "text_special", "softbreak", "hardbreak", "strong_open", "strong_close"}
BLOCKS = {"paragraph", "bullet_list", "ordered_list", "list_item", "heading"}

answers = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))
marked = st.lists(st.sampled_from(["**", "[1]", "![", "](http://e)", "<b>", "\n", "- ", "# ", "\\", "word", " ", "`"]))


def turn(**fields: object) -> Turn:
    given: dict[str, object] = {"answer": "Told.", "mode": "narrative", "modes": Modes(), "question": "Why?"}
    return Turn.model_validate({"session_id": "s" * 32, "turn_id": "t" * 12, "asked_at": 1, **given, **fields})


def source(number: int, title: str = "", client: str = "") -> Source:
    return Source(number=number, id=str(number), title=title, client=client, match=30)


def assert_harmless(markdown: str) -> None:
    for token in MARKDOWN.parse(markdown):
        if token.type != "inline":
            assert token.type.rsplit("_", 1)[0] in BLOCKS, token
        assert {child.type for child in token.children or []} <= KNOWN, token


@given(answers)
def test_no_answer_brings_more_than_lists_headings_and_bold_words(text: str) -> None:
    assert_harmless(prose(text))
    assert_harmless(written(text))


@given(marked.map("".join))
def test_nor_does_one_that_is_made_of_marks(text: str) -> None:
    assert_harmless(prose(text))
    assert_harmless(written(text))


def test_marks_of_an_answer_stay() -> None:
    assert prose("### Deep [1]\n\n- Costs **\\$1M** less [2].\n  - And so on") == (
        "#### Deep :violet[\\[1\\]]\n\n- Costs **\\$1M** less :violet[\\[2\\]]\\.\n  - And so on"
    )
    assert prose("Go to :material\\_x: https\\://evil.example").count("\u2060") >= 1
    assert unescaped("**Costs** \\$1M \\[sic\\]") == "Costs $1M [sic]"


def test_the_address_takes_what_makes_sense() -> None:
    session = new_session()
    assert read_conversation_url({"session": [session], "story": ["a|b"], "q": [" Why? "]}) == ConversationUrl(
        session, "a|b", "Why?"
    )
    assert read_conversation_url({"session": ["short"], "story": ["a\x00b"], "q": [""]}) == ConversationUrl()
    assert ConversationUrl(session, "a|b", "Why?").params() == {"session": session, "story": "a|b"}


@given(st.text())
def test_any_typed_text_fits_the_contract(text: str) -> None:
    question = clean_question(text)
    if question:
        assert turn(question=question).question == question


def test_session_ids_are_unguessable() -> None:
    ids = {new_session() for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(item) for item in ids} == {32}


def test_a_turn_tells_what_it_holds() -> None:
    written_turn = turn(answer="Prose.", modes=Modes(narrative="Told.", key_points="- Point."))
    assert available_modes(written_turn) == [AnswerMode.NARRATIVE, AnswerMode.KEY_POINTS]
    assert answer_text(written_turn, AnswerMode.NARRATIVE) == "Prose."
    switched = turn(answer="- Point.", mode="key_points", modes=Modes(narrative="Told.", key_points="- Point."))
    assert answer_text(switched, AnswerMode.NARRATIVE) == "Told."
    assert available_modes(turn(answer="", refused="low_overlap")) == []


def test_questions_that_go_on_name_clients_and_stories() -> None:
    cited = (source(1, "One", "Multiple Clients"), source(2, "Two", "Acme"), source(3, "Three", "Globex"))
    asked = turn(sources=cited)

    assert next_questions(asked, ()) == (
        "What changed at Acme?",
        "Tell me about “Two”",
        "Tell me about “Three”",
    )
    assert next_questions(asked, {"what changed at acme?"})[0] == "Tell me about “Two”"
    assert next_questions(turn(), ()) == ()


def test_a_storys_own_questions_are_told_apart() -> None:
    story = Story(id="a", interview_questions=("- How? Why not?", "Tell of a failure.", "?", ""))
    assert story_questions(story) == ("How?", "Why not?", "Tell of a failure.")


def test_matches_and_refusals_in_words() -> None:
    assert [match_in_words(match)[0] for match in (0, 29, 30, 49, 50, 100)] == [
        "Related", "Related", "Good match", "Good match", "Strong match", "Strong match",
    ]  # fmt: skip
    assert "question about travel booking" in refusal_in_words("rule:travel_booking")
    assert "not a question about the stories" in refusal_in_words("rule:prompt_injection")
    assert refusal_in_words("something_new") == "No story covers this."
    assert "<b>" not in refusal_in_words("rule:<b>")


def test_the_exported_conversation() -> None:
    turns = [
        turn(question="Why <b>?", answer="Costs **fell** by 40%. [1]", sources=(source(1, "One", "Acme"),)),
        turn(question="A joke", answer="", refused="rule:jokes"),
    ]
    assert talk_markdown(turns, "Ada") == (
        "# Questions about the work of Ada\n\n## Why \\<b\\>?\n\nCosts **fell** by 40%. \\[1\\]\n\n"
        "1. One, Acme (good match)\n\n## A joke\n\n"
        "This looks like a question about jokes, which the stories do not cover.\n"
    )

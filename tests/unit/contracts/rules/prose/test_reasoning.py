"""Thoughts of a model are removed, with both of their tags, with one of them, and while they still come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.prose.reasoning import MAX_ANSWER, answer_part, without_reasoning

ANSWER = "It was 40% faster [1]."
NAMES = ("think", "thinking", "Thought", "THOUGHTS", "reasoning", "reflection", "scratchpad", "analysis")
TAGS = (
    *((f"<{name}>", f"</{name}>") for name in NAMES),
    ("<|think|>", "<|/think|>"),
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),
    ("\u25c1think\u25b7", "\u25c1/think\u25b7"),
    ('<think type="deep">', "</think >"),
)
THOUGHTS = st.text("Hm, 1 < 2? \n[1].", max_size=30).filter(lambda text: "<" not in text.replace(" < ", ""))


@pytest.mark.parametrize(("opening", "closing"), TAGS)
@pytest.mark.parametrize(
    ("form", "kept"),
    [
        ("{o}Hm{c}{a}", "{a}"),
        ("Hm{c}{a}", "{a}"),
        ("{a}{o}Hm", "{a}"),
        ("{o}Hm", ""),
        ("{a} {o}Hm{c}{a}", "{a} {a}"),
        ("{o}Hm{o}so{c}well{c}{a}", "{a}"),
        ("{o}{c}{a}", "{a}"),
        ("{a}", "{a}"),
    ],
)
def test_thoughts_go_and_the_answer_stays(opening: str, closing: str, form: str, kept: str) -> None:
    text = form.format(o=opening, c=closing, a=ANSWER)
    assert without_reasoning(text) == kept.format(a=ANSWER)


@pytest.mark.parametrize(
    "text", ["I think it was [1].", "He <b>thinks</b> [1].", "1 < 2 [1].", "Analysis > reasoning [1].", "<thinker> [1]"]
)
def test_words_about_thinking_are_no_tags(text: str) -> None:
    assert without_reasoning(text) == text


@given(st.sampled_from(TAGS), THOUGHTS, st.integers(0, 80))
def test_no_thought_is_seen_however_far_the_text_has_come(tags: tuple[str, str], thought: str, length: int) -> None:
    text = f"{tags[0]}PONDER {thought} PONDER{tags[1]}\n{ANSWER}"
    answer, _ = answer_part(text[:length], cut=False)
    assert not any(letter in answer for letter in "PONDER"[:2]) or length < len(tags[0])
    assert ANSWER.startswith(answer) or length < len(tags[0])


@pytest.mark.parametrize("half", ["<", "</", "<th", "<think", "</think", "<|thi", "<reasoning mode='x"])
def test_half_a_tag_at_the_end_is_left_out(half: str) -> None:
    assert answer_part(f"{ANSWER} {half}", cut=False)[0].strip() == ANSWER


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("One [1]. Two", "One [1]."),
        ("One! [1][2] Two [1", "One! [1][2]"),
        ('He said "so." And', 'He said "so."'),
        ("No end", ""),
        ("It grew 4.5 times [1]. It", "It grew 4.5 times [1]."),
    ],
)
def test_of_a_text_that_was_cut_whole_sentences_stay(text: str, kept: str) -> None:
    assert answer_part(text, cut=True) == (kept, True)
    assert answer_part(text, cut=False) == (text, False)


def test_an_answer_that_is_too_long_ends_with_a_whole_sentence() -> None:
    answer, is_cut = answer_part(f"{ANSWER} " * 1000, cut=False)
    assert is_cut
    assert MAX_ANSWER - len(ANSWER) - 1 <= len(answer) <= MAX_ANSWER
    assert answer.endswith(ANSWER)

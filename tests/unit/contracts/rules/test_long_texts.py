"""Long texts in pieces."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.long_texts import pieces


@given(st.text(st.sampled_from("ab \n"), max_size=200), st.integers(2, 30))
def test_pieces_are_short_and_together_the_text(text: str, most: int) -> None:
    found = list(pieces(text, most))
    assert "".join(found) == text
    assert all(len(piece) <= most for piece in found)


def test_words_stay_whole() -> None:
    assert list(pieces("one two three", 8)) == ["one two", " three"]
    assert list(pieces("onetwothree", 4)) == ["onet", "woth", "ree"]

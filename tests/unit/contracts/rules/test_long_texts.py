"""Long texts in pieces."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.long_texts import batches, pieces

TEXT = st.text(st.sampled_from("ab \n\u00e9\u20ac\U0001f600"), max_size=200)


@given(TEXT, st.integers(4, 30))
def test_pieces_are_short_and_together_the_text(text: str, most: int) -> None:
    found = list(pieces(text, most))
    assert "".join(found) == text
    assert all(len(piece.encode()) <= most for piece in found)


@given(st.lists(TEXT, max_size=20), st.integers(1, 5), st.integers(1, 400))
def test_batches_hold_all_that_is_not_blank(texts: list[str], most_texts: int, most_bytes: int) -> None:
    found = list(batches(texts, most_texts, most_bytes))
    told = [(place, piece) for places, batch in found for place, piece in zip(places, batch, strict=True)]
    assert sorted(told) == [(place, text) for place, text in enumerate(texts) if text.strip()]
    assert all(len(batch) <= most_texts for _, batch in found)
    assert all(len(batch) == 1 or sum(len(text.encode()) for text in batch) <= most_bytes for _, batch in found)
    lengths = [len(piece) for _, piece in told]
    assert lengths == sorted(lengths)


def test_a_text_of_broken_characters_ends() -> None:
    assert "".join(pieces("\ud800" * 50, 7)) == "\ud800" * 50


def test_words_stay_whole() -> None:
    assert list(pieces("one two three", 8)) == ["one two", " three"]
    assert list(pieces("onetwothree", 4)) == ["onet", "woth", "ree"]

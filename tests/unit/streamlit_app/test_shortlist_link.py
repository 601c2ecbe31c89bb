import base64
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlit_app.session.shortlist import (
    MAX_NOTE,
    MOST_STARRED,
    DamagedShortlist,
    Starred,
    clean_note,
    decode_shortlist,
    encode_shortlist,
)

NOTES = st.text(st.characters(exclude_categories=("Cs",)), max_size=60).map(clean_note)
LISTS = st.lists(st.builds(Starred, st.integers(0, 99).map("story-{}|acme".format), NOTES), min_size=1, max_size=9)


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(value).encode())).decode()


@given(LISTS)
def test_a_shortlist_survives_its_trip_through_the_address(starred: list[Starred]) -> None:
    distinct = tuple({item.story_id: item for item in starred}.values())
    last_notes = {item.story_id: item.note for item in starred}

    found = decode_shortlist(encode_shortlist(starred))

    assert [item.story_id for item in found] == list(dict.fromkeys(item.story_id for item in distinct))
    assert {item.story_id: item.note for item in found} == last_notes


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "no-token",
        "A" * 7000,
        packed([]),
        packed({"a": 1}),
        packed([["a"]]),
        packed([["", "note"]]),
        packed([["a" * 5000, ""]]),
        packed([[f"story-{number}", ""] for number in range(MOST_STARRED + 1)]),
        base64.urlsafe_b64encode(zlib.compress(b"[" * 10_000_000)).decode(),
        base64.urlsafe_b64encode(zlib.compress(b"[" * 50_000)).decode(),
        base64.urlsafe_b64encode(zlib.compress(b'[["a", ' + b"[" * 50_000)).decode(),
        encode_shortlist([Starred("a|b", "note")])[:-6],
    ],
)
def test_a_damaged_address_is_refused(token: str) -> None:
    with pytest.raises(DamagedShortlist):
        decode_shortlist(token)


@given(st.text())
def test_no_address_breaks_the_shortlist(token: str) -> None:
    with pytest.raises(DamagedShortlist):
        decode_shortlist(token)


def test_a_note_is_one_line_of_bounded_length() -> None:
    assert clean_note(" a\n\tb\x00 ") == "a b"
    assert len(clean_note("x" * 999)) == MAX_NOTE
    (item,) = decode_shortlist(packed([["a", "x\n" * 999]]))
    assert len(item.note) <= MAX_NOTE


def test_twenty_stories_with_ordinary_notes_fit_into_an_address() -> None:
    titles = [f"emptying-the-swift-repair-queue-before-cutoff-{number}|halvern-national-bank" for number in range(20)]
    note = "Asks for payments experience; ask about the four currencies and the regression suite, number {}."
    assert len(encode_shortlist([Starred(title, note.format(title)) for title in titles])) < 4000

"""The link to a match: requirements round-trip, and damaged links are rejected."""

import base64
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.role_match import MatchRequest
from contracts.rules.roles.requirements import MAX_REQUIREMENTS, find_requirements
from streamlit_app.role_match.link import DamagedLink, decode_points, description_of, encode_points
from streamlit_app.role_match.sections import sample_role


def packed(text: str) -> str:
    return base64.urlsafe_b64encode(zlib.compress(text.encode())).decode()


def test_a_link_keeps_the_requirements() -> None:
    points = find_requirements(sample_role())
    again = MatchRequest(description=description_of(decode_points(encode_points(sample_role()))))
    assert find_requirements(again.description) == points
    assert len(points) == 10


POINT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), min_size=1, max_size=60)


@given(st.lists(POINT, min_size=1, max_size=12), st.lists(POINT, max_size=5))
def test_encoding_a_decoded_link_again_keeps_the_requirements(required: list[str], preferred: list[str]) -> None:
    lines = ["Requirements", *(f"- {one}" for one in required), "Nice to have", *(f"- {one}" for one in preferred)]
    token = encode_points("\n".join(lines))
    if token:
        first = description_of(decode_points(token))
        second = description_of(decode_points(encode_points(first)))
        assert find_requirements(second) == find_requirements(first)


def test_a_text_without_requirements_has_no_link() -> None:
    assert encode_points("We like gardens.") == ""


@pytest.mark.parametrize(
    "token",
    [
        *("", "x", "%%%", "\u00fc", packed("[]"), packed("{}"), packed("not json"), packed('[["a"]]'), packed("7")),
        packed(json.dumps([["a", 1]] * (MAX_REQUIREMENTS + 1))),
        packed("[" + " " * 10_000_000 + "]"),
        packed("[" * 50_000),
        packed('[["a\\ud800", 1]]'),
        encode_points("Requirements\n- Java\n- Kafka")[:-6],
    ],
)
def test_a_damaged_link_is_rejected(token: str) -> None:
    with pytest.raises(DamagedLink):
        decode_points(token)

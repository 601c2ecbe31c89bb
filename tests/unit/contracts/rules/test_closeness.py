"""Evidence: how close a story comes by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.ask import closeness_of
from contracts.rules.closeness import evidence_of, percent_of, word_weight

shares = st.none() | st.floats(-1, 2)


@pytest.mark.parametrize(
    ("semantic", "keyword", "named", "evidence"),
    [
        (None, None, False, 0.0),
        (0.4, None, False, 0.4),
        (None, 0.4, False, 0.4),
        (0.5, 0.5, False, 0.75),
        (-0.3, 0.2, False, 0.2),
        (0.0, 0.0, True, 0.5),
        (0.5, 0.0, True, 0.75),
        (1.2, None, False, 1.0),
    ],
)
def test_each_part_adds_to_the_evidence(
    semantic: float | None, keyword: float | None, named: bool, evidence: float
) -> None:
    assert evidence_of(semantic, keyword, named=named) == pytest.approx(evidence)


@given(shares, shares, st.booleans())
def test_evidence_is_a_share_and_no_part_takes_away(semantic: float | None, keyword: float | None, named: bool) -> None:
    evidence = evidence_of(semantic, keyword, named=named)
    assert 0 <= evidence <= 1
    assert evidence >= max(evidence_of(semantic, None, named=False), evidence_of(None, keyword, named=False)) - 1e-12
    assert evidence_of(semantic, keyword, named=True) >= evidence - 1e-12


def test_a_story_of_a_named_client_is_a_strong_match() -> None:
    assert closeness_of(percent_of(evidence_of(0.0, 0.0, named=True))) == "strong"


@given(st.integers(1, 10_000), st.data())
def test_a_rarer_word_weighs_more(stories: int, data: st.DataObject) -> None:
    carriers = data.draw(st.integers(0, stories - 1))
    assert word_weight(stories, carriers) > word_weight(stories, carriers + 1) > 0

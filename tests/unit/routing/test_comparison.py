"""Comparing two sides: the outcome, the first layer that differs, and what the stories domain counts as equal."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.errors import InvalidRequest, NotFound, RateLimited, Timeout, Unavailable
from backend_clients.routing.comparison import Comparison, compare
from backend_clients.routing.observation import Observation, observe
from backend_clients.stages import Outcome
from backend_clients.stories import parity
from contracts.stories import RelatedRequest, StoryBatchRequest, StoryListRequest, StoryRequest
from tests.support.builders.stories import complete_story, story
from tests.support.sides.lambda_rules import stories_side
from tests.support.sides.routed import Answer


def saw(value: Any = None, error: Any = None) -> Observation[Any]:
    return Observation(1.0, value, error)


def layered(legacy: dict[str, Any], remote: dict[str, Any]) -> Comparison:
    views = {"legacy": legacy, "remote": remote}
    return compare(lambda answer: views[answer.text], saw(Answer(text="legacy")), saw(Answer(text="remote")))


@pytest.mark.parametrize(
    ("legacy", "remote", "outcome"),
    [
        (saw(Answer()), saw(Answer()), Outcome.MATCH),
        (saw(Answer(text="a")), saw(Answer(text="b")), Outcome.MISMATCH),
        (saw(Answer()), saw(Answer(corpus_version="v2")), Outcome.VERSION_SKEW),
        (saw(Answer(text="a")), saw(Answer(text="b", corpus_version="v2")), Outcome.VERSION_SKEW),
        (saw(error=Unavailable("x")), saw(Answer()), Outcome.LEGACY_ERROR),
        (saw(Answer()), saw(error=Timeout("x")), Outcome.LAMBDA_ERROR),
        (saw(Answer()), saw(error=RateLimited("x")), Outcome.LAMBDA_ERROR),
        (saw(error=Unavailable("x")), saw(error=Timeout("y")), Outcome.BOTH_ERROR),
        (saw(error=NotFound("x")), saw(error=Timeout("y")), Outcome.LAMBDA_ERROR),
        (saw(error=NotFound("one wording")), saw(error=NotFound("another")), Outcome.MATCH),
        (saw(error=NotFound("x")), saw(error=InvalidRequest("x")), Outcome.MISMATCH),
        (saw(error=NotFound("x")), saw(Answer()), Outcome.MISMATCH),
        (saw(error=NotFound("x", corpus_version="v2")), saw(Answer(corpus_version="v1")), Outcome.VERSION_SKEW),
        (saw(Answer(corpus_version="v1")), saw(error=InvalidRequest("x", corpus_version="v2")), Outcome.VERSION_SKEW),
        (saw(error=NotFound("x", corpus_version="v1")), saw(Answer(corpus_version="v1")), Outcome.MISMATCH),
        (saw(error=NotFound("x", corpus_version="v1")), saw(error=NotFound("x", corpus_version="v2")), Outcome.MATCH),
        (saw(error=Timeout("x")), saw(error=NotFound("x", corpus_version="v2")), Outcome.LEGACY_ERROR),
    ],
)
def test_the_outcome_of_a_comparison(legacy: Observation[Any], remote: Observation[Any], outcome: Outcome) -> None:
    assert compare(lambda answer: {"text": answer.text}, legacy, remote).outcome is outcome


def test_a_failure_says_what_each_side_did() -> None:
    found = compare(lambda answer: {}, saw(Answer()), saw(error=Timeout("too late")))
    assert found.layer == "status"
    assert found.differences == ("legacy: answered", "lambda: Timeout: too late")


def test_the_first_layer_that_differs_is_reported_and_no_later_one() -> None:
    found = layered({"total": 3, "order": ["a", "b"], "payload": 1}, {"total": 3, "order": ["b", "a"], "payload": 2})
    assert (found.outcome, found.layer) == (Outcome.MISMATCH, "order")
    assert all("root[" in difference for difference in found.differences)


def test_a_layer_that_is_missing_on_the_other_side_is_a_mismatch() -> None:
    assert layered({"total": 3}, {}).layer == "total"


@pytest.mark.parametrize("other", [1.0 + 1e-9, 1.0 - 9e-7, 1])
def test_numbers_within_a_millionth_are_equal(other: float) -> None:
    assert layered({"score": [1.0]}, {"score": [other]}).outcome is Outcome.MATCH


@pytest.mark.parametrize("other", [1.0 + 1e-5, 0.9, "1.0", None])
def test_numbers_further_apart_or_no_numbers_differ(other: Any) -> None:
    assert layered({"score": [1.0]}, {"score": [other]}).outcome is Outcome.MISMATCH


def test_a_difference_in_a_later_layer_is_found_behind_one_within_tolerance() -> None:
    assert layered({"a": 1.0, "b": 1}, {"a": 1.0 + 1e-9, "b": 2}).layer == "b"


def test_differences_name_path_and_values_are_bounded_and_keep_their_script() -> None:
    legacy = {"cards": [{"title": f"größe {number} " + "x" * 900} for number in range(50)]}
    found = layered(legacy, {"cards": [{"title": "y"} for _ in range(50)]})
    assert len(found.differences) == 20
    assert all(len(difference) <= 500 for difference in found.differences)
    assert "root[0]['title']" in found.differences[0]
    assert "größe 0" in found.differences[0]


@pytest.mark.parametrize("outcome", [Outcome.MATCH, Outcome.IGNORED])
def test_equal_answers_raise_nothing_in_a_test(outcome: Outcome) -> None:
    Comparison(outcome).raise_on_mismatch()


@pytest.mark.parametrize("outcome", [item for item in Outcome if item not in (Outcome.MATCH, Outcome.IGNORED)])
def test_any_other_outcome_fails_a_test_and_shows_why(outcome: Outcome) -> None:
    with pytest.raises(AssertionError, match=f"{outcome} at order: one; two"):
        Comparison(outcome, "order", ("one", "two")).raise_on_mismatch()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["one", "two"]), JSON, max_size=2))
def test_equal_layers_always_match(layers: dict[str, Any]) -> None:
    assert layered(layers, dict(layers)).outcome is Outcome.MATCH


@given(st.text("ab", max_size=3) | st.lists(st.integers(0, 3), max_size=3), st.text("cd", min_size=1, max_size=3))
def test_different_layers_never_match(one: Any, other: str) -> None:
    assert layered({"layer": one}, {"layer": other}).outcome is Outcome.MISMATCH


# Observing one side


def test_an_unexpected_error_counts_as_unavailable_and_its_text_is_not_shown() -> None:
    def side() -> Any:
        raise ZeroDivisionError("/secret/path")

    seen = observe(side)
    assert seen.failed
    assert type(seen.error) is Unavailable
    assert "secret" not in str(seen.error)
    assert seen.latency_ms >= 0


@pytest.mark.parametrize(
    ("error", "failed"),
    [(NotFound("x"), False), (InvalidRequest("x"), False), (RateLimited("x"), True), (Timeout("x"), True)],
)
def test_a_refusal_is_no_failure_but_being_at_the_limit_is(error: Exception, failed: bool) -> None:
    assert saw(error=error).failed is failed


# Stories


def stories_answers(*stories: Any) -> dict[str, Any]:
    side = stories_side(*stories)
    return {
        "list": side.list_stories(StoryListRequest()),
        "detail": side.get_story(StoryRequest(id="a")),
        "batch": side.get_stories(StoryBatchRequest(ids=("a", "b"))),
        "related": side.related_stories(RelatedRequest(id="a")),
    }


LAYERS = {
    "list": parity.list_layers,
    "detail": parity.detail_layers,
    "batch": parity.batch_layers,
    "related": parity.related_layers,
}
BASE = (complete_story("a", client="Acme"), story("b", client="Acme", industry="Energy"))


def differing_layer(kind: str, *other: Any) -> str:
    version = {"corpus_version": "same"}
    ours = stories_answers(*BASE)[kind].model_copy(update=version)
    theirs = stories_answers(*other)[kind].model_copy(update=version)
    return compare(LAYERS[kind], saw(ours), saw(theirs)).layer


@pytest.mark.parametrize("kind", LAYERS)
def test_answers_that_differ_in_code_version_alone_are_equal(kind: str) -> None:
    ours = stories_answers(*BASE)[kind]
    theirs = ours.model_copy(update={"code_version": "other"})
    assert compare(LAYERS[kind], saw(ours), saw(theirs)).outcome is Outcome.MATCH


@pytest.mark.parametrize(
    ("kind", "other", "layer"),
    [
        ("list", (BASE[0],), "total"),
        ("list", (BASE[0], story("c", client="Acme", industry="Energy")), "order"),
        ("list", (BASE[0], story("b", client="Acme", industry="Retail")), "facets"),
        ("list", (BASE[0], story("b", client="Acme", industry="Energy", title="new")), "payload"),
        ("detail", (complete_story("a", client="Bolt"), BASE[1]), "story"),
        ("batch", (BASE[0],), "found"),
        ("batch", (BASE[0], story("b", client="Bolt")), "payload"),
        ("related", (BASE[0], story("c", client="Acme")), "order"),
        (
            "related",
            (complete_story("a", client="Acme", tags=("x",)), story("b", client="Acme", tags=("x",))),
            "scores",
        ),
        ("related", (BASE[0], story("b", client="Acme", title="new")), "payload"),
    ],
)
def test_the_first_layer_of_stories_that_differs(kind: str, other: tuple[Any, ...], layer: str) -> None:
    assert differing_layer(kind, *other) == layer


def test_a_figure_read_differently_is_a_difference_in_metrics() -> None:
    ours = stories_answers(*BASE)["detail"]
    (metric,) = ours.metrics
    theirs = ours.model_copy(update={"metrics": (metric.model_copy(update={"value": 41.0}),)})
    assert compare(parity.detail_layers, saw(ours), saw(theirs)).layer == "metrics"

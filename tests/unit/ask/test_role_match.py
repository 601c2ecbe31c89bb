"""Role match in-process: what is cited for each requirement, and what is said of the whole."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from backend_clients.ask.legacy import LegacyAsk
from contracts.role_match import MatchRequest, RoleMatch
from contracts.rules.roles.strength import Strength
from tests.support.builders.stories import story
from tests.support.sides.in_process import LegacySides

STORIES = [
    story(
        "a",
        title="Payments engine",
        client="Acme",
        tags=("Java", "Microservices"),
        action=("Kafka carried every payment.", "I led a team of 12 engineers."),
        start_date="2015-01",
        end_date="2016-12",
    ),
    story("b", title="Payments portal", client="Bolt", result=("Payments settle in 3 seconds on AWS.",)),
]
FILLER = "\nWhat we offer\n" + "A garden and rest. " * 10


@pytest.fixture
def side(tmp_path: Path) -> LegacyAsk:
    return LegacySides(STORIES, {"a": 0.7, "b": 0.6}).ask(tmp_path)


def match(side: LegacyAsk, *points: str) -> RoleMatch:
    return side.match(MatchRequest(description="Requirements\n- " + "\n- ".join(points) + FILLER))


def test_a_named_thing_is_shown_by_the_sentence_that_names_it(side: LegacyAsk) -> None:
    (shown,) = match(side, "Experience with Kafka").requirements
    assert shown.strength is Strength.STRONG
    assert [(one.story_id, one.sentence) for one in shown.evidence] == [("a", "Kafka carried every payment.")]


def test_what_no_story_mentions_is_shown_by_none(side: LegacyAsk) -> None:
    found = match(side, "Experience with Rust", "Experience with Kafka")
    assert [one.strength.value for one in found.requirements] == ["none", "strong"]
    assert found.summary == "Of 2 required points the stories show 1 clearly, 0 in part and 1 not at all."
    assert found.discussion_points[0] == "Experience with Rust: no story shows this."


def test_too_few_years_are_said_and_count_in_part(side: LegacyAsk) -> None:
    (shown,) = match(side, "5+ years with Kafka").requirements
    assert shown.strength is Strength.PARTIAL
    assert shown.note == "The stories on this cover 2 years; 5 years are asked for."
    (enough,) = match(side, "2 years with Kafka").requirements
    assert enough.strength is Strength.STRONG


def test_a_text_without_requirements_says_so(side: LegacyAsk) -> None:
    found = side.match(MatchRequest(description="We like gardens. " * 20))
    assert found.requirements == ()
    assert found.summary.startswith("No requirements were found in this text.")


@pytest.mark.parametrize("text", ["one two three", "word " * 3001, "word " * 40 + "\x00", "x" * 40_001])
def test_a_text_of_the_wrong_length_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="description"):
        MatchRequest(description=text)

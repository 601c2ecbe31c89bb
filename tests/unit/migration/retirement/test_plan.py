"""When a domain's legacy side can go."""

import time
from pathlib import Path

import pytest

from backend_clients.domains import DOMAINS
from backend_clients.migration.retirement.plan import Retirement, is_retired, retirement_of
from backend_clients.records.reader import Evidence
from backend_clients.stages import Outcome, Stage
from tests.support.builders.seeded_records import SeededRecords

ROOT = Path(__file__).resolve().parents[4]
DAY = 86_400.0


class Past:
    """Records of stories, with their age in days."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def saw(self, days: float, stage: Stage, count: int = 1, outcome: Outcome = Outcome.MATCH) -> None:
        SeededRecords(self._path, later=-days * DAY).visits("stories", stage, count, outcome=outcome)

    def retirement(self, changed_days_ago: float | None = 20.0) -> Retirement:
        now = time.time()
        changed_at = None if changed_days_ago is None else now - changed_days_ago * DAY
        return retirement_of(DOMAINS["stories"], Evidence(self._path), changed_at, ROOT / "feature_flags.yaml", now)


@pytest.fixture
def past(tmp_path: Path) -> Past:
    return Past(tmp_path / "records.sqlite3")


def test_two_weeks_alone_are_enough_and_say_what_to_delete(past: Past) -> None:
    past.saw(10, Stage.LAMBDA, 200)
    found = past.retirement()
    assert (found.ready, found.reasons, round(found.days)) == (True, (), 20)
    assert "backend_clients/stories/legacy.py: delete the file" in found.as_json()["deletions"]
    assert found.as_json()["ready"] is True


@pytest.mark.parametrize(
    ("stage", "outcome"),
    [(Stage.LIVE, Outcome.MATCH), (Stage.LIVE, Outcome.LAMBDA_ERROR), (Stage.LEGACY, Outcome.MATCH)],
    ids=["another stage", "a fallback", "a flag that was broken"],
)
def test_a_call_in_which_legacy_had_a_part_begins_the_wait_anew(past: Past, stage: Stage, outcome: Outcome) -> None:
    past.saw(16, Stage.LAMBDA, 200)
    past.saw(15, stage, outcome=outcome)
    assert past.retirement().ready
    past.saw(3, stage, outcome=outcome)
    (reason,) = past.retirement().reasons
    assert reason.startswith("Lambda has served alone for 3.0 days, since ")
    assert past.retirement().deletions == ()


def test_a_change_of_the_flag_begins_it_anew_whatever_was_before(past: Past) -> None:
    past.saw(30, Stage.LEGACY, 10)
    past.saw(10, Stage.LAMBDA, 200)
    assert [reason.partition(",")[0] for reason in past.retirement(13.9).reasons] == [
        "Lambda has served alone for 13.9 days"
    ]
    assert past.retirement(14.1).ready


def test_a_flag_changed_by_hand_is_dated_by_its_calls(past: Past) -> None:
    assert "in no record yet" in past.retirement(None).reasons[0]
    past.saw(40, Stage.LIVE, 300)
    past.saw(16, Stage.LAMBDA, 200)
    found = past.retirement(None)
    assert found.ready
    assert round(found.days) == 16  # when it was first seen there alone


def test_few_calls_and_failing_ones_say_nothing_good(past: Past) -> None:
    past.saw(10, Stage.LAMBDA, 100)
    assert past.retirement().reasons == ("100 calls were recorded since; 200 are required",)
    past.saw(9, Stage.LAMBDA, 97)
    past.saw(9, Stage.LAMBDA, 3, Outcome.LAMBDA_ERROR)
    assert past.retirement().reasons == ("3 of 200 calls failed; at most 1% may fail",)


def test_no_domain_is_retired_while_its_legacy_side_is_there() -> None:
    assert not any(map(is_retired, DOMAINS.values()))

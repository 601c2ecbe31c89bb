"""The time that a question is limited to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.questions.times import asked_time, without_time

UNTIL = "2026-02"


@pytest.mark.parametrize(
    ("question", "start", "end", "rest"),
    [
        ("What did you do in 2019?", "2019-01", "2019-12", "What did you do ?"),
        ("Projects since 2024", "2024-01", "", "Projects"),
        ("Projects between 2018 and 2015", "2015-01", "2018-12", "Projects"),
        ("Clients 2015-2018?", "2015-01", "2018-12", "Clients ?"),
        ("Work after 2020", "2021-01", "", "Work"),
        ("Work before 2010", "0000-01", "2009-12", "Work"),
        ("Clients in the 2010s", "2010-01", "2019-12", "Clients"),
        ("Clients in the last five years", "2021-02", "", "Clients"),
        ("2019?", "2019-01", "2019-12", ""),
    ],
)
def test_years(question: str, start: str, end: str, rest: str) -> None:
    time = asked_time(question, UNTIL)
    assert time is not None
    assert (time.start, time.end) == (start, end)
    assert without_time(question) == rest


@pytest.mark.parametrize(
    "question", ["How did he cut 2000 alerts?", "Tell me about payments", "What are the next steps?"]
)
def test_no_time(question: str) -> None:
    assert asked_time(question, UNTIL) is None
    assert without_time(question) == question


def test_latest_and_earliest() -> None:
    latest, earliest = asked_time("What is his current role?"), asked_time("What was her first job?")
    assert latest is not None
    assert earliest is not None
    assert (latest.latest, earliest.earliest) == (True, True)
    assert not latest.holds("", "")
    assert latest.holds("2020-01", "")


@given(st.integers(1990, 2030), st.integers(1, 12), st.integers(0, 40))
def test_a_story_falls_into_each_year_that_it_covers(year: int, month: int, length: int) -> None:
    last = year * 12 + month - 1 + length
    start, end = f"{year}-{month:02}", f"{last // 12}-{last % 12 + 1:02}"
    for asked in range(year - 1, last // 12 + 2):
        time = asked_time(f"in {asked}")
        assert time is not None
        assert time.holds(start, end) == (year <= asked <= last // 12)

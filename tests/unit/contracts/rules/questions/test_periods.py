"""Date arithmetic: overlaps count once."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.questions.periods import last_month, length_text, month_text, months_covered, span_of, years_text

MONTH = st.builds(lambda year, month: f"{year:04d}-{month:02d}", st.integers(1990, 2030), st.integers(1, 12))
PERIOD = st.tuples(MONTH, MONTH).map(lambda pair: (min(pair), max(pair)))


def months_of(start: str, end: str) -> set[int]:
    first, last = (int(month[:4]) * 12 + int(month[5:]) for month in (start, end))
    return set(range(first, last + 1))


@given(st.lists(PERIOD, max_size=6))
def test_months_are_those_that_any_period_holds(periods: list[tuple[str, str]]) -> None:
    held = set().union(*(months_of(*period) for period in periods))
    assert months_covered(periods) == len(held)


def test_an_open_period_goes_on_until_the_last_known_month() -> None:
    periods = [("2024-11", ""), ("2020-01", "2020-03"), ("", "2019-01")]
    assert months_covered(periods, "2025-01") == 6
    assert months_covered([("2026-01", "")], "2025-01") == 1
    assert span_of(periods, "2025-01") == ("2020-01", "2025-01")
    assert last_month(periods) == "2024-11"
    assert (span_of([]), months_covered([]), last_month([])) == (("", ""), 0, "")


def test_spans_in_words() -> None:
    assert years_text("2017-02", "2018-11") == "2017\N{EN DASH}2018"
    assert (years_text("2017-02", "2017-11"), years_text("2025-01", ""), years_text("", "")) == (
        "2017",
        "since 2025",
        "",
    )
    assert (month_text("2006-02"), month_text("")) == ("February 2006", "")
    assert [length_text(months) for months in (1, 12, 14, 36, 0)] == [
        "1 month",
        "1 year",
        "1 year and 2 months",
        "3 years",
        "",
    ]

"""Dates as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.dates import Span, read_span

NAMES = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


@pytest.mark.parametrize(
    "written",
    [
        "2020-03",
        " 2020-3 ",
        "2020/03",
        "2020.03",
        "03/2020",
        "3/2020",
        "03-2020",
        "Mar 2020",
        "mar. 2020",
        "MARCH 2020",
        "March, 2020",
        "March\u00a02020",
        "Mar-2020",
        "Mar2020",
        "2020 March",
        "Mar-20",
        "Mar '20",
        "Mar \u201920",
        "2020-03-31",
        "2020-03-31T10:20:30Z",
        "2020-03-31 00:00:00",
        "31 March 2020",
        "31st March 2020",
        "March 31, 2020",
        "31/03/2020",
        "03/31/2020",
        "03/03/2020",
    ],
)
def test_a_month_however_written(written: str) -> None:
    assert read_span(written, written) == Span("2020-03", "2020-03")


@pytest.mark.parametrize(
    ("written", "first", "last"), [("2020", "01", "12"), (2020, "01", "12"), ("Q3 2020", "07", "09")]
)
def test_a_year_or_quarter_begins_with_its_first_month_and_ends_with_its_last(
    written: object, first: str, last: str
) -> None:
    assert read_span(written, written) == Span(f"2020-{first}", f"2020-{last}")


@pytest.mark.parametrize(
    "written", ["Present", "present", "Current", "TODAY", "now", "Ongoing", "to date", "", " ", None]
)
def test_an_open_end(written: object) -> None:
    assert read_span("2020", written) == Span("2020-01", "")


@pytest.mark.parametrize(
    "written",
    [
        "soon", "2020-13", "2020-00", "0/2020", "13/2020", "20", "20200", "3020", "0000-05", "Mai 2020x", "03/04/2020",
        "32/01/2020", "2020-03-32", "Spring 2020", "2019-2020", "-", "n/a", 20, 2020.5, True, ["2020"], {"y": 2020},
        "\uff12\uff10\uff12\uff10",
    ],
)  # fmt: skip
def test_what_is_no_date_is_left_out_and_said(written: object) -> None:
    read = read_span(written, written)
    assert (read.start, read.end) == ("", "")
    assert "is no date" in read.start_problem
    assert "is no date" in read.end_problem


def test_a_start_cannot_be_open() -> None:
    assert read_span("Present", "").start_problem


def test_an_end_before_its_start_is_left_out_and_said() -> None:
    assert read_span("Jun 2020", "2020-05") == Span("2020-06", "", "", "ends before it starts (2020-06)")
    assert read_span("Jun 2020", "2020") == Span("2020-06", "2020-12")
    assert read_span("", "2019") == Span("", "2019-12")


@given(st.integers(1900, 2099), st.integers(1, 12))
def test_every_month_by_name_and_number(year: int, month: int) -> None:
    name, expected = NAMES[month - 1], f"{year}-{month:02}"
    for written in (expected, f"{month}/{year}", f"{name} {year}", f"{name[:3].upper()}. {year}", f"{year}/{month}"):
        assert read_span(written, written) == Span(expected, expected)


@given(st.text(max_size=20) | st.integers() | st.floats() | st.none())
def test_whatever_is_written_is_a_month_or_nothing_with_a_reason(written: object) -> None:
    read = read_span(written, "")
    blank = written is None or (isinstance(written, str) and not written.strip())
    assert bool(read.start) != bool(read.start_problem) or blank

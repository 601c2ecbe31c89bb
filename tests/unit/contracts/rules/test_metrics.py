"""What counts as a metric, of which kind and how large."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.rules.metrics import MetricKind, find_metrics, integrity_of, metrics_of, story_metrics
from tests.support.builders.stories import complete_story, story

PERCENT, MULTIPLE, MONEY, COUNT = MetricKind

FIGURES = st.sampled_from([
    "40%", "99.5 %", "$1.2B", "€300M+", "USD 3 million", "4x", "2\u00d7", "150+", "12 countries", "25 bps", "2019",
    "v2.3", "1,234", "Phase 2 teams", "3 months", "30-day", "٤٠%", "\u00b2%", "1.", "$", ".5%", "11111111111111111111%",
])  # fmt: skip
LINES = st.lists(FIGURES | st.text(max_size=6), max_size=6).map(" ".join) | st.text(max_size=60)


@pytest.mark.parametrize(
    ("line", "text", "kind", "value"),
    [
        ("Cut cost by 40%", "40%", PERCENT, 40),
        ("99.5% uptime", "99.5%", PERCENT, 99.5),
        ("up 40 % in a year", "40 %", PERCENT, 40),
        ("5 percent fewer", "5 percent", PERCENT, 5),
        ("3 percentage points", "3 percentage points", PERCENT, 3),
        ("spread fell 25 bps", "25 bps", PERCENT, 0.25),
        ("50 basis points", "50 basis points", PERCENT, 0.5),
        ("deploys 4x as often", "4x", MULTIPLE, 4),
        ("2.5\u00d7 faster", "2.5\u00d7", MULTIPLE, 2.5),
        ("3 times faster", "3 times", MULTIPLE, 3),
        ("a $1.2B book", "$1.2B", MONEY, 1.2e9),
        ("$300M+ saved", "$300M+", MONEY, 3e8),
        ("$450,000 a year", "$450,000", MONEY, 450_000),
        ("$1,234.50", "$1,234.50", MONEY, 1234.5),
        ("€4.5bn", "€4.5bn", MONEY, 4.5e9),
        ("$1.2Bn", "$1.2Bn", MONEY, 1.2e9),
        ("£20k", "£20k", MONEY, 20_000),
        ("$3MM", "$3MM", MONEY, 3e6),
        ("USD 3 million", "USD 3 million", MONEY, 3e6),
        ("$3 Million", "$3 Million", MONEY, 3e6),
        ("150+ engineers", "150+ engineers", COUNT, 150),
        ("coached 150+", "150+", COUNT, 150),
        ("135,000+ clients moved", "135,000+ clients", COUNT, 135_000),
        ("across 12 countries", "12 countries", COUNT, 12),
        ("within 3 months", "3 months", COUNT, 3),
        ("22 repair operators", "22 repair operators", COUNT, 22),
        ("a 30-day window", "30-day", COUNT, 30),
        ("4 million users", "4 million users", COUNT, 4e6),
        ("250k users", "250k users", COUNT, 250_000),
        ("0 defects", "0 defects", COUNT, 0),
        ("2,019 releases", "2,019 releases", COUNT, 2019),
        ("2000+ users", "2000+ users", COUNT, 2000),
        ("12\tcountries", "12 countries", COUNT, 12),
        ("- 40% less", "40%", PERCENT, 40),
        ("1. 40% less", "40%", PERCENT, 40),
        ("(40%)", "40%", PERCENT, 40),
        ("5-10% fewer calls", "5-10%", PERCENT, 10),
        ("10X the traffic", "10X", MULTIPLE, 10),
        ("answers in 100ms", "100ms", COUNT, 100),
    ],
)
def test_a_figure_with_its_unit_or_magnitude_is_a_metric(line: str, text: str, kind: MetricKind, value: float) -> None:
    (metric,) = find_metrics(line)
    assert (metric.text, metric.kind) == (text, kind)
    assert metric.value == pytest.approx(value)


@pytest.mark.parametrize(
    "line",
    [
        "2019",
        "In 2019 we began",
        "from 2019 to 2021",
        "2019 releases",
        "the 2021 teams",
        "version 2.3",
        "v2.3",
        "moved to Java 8 services",
        "Route 66 drivers",
        "Phase 2 teams",
        "on Angular 12 apps",
        "MT103 transfers",
        "COVID-19 cases",
        "10.0.0.1 hosts",
        "1. Began",
        "2) Teams",
        "- 3. Teams",
        "(4) teams",
        "12 - teams",
        "team of 12",
        "7 of nine",
        "24/7 support",
        "9" * 400 + "%",
        "",
    ],
)
def test_a_bare_year_a_version_or_a_list_number_is_no_metric(line: str) -> None:
    assert find_metrics(line) == ()


def test_metrics_of_a_line_come_in_reading_order() -> None:
    found = find_metrics("Up from 88.7% to 97.1% in 3 months, saving $450,000")
    assert [metric.text for metric in found] == ["88.7%", "97.1%", "3 months", "$450,000"]


def test_a_metric_written_twice_counts_once() -> None:
    assert [metric.text for metric in metrics_of(["40% and 4x", "40% again"])] == ["40%", "4x"]


def test_money_is_compared_by_its_real_magnitude() -> None:
    billion, thousands = find_metrics("$1.2B and $500,000")
    assert billion.value > thousands.value


def test_kinds_are_declared_in_the_order_in_which_one_beats_another() -> None:
    assert list(MetricKind) == ["percent", "multiple", "money", "count"]


def test_a_storys_metrics_are_those_of_performance_and_result_alone() -> None:
    told = story(performance=("40%",), result=("4x",), situation=("99%",), process=("12 teams",), purpose="$5M")
    assert [metric.text for metric in story_metrics(told)] == ["40%", "4x"]


def test_a_story_with_four_star_parts_and_a_metric_is_complete() -> None:
    assert integrity_of(complete_story()).model_dump() == {"complete": True, "missing": ()}


@pytest.mark.parametrize("part", ["situation", "task", "action"])
def test_a_missing_star_part_is_named(part: str) -> None:
    assert integrity_of(complete_story(**{part: ()})).model_dump() == {"complete": False, "missing": (part,)}


def test_a_missing_metric_is_named_last() -> None:
    assert integrity_of(story()).missing == ("situation", "task", "action", "result", "metric")
    assert integrity_of(complete_story(result=("Faster.",))).missing == ("metric",)
    assert integrity_of(complete_story(result=(), performance=("40%",))).missing == ("result",)


@given(LINES)
@example("$1.2B" * 50)
@example("9" * 400 + "%")
@example("1," * 200 + "000 teams")
def test_no_line_raises_and_what_is_found_stands_in_the_line(line: str) -> None:
    flat = " ".join(line.split())
    for metric in find_metrics(line):
        assert metric.text in flat
        assert math.isfinite(metric.value)
        assert metric.value >= 0


@given(
    st.integers(1, 10**9),
    st.sampled_from([("{:,}%", PERCENT), ("{}x", MULTIPLE), ("${:,}", MONEY), ("{:,}+ teams", COUNT)]),
)
def test_a_figure_is_read_back_as_written_wherever_it_stands(number: int, written: tuple[str, MetricKind]) -> None:
    form, kind = written
    figure = form.format(number)
    (metric,) = find_metrics(f"  - Brought us {figure} by autumn")
    assert (metric.text, metric.kind, metric.value) == (figure, kind, number)

"""The HTML report of a parity run: what it says, that it stands alone, and that no text in it is taken for markup."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import typer

from backend_clients.errors import NotFound, Timeout
from backend_clients.migration.mismatches.allowlist import Allowlist, AllowlistEntry
from backend_clients.migration.mismatches.replay import compare_sides
from backend_clients.routing.read_router import Operation
from operations.parity import latency_chart
from operations.parity.html_report import percent, report, write_report
from operations.parity.runner import GeneratedRequest, ParityTally
from tests.support.sides.routed import Answer, FakeLambda, FakeSide, Question, endpoint

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script><img/src=x/onerror=alert(2)>\"'&{{1234567*1000}}</div>"
SAME = (Answer(), Answer())


def layers(answer: Answer) -> dict[str, Any]:
    return {"length": len(answer.text), "text": {"words": [{"word": word} for word in answer.text.split(" ")]}}


def tally(*pairs: tuple[Any, Any], allowed: Allowlist | None = None, text: str = "?") -> ParityTally:
    """What comparing pairs of outcomes found."""
    found = ParityTally("search", allowed or Allowlist())
    for legacy, remote in pairs:
        operation = Operation(endpoint("search", "hybrid"), FakeSide(legacy), FakeLambda(remote), layers)
        found.add(GeneratedRequest(operation, Question(text=text)), compare_sides(operation, Question(text=text)))
    return found


def made(*tallies: ParityTally, allowed: Allowlist | None = None, command: str = "mattgpt parity run") -> str:
    return report(tallies, allowed or Allowlist(), command, NOON)


class Reader(HTMLParser):
    """Collects the tags, their attributes and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_a_clean_run_says_so_with_date_command_and_versions() -> None:
    found = Reader(made(tally(SAME, SAME), command="mattgpt parity run --domain search"))
    assert "Both sides are alike in 2 of 2 comparisons" in found.text
    assert "2026-11-23 12:00:00 +0000" in found.text
    assert "mattgpt parity run --domain search" in found.text
    assert found.text.count("v1 v1") == 1
    assert "Worst differences" not in found.text
    assert "Errors" not in found.text


def test_a_difference_is_shown_side_by_side_with_its_cause_and_its_request() -> None:
    different = (Answer(text="a shared end"), Answer(text="b shared end"))
    found = Reader(made(tally(SAME, different, different, text="who?")))
    assert "Of 3 comparisons 2 differ and 0 failed" in found.text
    assert "search/hybrid differs at text" in found.text
    assert "text words[*].word values_changed : 2 comparisons" in found.text
    assert '{"text": "who?"}' in found.text
    assert found.text.count('"word": "a"') == found.text.count('"word": "b"') == 1
    assert "Alike: length." in found.text


def test_every_layer_has_its_own_rate_also_behind_the_first_that_differs() -> None:
    both_layers = (Answer(text="a"), Answer(text="b c"))
    found = tally(SAME, SAME, SAME, both_layers)
    rates = {row["layer"]: (row["alike"], row["compared"]) for row in found.as_json()["layers"]}
    assert rates == {"status": (4, 4), "length": (3, 4), "text": (3, 4)}
    assert Reader(made(found)).text.count("75.00 %") == 3  # the domain, and two of its layers


def test_a_refusal_is_compared_at_the_status_alone_and_a_failure_is_an_error() -> None:
    refused = (NotFound("x"), NotFound("y"))
    found = tally(SAME, refused, (NotFound("x"), Answer()), (Answer(), Timeout("too <late>")))
    rates = {row["layer"]: (row["alike"], row["compared"]) for row in found.as_json()["layers"]}
    assert rates == {"status": (2, 3), "length": (1, 1), "text": (1, 1)}
    text = Reader(made(found)).text
    assert "search/hybrid lambda_error legacy: answered; lambda: Timeout: too <late> 1" in text
    assert "status $ legacy NotFound, lambda answered : 1 comparison" in text


def test_accepted_differences_are_listed_with_their_reason_and_fail_nothing() -> None:
    entry = {"domain": "search", "layer": "text", "path": "words[*].word", "kind": "values_changed"}
    allowed = Allowlist([AllowlistEntry(**entry, reason="other <words>", date="2026-11-23", expires="2999-01-01")])
    found = tally(SAME, (Answer(text="a"), Answer(text="b")), allowed=allowed)
    assert found.clean
    assert (found.as_json()["mismatched"], found.as_json()["accepted"], found.first_mismatches) == (1, 1, [])
    text = Reader(made(found, allowed=allowed)).text
    assert "alike in 1 of 2 comparisons; the 1 that differ are accepted" in text
    assert "other <words> 1" in text
    assert "Worst differences" not in text


def test_no_text_from_outside_becomes_markup() -> None:
    hostile = (Answer(text=HOSTILE, corpus_version=HOSTILE), Answer(text=f"x{HOSTILE}", corpus_version=HOSTILE))
    failing = (Answer(), Timeout(HOSTILE))
    page = made(tally(hostile, failing, text=HOSTILE), command=f"mattgpt {HOSTILE}")
    plain = made(tally((Answer(text="a"), Answer(text="b")), (Answer(), Timeout("x"))))
    found = Reader(page)
    of_ticks = {"text"}  # how many there are depends on how long the comparisons took
    assert set(found.tags) - of_ticks == set(Reader(plain).tags) - of_ticks
    assert not {"script", "img", "link", "iframe", "a"} & set(found.tags)
    assert not [name for name, _ in found.attributes if name.startswith("on") or name in ("src", "href")]
    assert found.text.count("alert(1)") >= 5
    assert "1234567000" not in found.text


def test_the_page_loads_nothing_from_elsewhere() -> None:
    page = made(tally(SAME, (Answer(text="a"), Answer(text="b"))))
    assert "default-src 'none'" in page
    assert not re.search(r"url\(|@import|https?://", page)
    assert "prefers-color-scheme: dark" in page


@pytest.mark.parametrize("tallies", [[], [tally()]], ids=["no domain", "nothing compared"])
def test_a_run_of_nothing_makes_a_page_too(tallies: list[ParityTally]) -> None:
    assert "Nothing was compared." in Reader(made(*tallies)).text


def test_a_report_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        write_report(tmp_path / "gone" / "report.html", [tally(SAME)], Allowlist(), "mattgpt")
    assert "report.html: No such file or directory" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("part", "whole", "read"),
    [(10, 10, "100 %"), (0, 10, "0.00 %"), (999_999, 1_000_000, "99.99 %"), (3, 4, "75.00 %"), (0, 0, "100 %")],
)
def test_a_rate_reads_a_hundred_only_when_nothing_is_missing(part: int, whole: int, read: str) -> None:
    assert percent(part, whole) == read


def test_both_sides_share_one_axis_and_every_latency_is_in_a_bar() -> None:
    found = latency_chart.distribution((("legacy", [1.0] * 50 + [2.0] * 50), ("lambda", [10.0, 100.0, 1000.0])))
    assert [tick.label for tick in found.ticks] == ["1", "10", "100", "1000"]
    for strip in found.strips:
        assert all(bar.x >= 0 and bar.x + bar.width <= latency_chart.WIDTH for bar in strip.bars)
        assert max(bar.height for bar in strip.bars) == latency_chart.HEIGHT
    legacy, remote = found.strips
    assert legacy.p95.x < remote.p50.x < remote.p95.x <= latency_chart.WIDTH
    assert (legacy.p50.label, remote.p50.label, len(remote.bars)) == ("1.0 ms", "100 ms", 3)


@pytest.mark.parametrize("values", [[0.0], [0.0, 0.0], [5.0], [1e-9, 1e6]])
def test_any_latencies_can_be_drawn(values: list[float]) -> None:
    found = latency_chart.distribution((("legacy", values), ("lambda", [])))
    assert found.strips[0].count == len(values)
    assert found.strips[1].bars == ()
    assert 0 < len(found.ticks) <= 20


def test_without_any_latency_nothing_is_drawn() -> None:
    assert all(strip.p50 is None for strip in latency_chart.distribution((("legacy", []), ("lambda", []))).strips)

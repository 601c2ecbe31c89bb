"""Wording of the Migration page, and what is hidden from visitors who are not signed in."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlit_app.migration.view_model import MigrationAddress, Span, read_migration_address
from streamlit_app.migration.wording import with_commands, without_folders
from streamlit_app.shared.wording import counted, moment, ms, rate
from tests.support.site.rendered import html_of, kinds

SESSION = "session-of-a-visitor"
BOUNDS = {"100 %": 1.0, "0 %": 0.0}


@given(st.integers(1, 10**7).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_a_rate_has_one_decimal_and_is_never_rounded_to_0_or_100_percent(counts: tuple[int, int]) -> None:
    part, whole = counts
    told = rate(part, whole)
    assert (told in BOUNDS) is (part in (0, whole))
    assert abs(float(told.removesuffix(" %")) / 100 - part / whole) <= 0.00051


def test_the_rate_of_zero_calls_is_a_dash() -> None:
    assert rate(0, 0) == "\N{EN DASH}"


@pytest.mark.parametrize(
    ("value", "told"),
    [(None, "\N{EN DASH}"), (0.04, "0.0 ms"), (9.94, "9.9 ms"), (48.3, "48 ms"), (1200.4, "1,200 ms")],
)
def test_milliseconds_are_formatted(value: float | None, told: str) -> None:
    assert ms(value) == told


def test_counts_and_times_are_formatted() -> None:
    assert [counted(number, "call") for number in (0, 1, 1204)] == ["0 calls", "1 call", "1,204 calls"]
    assert moment(0.0, UTC) == "1970-01-01 00:00:00"
    assert moment(None, UTC) == "\N{EN DASH}"


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("/srv/app/var/migration.sqlite3: file is not a database", "migration.sqlite3: file is not a database"),
        ("/srv/flags.yaml: flag 'ask': is missing", "flags.yaml: flag 'ask': is missing"),
        ("cannot open '/srv/app/flags.yaml'", "cannot open 'flags.yaml'"),
        ("set http://localhost:3000/api or n/a", "set http://localhost:3000/api or n/a"),
    ],
)
def test_messages_name_files_without_their_folders(message: str, told: str) -> None:
    assert without_folders(message) == told


@given(st.text())
def test_advice_renders_to_plain_text_and_code_only(text: str) -> None:
    assert kinds(with_commands(text)) <= {
        "paragraph_open",
        "paragraph_close",
        "inline",
        "text",
        "text_special",
        "code_inline",
    }


def test_commands_in_advice_are_shown_as_code() -> None:
    assert html_of(with_commands("run `mattgpt backfill ask`, then wait")) == (
        "<p>run <code>mattgpt backfill ask</code>, then wait</p>\n"
    )


@given(
    st.builds(
        MigrationAddress, st.sampled_from(["stories", "ask"]), st.sampled_from(Span), st.none() | st.integers(1, 2**53)
    )
)
def test_the_page_s_url_parameters_round_trip(at: MigrationAddress) -> None:
    params = {name: [str(value)] for name, value in at.params().items()}
    assert read_migration_address(params) == at

"""Stage changes on the Migration page: sign-in, gates, reasons, and rollback when files are broken."""

import time
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.navigation.page import StreamlitPage

from backend_clients.migration.admin_lock import MOST_FAILURES, SHUT_SECONDS
from streamlit_app.routes import Route
from streamlit_app.session import maintainer
from streamlit_app.session.maintainer import IDLE_SECONDS
from tests.support.site.migration import TOKEN, MigrationClients, migration_clients
from tests.support.site.migration_page import Clock, button, clients, clock, labels, press, said, sign_in
from tests.support.site.pages import OpenPage, words

__all__ = ["clients", "clock"]


def test_without_a_token_configured_the_page_is_read_only_and_says_so(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(migration_clients(tmp_path, token=""), Route.MIGRATION)

    assert "read-only: set `ADMIN_TOKEN`" in words(page)
    assert not page.text_input
    assert labels(page) == []


def test_the_page_is_closed_to_visitors_and_not_in_the_menu(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    menus: list[list[str]] = []
    navigation = st.navigation

    def noted(pages: list[StreamlitPage], **given: Any) -> StreamlitPage:
        menus.append([page.title for page in pages if page.visibility == "visible"])
        return navigation(pages, **given)

    monkeypatch.setattr(st, "navigation", noted)
    for token, fields in (("", 0), (TOKEN, 1)):
        clients = migration_clients(tmp_path, token=token, show_maintainer=False)
        page = open_page(clients, Route.MIGRATION, domain="search", mismatch="1").run()
        assert page.title[0].value == "For the maintainer"
        assert (len(page.text_input), len(page.button)) == (fields, fields)
        assert menus[-1] == ["Home", "Explore", "Ask", "Role Match", "Shortlist", "Industries", "About"]

    page.query_params.clear()
    assert sign_in(page).title[0].value == "Migration"
    assert menus[-1][-1] == "Migration"


def test_nobody_changes_anything_before_signing_in(open_page: OpenPage, clients: MigrationClients) -> None:
    page = open_page(clients, Route.MIGRATION)
    assert labels(page) == ["Sign in"]
    assert "Sign in to change stages" in words(page)


def test_a_wrong_token_is_refused_and_leaves_no_trace(
    open_page: OpenPage, clients: MigrationClients, caplog: pytest.LogCaptureFixture
) -> None:
    page = sign_in(open_page(clients, Route.MIGRATION), "not the token")
    assert page.error[0].value == "Wrong token."
    assert labels(page) == ["Sign in"]

    sign_in(page)
    assert "Sign out" in labels(page)
    for secret in (TOKEN, "not the token"):
        assert secret not in repr(page.session_state)
        assert secret not in str(page.query_params)
        assert secret not in caplog.text


def test_guessing_shuts_the_lock_for_the_browser_and_for_no_other(
    open_page: OpenPage, clients: MigrationClients, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = sign_in(open_page(clients, Route.MIGRATION))
    monkeypatch.setattr(maintainer, "browser", lambda: ("the guesser's cookie", "127.0.0.1"))
    for _ in range(MOST_FAILURES):
        sign_in(open_page(clients, Route.MIGRATION), "guess")
    assert "Sign out" in labels(inside.run())
    again = sign_in(open_page(clients, Route.MIGRATION))
    assert "Try again in 5 minutes" in again.error[0].value
    assert labels(again) == ["Sign in"]

    monkeypatch.setattr(maintainer, "browser", lambda: ("another cookie", "127.0.0.1"))
    assert "Sign out" in labels(sign_in(open_page(clients, Route.MIGRATION)))

    monkeypatch.setattr(maintainer, "browser", lambda: ("the guesser's cookie", "127.0.0.1"))
    clock.now = SHUT_SECONDS
    assert "Sign out" in labels(sign_in(again))


def test_a_session_that_is_idle_for_an_hour_is_signed_out(
    open_page: OpenPage, clients: MigrationClients, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = sign_in(open_page(clients, Route.MIGRATION))
    now = time.monotonic()
    monkeypatch.setattr(maintainer.time, "monotonic", lambda: now + IDLE_SECONDS - 60)
    assert "Sign out" in labels(page.run())
    monkeypatch.setattr(maintainer.time, "monotonic", lambda: now + 2 * IDLE_SECONDS - 120)
    assert "Sign out" in labels(page.run())
    monkeypatch.setattr(maintainer.time, "monotonic", lambda: now + 3 * IDLE_SECONDS)
    assert labels(page.run()) == ["Sign in"]


def test_signing_out_takes_the_switches_away(open_page: OpenPage, clients: MigrationClients) -> None:
    page = sign_in(open_page(clients, Route.MIGRATION))
    assert "Move to shadow" in labels(page)
    assert labels(press(page, "Sign out")) == ["Sign in"]


def test_a_domain_moves_with_a_reason_and_back(open_page: OpenPage, clients: MigrationClients) -> None:
    flags = clients.settings.flags_file
    page = press(sign_in(open_page(clients, Route.MIGRATION)), "Move to shadow")
    assert "Move stories to shadow for everyone" in words(page)

    press(page, "Change")
    assert "Give a reason" in page.error[0].value
    assert clients.migration.shares("stories") == "legacy"

    page.text_input[0].set_value("first look")
    press(page, "Change")
    assert "legacy" in page.success[0].value
    assert clients.migration.shares("stories") == "shadow"
    assert ":violet-badge[:material/radio_button_checked: **shadow, now**]" in words(page)

    press(page, "Step back")
    page.text_input[0].set_value("enough seen")
    press(page, "Change")
    assert clients.migration.shares("stories") == "legacy"
    assert "# in-process code answers" in flags.read_text("utf-8")

    made = [(change.who, change.before, change.after, change.reason) for change in clients.migration.changes("stories")]
    assert made == [
        ("migration page", "shadow", "legacy", "enough seen"),
        ("migration page", "legacy", "shadow", "first look"),
    ]
    assert "first look" in words(page)


def test_a_step_back_says_which_data_are_on_lambda_alone(open_page: OpenPage, clients: MigrationClients) -> None:
    clients.migration.set_stage("ask", "lambda", 100, reason="test", who="test", force=True)
    page = press(sign_in(open_page(clients, Route.MIGRATION, domain="ask")), "Step back")
    page.text_input[0].set_value("back")
    press(page, "Change")

    assert clients.migration.shares("ask") == "rampdown"
    assert page.warning[0].value.startswith("Conversations of stage lambda are on Lambda alone")
    assert "`mattgpt backfill ask`" in page.warning[0].value
    assert not page.run().warning


def test_a_share_can_be_moved(open_page: OpenPage, clients: MigrationClients) -> None:
    page = sign_in(open_page(clients, Route.MIGRATION, domain="search"))
    share = next(control for control in page.segmented_control if control.label == "Share of the visitors")
    share.set_value(25).run()
    press(page, "Move to shadow")
    page.text_input[0].set_value("a quarter")
    press(page, "Change")
    assert clients.migration.shares("search") == "shadow 25%, legacy 75%"


def test_leaving_the_dialog_changes_nothing(open_page: OpenPage, clients: MigrationClients) -> None:
    page = press(sign_in(open_page(clients, Route.MIGRATION)), "Move to shadow")
    press(page, "Cancel")
    assert "Change" not in labels(page)
    assert clients.migration.shares("stories") == "legacy"


def test_a_gate_that_refuses_closes_the_way_forward_with_its_reasons(
    open_page: OpenPage, clients: MigrationClients
) -> None:
    clients.migration.set_stage("stories", "shadow", 100, reason="", who="test")
    page = sign_in(open_page(clients, Route.MIGRATION))

    assert button(page, "Move to live").disabled
    assert not button(page, "Step back").disabled
    shown = words(page)
    assert "hourglass_empty: inconclusive" in shown
    assert "needed: >= 200" in said(page)
    assert "200 more comparisons are needed" in said(page)


def test_a_gate_that_closes_meanwhile_refuses_in_the_dialog(open_page: OpenPage, clients: MigrationClients) -> None:
    page = press(sign_in(open_page(clients, Route.MIGRATION)), "Move to shadow")
    object.__setattr__(clients.settings, "stories_api_url", "")
    page.text_input[0].set_value("first look")
    press(page, "Change")
    assert "Lambda address" in page.error[0].value
    assert clients.migration.shares("stories") == "legacy"


def test_a_change_made_meanwhile_is_not_run_over(open_page: OpenPage, clients: MigrationClients) -> None:
    clients.migration.set_stage("stories", "shadow", 100, reason="", who="test")
    page = press(sign_in(open_page(clients, Route.MIGRATION)), "Step back")
    clients.migration.set_stage("stories", "legacy", 100, reason="", who="somebody else")
    page.text_input[0].set_value("back")
    press(page, "Change")
    assert "It was changed in the meantime" in page.error[0].value


@pytest.mark.parametrize("content", ["", "not yaml: [", "flags: {}\n", "flags: {stories: {state: ENABLED}}\n"])
def test_broken_flags_are_told_and_break_nothing(open_page: OpenPage, tmp_path: Path, content: str) -> None:
    clients = migration_clients(tmp_path)
    clients.settings.flags_file.write_text(content, "utf-8")
    page = sign_in(open_page(clients, Route.MIGRATION))

    assert "flags\\.yaml" in page.warning[0].value
    assert str(tmp_path) not in said(page)


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\0" + bytes(200)])
def test_broken_records_are_told_and_the_way_back_stays_open(
    open_page: OpenPage, clients: MigrationClients, content: bytes
) -> None:
    clients.migration.set_stage("stories", "shadow", 100, reason="", who="test")
    folder = clients.settings.data_dir
    for file in folder.glob("migration.sqlite3*"):
        file.unlink()
    (folder / "migration.sqlite3").write_bytes(content)
    page = sign_in(open_page(clients, Route.MIGRATION))

    assert "migration\\.sqlite3" in page.warning[0].value
    assert str(folder) not in said(page)
    assert "flag: shadow" in words(page)
    press(page, "Step back")
    page.text_input[0].set_value("the records are broken")
    press(page, "Change")
    assert clients.migration.shares("stories") == "legacy"
    assert "was not recorded" in page.warning[0].value

"""The Migration page with different records, and its mismatch browser."""

import re
import sqlite3
from datetime import date
from pathlib import Path

import pytest
import streamlit as st
import yaml
from streamlit.testing.v1 import AppTest

from backend_clients.domains import DOMAINS as REGISTRY
from backend_clients.migration.mismatches.replay import NotReplayable
from backend_clients.records.reader import StoredComparison
from backend_clients.routing.comparison import Comparison
from backend_clients.stages import Stage
from contracts.search import SearchRequest
from streamlit_app.migration.view_model import DOMAINS
from streamlit_app.migration.wording import STAGES
from streamlit_app.routes import Route
from tests.support.site.migration import (
    SESSION,
    MigrationClients,
    age_changes,
    call,
    compared,
    migration_clients,
    mismatch,
    seed,
    write,
)
from tests.support.site.migration_page import clients, clock, press, said, sign_in
from tests.support.site.pages import OpenPage, words

__all__ = ["clients", "clock"]


def test_without_records_the_page_says_how_to_get_some(open_page: OpenPage, clients: MigrationClients) -> None:
    page = open_page(clients, Route.MIGRATION)

    shown = words(page)
    assert "No records yet" in page.info[0].value
    for domain in ("Stories", "Search", "Ask", "Industries"):
        assert f"**{domain}**" in shown
    assert "2 records lost, 7 comparisons dropped" in shown
    assert {metric.label: metric.value for metric in page.metric}["Match rate"] == "\N{EN DASH}"


def test_a_locked_record_file_is_still_read(open_page: OpenPage, clients: MigrationClients) -> None:
    clients.migration.set_stage("stories", "shadow", 100, reason="first look", who="test")
    clients.migration.statuses()  # every table is there
    with sqlite3.connect(clients.settings.records_file) as writer:
        writer.execute("BEGIN IMMEDIATE")
        page = open_page(clients, Route.MIGRATION)
    assert "first look" in words(page)


@pytest.mark.parametrize("query", [{"domain": "nothing"}, {"span": "year"}, {"mismatch": "-1"}, {"mismatch": "x"}])
def test_an_address_that_makes_no_sense_shows_the_page(
    open_page: OpenPage, clients: MigrationClients, query: dict[str, str]
) -> None:
    assert open_page(clients, Route.MIGRATION, **query).title[0].value == "Migration"


def test_a_record_that_is_gone_is_told(open_page: OpenPage, clients: MigrationClients) -> None:
    page = open_page(clients, Route.MIGRATION, mismatch="41")
    assert page.title[0].value == "No such record"


LEGACY = {"gate": None, "scores": [[0.7123, 0.79], [0.6, 0.61]], "order": [["a|b"], ["c|d"]]}
LAMBDA = {"gate": None, "scores": [[0.7111, 0.79], [0.6, 0.61]], "order": [["c|d"], ["a|b"]]}


@pytest.fixture
def seeded(clients: MigrationClients) -> MigrationClients:
    """Search in shadow with 300 matches, 6 mismatches alike, an error and a fallback."""
    clients.migration.set_stage("search", "shadow", 100, reason="first look", who="somebody")
    seed(clients, "search", matches=300, over=0.0)
    write(
        clients,
        *(mismatch(LEGACY, LAMBDA) for _ in range(6)),
        compared("search", "shadow", outcome="lambda_error", layer="status"),
        call("search", "live", fell_back=True, reason="Timeout"),
    )
    return clients


def test_figures_come_from_the_records(open_page: OpenPage, seeded: MigrationClients) -> None:
    page = open_page(seeded, Route.MIGRATION, domain="search")

    told = {metric.label: metric.value for metric in page.metric}
    assert told["Match rate"] == "98.0 %"
    assert told["Fallbacks"] == "1"
    assert "306 comparisons of answers since its flag last changed" in words(page)
    assert "1 where Lambda failed" in words(page)
    assert "cancel: fail" in words(page)
    assert not page.info


def test_mismatches_alike_stand_together_and_lead_to_the_latest(open_page: OpenPage, seeded: MigrationClients) -> None:
    page = open_page(seeded, Route.MIGRATION, domain="search")
    shown = said(page)
    assert "**scores** at [*][*] · values changed" in shown
    assert "hybrid · 6 times" in shown

    press(page, "Open")
    assert page.title[0].value.startswith("Mismatch ")
    assert page.query_params["domain"] == "search"
    assert "1 of 6 similar" in words(page)
    press(page, "Older")
    assert "2 of 6 similar" in words(page)
    press(page, "Back to the domain")
    assert page.title[0].value == "Migration"
    assert page.query_params == {"domain": "search"}


def test_one_mismatch_is_the_latest_of_each_of_its_causes(open_page: OpenPage, clients: MigrationClients) -> None:
    """Both groups lead to the same mismatch, by a button each."""
    write(clients, mismatch({"payload": {"a": 1, "b": "x"}}, {"payload": {"a": 2, "b": "y", "c": 3}}))
    page = open_page(clients, Route.MIGRATION, domain="search")
    assert not page.exception
    assert len([button for button in page.button if "Open" in button.label]) == 3
    press(page, "Open")
    assert page.title[0].value.startswith("Mismatch ")


def open_mismatch(open_page: OpenPage, clients: MigrationClients, domain: str = "search") -> AppTest:
    number = clients.migration.mismatches(domain)[0].id
    return open_page(clients, Route.MIGRATION, domain=domain, mismatch=str(number))


def signed_in_at_mismatch(open_page: OpenPage, clients: MigrationClients, domain: str = "search") -> AppTest:
    page = sign_in(open_page(clients, Route.MIGRATION))
    page.query_params = {"domain": domain, "mismatch": str(clients.migration.mismatches(domain)[0].id)}
    return page.run()


def test_a_mismatch_is_shown_layer_by_layer_side_by_side(open_page: OpenPage, seeded: MigrationClients) -> None:
    page = signed_in_at_mismatch(open_page, seeded)

    codes = [code.value for code in page.code]
    assert any("-" in code and "0.7123" in code and "0.7111" not in code for code in codes)
    assert any("+" in code and "0.7111" in code and "0.7123" not in code for code in codes)
    assert any(code.startswith("curl -sS -X POST http://stack.example/api/search/hybrid") for code in codes)
    shown = words(page)
    assert "gate: same" in shown
    assert "**scores** :small[:gray[first layer that differs]]" in shown
    assert "**order** :small[:gray[also differs]]" in shown
    assert "a81f22c0" in shown


def test_a_mismatch_is_replayed_by_the_code_as_it_stands(open_page: OpenPage, seeded: MigrationClients) -> None:
    page = press(open_mismatch(open_page, seeded), "Replay")
    assert "Replayed just now: :green-badge[:material/check_circle: match]" in words(page)


def test_a_replay_that_fails_is_told(open_page: OpenPage, seeded: MigrationClients) -> None:
    def refuse(stored: StoredComparison) -> Comparison:
        raise NotReplayable("search has no operation 'hybrid'")

    seeded.migration = migration_clients(seeded.settings.data_dir, replay=refuse).migration
    page = press(open_mismatch(open_page, seeded), "Replay")
    assert "could not be replayed" in page.error[0].value


def test_an_accepted_difference_says_why(open_page: OpenPage, seeded: MigrationClients, tmp_path: Path) -> None:
    entry = {"domain": "search", "path": "[*][*]", "kind": "values_changed", "reason": "rounded", "date": date.today()}
    rows = [entry | {"layer": "scores", "tolerance": 0.002}, entry | {"layer": "order"}]
    seeded.settings.parity_allowed_file.write_text(yaml.safe_dump(rows), "utf-8")

    page = open_page(seeded, Route.MIGRATION, domain="search")
    assert "accepted: rounded" in words(page)
    assert {metric.label: metric.value for metric in page.metric}["Match rate"] == "100 %"
    assert "Accepted: rounded" in words(open_mismatch(open_page, seeded))


def test_only_who_is_signed_in_reads_visitors_words(open_page: OpenPage, clients: MigrationClients) -> None:
    answers = {"text": f"my private words in {SESSION}"}, {"text": "others"}
    write(clients, mismatch(*answers, domain="ask"))
    page = press(open_mismatch(open_page, clients, "ask"), "Replay")
    everything = words(page) + "".join(code.value for code in page.code)
    assert "**text**" in everything
    assert "values changed" in everything
    assert "sign in to read them" in everything
    for secret in ("What was saved?", "private", "others", SESSION, "curl"):
        assert secret not in everything

    sign_in(open_page(clients, Route.MIGRATION))
    page = signed_in_at_mismatch(open_page, clients, "ask")
    codes = "".join(code.value for code in page.code)
    assert "my private words" in codes
    assert SESSION in codes


def test_hostile_records_are_shown_as_text(open_page: OpenPage, clients: MigrationClients) -> None:
    hostile = "</code><script>x</script> ![x](http://evil/i.png) :material/home: `a` $x$"
    write(clients, mismatch({hostile: hostile}, {hostile: "other"}, request=SearchRequest(query=hostile)))
    clients.migration.set_stage("search", "shadow", 100, reason=hostile, who=hostile)
    for page in (open_page(clients, Route.MIGRATION, domain="search"), signed_in_at_mismatch(open_page, clients)):
        for markup in ("<script", "![x", "`a", "$x"):
            assert not re.search(rf"(?<!\\){re.escape(markup)}", words(page)), markup


def test_on_the_last_stage_the_page_says_whether_legacy_can_go_and_what_to_delete(
    open_page: OpenPage, clients: MigrationClients
) -> None:
    clients.migration.set_stage("industries", "lambda", 100, reason="at once", who="somebody", force=True)
    page = open_page(clients, Route.MIGRATION, domain="industries")
    assert "last stage" in words(page)
    assert "Not yet:" in words(page)

    age_changes(clients, days=20)
    write(clients, *(call("industries", "lambda") for _ in range(200)))
    st.cache_resource.clear()
    page.run()
    assert "Lambda has answered without legacy for 20 days" in page.success[0].value
    assert "backend_clients/industries/legacy.py: delete the file" in "".join(code.value for code in page.code)


def test_what_this_page_calls_a_domain_is_one() -> None:
    assert tuple(REGISTRY) == DOMAINS
    assert set(STAGES) == set(Stage)

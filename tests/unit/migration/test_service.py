"""The migration service: what it knows of a domain from its files alone, and what it changes."""

import json
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from backend_clients.domains import DOMAINS
from backend_clients.flags.editor import FlagEditError
from backend_clients.flags.file import FlagFileError
from backend_clients.migration.backfill_log import BackfillLog
from backend_clients.migration.gate.report import Verdict
from backend_clients.migration.mismatches.replay import NotReplayable
from backend_clients.migration.service import DomainStatus, GateRefused, MigrationService, SiteProcess
from backend_clients.records.reader import EvidenceError, StoredComparison
from backend_clients.records.recorder import Recorder
from backend_clients.records.rows import CallRecord
from backend_clients.routed import Origin
from backend_clients.routing.breaker import Breaker
from backend_clients.routing.comparison import Comparison
from backend_clients.routing.repair_ledger import Ledger
from backend_clients.settings import Settings
from backend_clients.stages import Outcome, Stage
from tests.support.builders.seeded_records import SeededRecords
from tests.support.command import NAMED_FLAGS

MISMATCH = {"outcome": Outcome.MISMATCH, "layer": "story", "differences": ("values_changed root['title']: {}",)}
ACCEPTED = """\
- domain: stories
  layer: story
  path: title
  kind: values_changed
  reason: the new side trims it
  date: 2026-01-01
  expires: 2999-01-01
"""


class Site:
    """The files of one site, and the service over them."""

    def __init__(self, folder: Path) -> None:
        self.flags = folder / "flags.yaml"
        self.flags.write_text(NAMED_FLAGS)
        addresses: Any = {f"{domain}_api_url": "http://127.0.0.1:9" for domain in DOMAINS}
        self.settings = Settings(
            flags_file=self.flags, data_dir=folder / "data", parity_allowed_file=folder / "allowed.yaml", **addresses
        )
        self.service = MigrationService(self.settings)
        self.records = SeededRecords(self.settings.records_file)

    def by_hand(self, stage: str, domain: str = "stories") -> None:
        before, flag, after = self.flags.read_text().partition(f"  {domain}:")
        changed = re.sub(r"defaultVariant: \w+", f"defaultVariant: {stage}", after, count=1)
        self.flags.write_text(before + flag + changed)

    def goes_to(self, stage: str, domain: str = "stories", percent: int = 100) -> None:
        self.service.set_stage(domain, stage, percent, reason="on its way", who="ada", force=True)

    def status(self, domain: str = "stories") -> DomainStatus:
        return self.service.status(domain)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


# What it knows


def test_the_first_step_of_a_domain_has_no_blocking_condition(site: Site) -> None:
    status = site.status()
    assert (status.stage, status.shares, status.problems) == ("legacy", "legacy", ())
    assert (status.breaker, status.open_repairs, status.auto_rollback, status.retirement) == (None, 0, False, None)
    assert status.gate is not None
    assert (status.gate.target, status.gate.verdict) == (Stage.SHADOW, Verdict.PASS)
    assert [found.domain for found in site.service.statuses()] == list(DOMAINS)


def test_the_window_begins_with_the_last_change_and_counts_every_stage(site: Site) -> None:
    SeededRecords(site.settings.records_file, later=-60).visits("stories", Stage.SHADOW, 3)
    earliest = time.time()
    site.goes_to("shadow")
    site.goes_to("live", percent=10)
    site.records.visits("stories", Stage.SHADOW, 4)
    site.records.visits("stories", Stage.LIVE, 2)
    status = site.status()
    assert (status.stage, status.shares) == ("shadow", "live 10%, shadow 90%")
    assert (status.window.calls, status.window.outcomes["match"]) == (6, 6)
    assert status.window.since is not None
    assert status.window.since >= earliest


def test_a_share_is_grown_by_what_was_seen_in_the_stage_that_grows(site: Site) -> None:
    site.goes_to("live", percent=10)
    site.goes_to("shadow")
    site.goes_to("live", percent=10)
    site.records.visits("stories", Stage.SHADOW, 500)
    assert site.service.gate("stories", "live").verdict is Verdict.INCONCLUSIVE
    site.records.visits("stories", Stage.LIVE, 300)
    assert site.service.gate("stories", "live").verdict is Verdict.PASS
    assert site.service.set_stage("stories", "live", 50, reason="well", who="ada").after == "live 50%, shadow 50%"
    assert site.service.gate("stories", "live").verdict is Verdict.INCONCLUSIVE


def test_who_keeps_fewer_back_grows_the_share_of_the_others_and_is_judged_by_that(site: Site) -> None:
    site.goes_to("shadow")
    site.goes_to("live", percent=60)
    with pytest.raises(GateRefused) as refused:
        site.service.set_stage("stories", "shadow", 30, reason="nearly all", who="ada")
    assert refused.value.report.target is Stage.LIVE
    assert site.status().shares == "live 60%, shadow 40%"
    site.records.visits("stories", Stage.LIVE, 300)
    assert site.service.set_stage("stories", "shadow", 30, reason="well", who="ada").after == "live 70%, shadow 30%"


def test_a_stage_set_by_hand_is_judged_by_records_of_that_stage(site: Site) -> None:
    site.records.visits("stories", Stage.LEGACY, 10)
    site.by_hand("shadow")
    site.records.visits("stories", Stage.SHADOW, 300)
    assert site.service.gate("stories", "live").verdict is Verdict.PASS
    site.by_hand("live")
    assert site.service.gate("stories", "lambda").verdict is Verdict.INCONCLUSIVE


def test_a_rule_of_the_maintainers_own_is_judged_from_its_least_advanced_stage(site: Site) -> None:
    rule = "targeting: {if: [{ends_with: [{var: targetingKey}, x]}, live, shadow]}\n    defaultVariant: live"
    site.flags.write_text(NAMED_FLAGS.replace("defaultVariant: legacy", rule, 1))
    status = site.status()
    assert (status.shares, status.stage) == ("a rule of its own, sampled: shadow", "shadow")
    assert status.gate is not None
    assert status.gate.target is Stage.LIVE
    with pytest.raises(GateRefused):
        site.service.set_stage("stories", "live", 100, reason="", who="ada")
    assert site.service.set_stage("stories", "shadow", 100, reason="", who="ada").after == "shadow"


def test_a_broken_flag_means_legacy_says_so_and_fails_the_gate(site: Site) -> None:
    site.flags.write_text(NAMED_FLAGS.replace("Variant: legacy", "Variant: nothing", 1))
    status = site.status()
    assert (status.stage, status.shares) == ("legacy", "legacy (fallback)")
    assert "Resolved variant nothing not in variants config; legacy serves" in status.problems[0]
    assert status.gate is not None
    assert [line.partition(" (")[0] for line in status.gate.reasons] == ["flag"]
    assert site.service.shares("search") == "legacy"


def test_a_rule_that_flagd_ignores_is_shown_with_the_variant_served(site: Site) -> None:
    site.goes_to("live", percent=10)
    site.flags.write_text(site.flags.read_text().replace(", 10]", ", '10']", 1))
    status = site.status()
    assert (status.stage, status.shares) == ("legacy", "legacy")
    assert status.problems[0].endswith("; legacy serves everyone")
    site.by_hand("live")
    assert site.status().shares == "live"
    assert site.service.rollback("stories", reason="mended", who="ada").after == "shadow"
    assert site.status().problems == ()


def test_accepted_mismatches_pass_and_an_unreadable_list_accepts_nothing(site: Site) -> None:
    site.goes_to("shadow")
    site.records.visits("stories", Stage.SHADOW, 450)
    site.records.visits("stories", Stage.SHADOW, 50, **MISMATCH)
    assert site.service.gate("stories", "live").verdict is Verdict.FAIL
    (group,) = site.service.groups("stories")
    assert (group.count, group.accepted) == (50, "")
    site.settings.parity_allowed_file.write_text(ACCEPTED)
    assert site.service.gate("stories", "live").verdict is Verdict.PASS
    assert site.status().window.accepted == 50
    assert site.service.groups("stories")[0].accepted == "the new side trims it"
    site.settings.parity_allowed_file.write_text("- everything")
    assert site.service.gate("stories", "live").verdict is Verdict.FAIL
    assert site.status().problems[0].startswith(f"{site.settings.parity_allowed_file}: entry 1")


def test_lambda_may_be_as_slow_as_legacy_was_to_visitors_before(site: Site) -> None:
    before = CallRecord("stories", "get", "shadow", "legacy", "default", False, False, 2000.0, False)
    with closing(Recorder(site.settings.records_file, row_cap=10_000)) as recorder:
        for _ in range(300):
            recorder.record(before)
    site.goes_to("live")
    site.records.visits("stories", Stage.LIVE, 300, lambda_ms=2100.0)
    assert site.service.gate("stories", "lambda").verdict is Verdict.PASS
    site.records.visits("stories", Stage.LIVE, 300, lambda_ms=2300.0)
    assert "since legacy's own is 2000 ms of 300 answers" in site.service.gate("stories", "lambda").reasons[0]


def test_conversations_must_be_verified_and_no_write_pending_before_lambda_answers(site: Site) -> None:
    for stage in ("dualwrite", "shadow"):
        site.goes_to(stage, "ask")
    site.records.visits("ask", Stage.SHADOW, 300)
    ledger = Ledger(site.settings.ledger_file)
    ledger.add("ask", "append", "session", Origin.LAMBDA, {})
    assert site.status("ask").open_repairs == 0  # it is on its way
    with sqlite3.connect(site.settings.ledger_file) as connection:
        connection.execute("UPDATE repairs SET at = at - 10")
    gate = site.service.gate("ask", "live")
    assert [line.partition(" (")[0] for line in gate.reasons] == ["open repairs", "verified"]
    assert site.status("ask").open_repairs == 1
    ledger.resolve(1)
    ledger.close()
    BackfillLog(site.settings.records_file).add_verification("ask", 10, 0)
    assert site.service.gate("ask", "live").verdict is Verdict.PASS
    site.records.visits("ask", Stage.LEGACY, 1)
    assert "visitors wrote to legacy alone" in site.service.gate("ask", "live").reasons[0]


def test_state_of_the_site_alone_is_shown_there(site: Site) -> None:
    asked: list[int] = []

    def replay(stored: StoredComparison) -> Comparison:
        asked.append(stored.id)
        return Comparison(Outcome.MATCH)

    site.goes_to("shadow")
    site.records.visits("stories", Stage.SHADOW, 1, **MISMATCH)
    service = MigrationService(
        site.settings,
        SiteProcess(
            breakers={"stories": Breaker("stories", 5, 30.0)},
            counters=lambda: {"records_lost": 2, "comparisons_dropped": 3},
            replay=replay,
        ),
    )
    assert service.status("stories").breaker == "closed"
    assert service.status("search").breaker is None
    assert service.counters() == {"records_lost": 2, "comparisons_dropped": 3}
    (stored,) = service.mismatches("stories")
    assert service.comparison(stored.id) == stored
    assert service.replay(stored.id).outcome is Outcome.MATCH
    assert asked == [stored.id]
    assert site.service.counters() == {"records_lost": 0, "comparisons_dropped": 0}
    for nobody, number in ((service, 99), (site.service, stored.id)):
        with pytest.raises(NotReplayable):
            nobody.replay(number)


def test_auto_rollback_may_be_on_for_one_domain(site: Site) -> None:
    flag = """\
  auto-rollback:
    state: ENABLED
    variants: {'on': true, 'off': false}
    defaultVariant: 'off'
    targeting: {if: [{'==': [{var: domain}, search]}, 'on', 'off']}
"""
    site.flags.write_text(NAMED_FLAGS + flag)
    assert [status.auto_rollback for status in site.service.statuses()] == [False, True, False, False]


def test_a_status_is_json(site: Site) -> None:
    site.goes_to("shadow")
    site.records.visits("stories", Stage.SHADOW, 3)
    found = json.loads(json.dumps(site.status().as_json()))
    assert set(found) == {
        *("domain", "stage", "shares", "stages", "window", "breaker", "open_repairs", "gate", "retirement"),
        *("problems", "auto_rollback"),
    }
    assert found["window"]["outcomes"] == {"match": 3}
    assert found["gate"]["verdict"] == "inconclusive"


# What it changes


def test_a_step_is_kept_with_who_made_it_why_and_what_was_known(site: Site) -> None:
    change = site.service.set_stage("stories", "shadow", 25, reason="first look", who="ada")
    assert (change.who, change.reason, change.forced) == ("ada", "first look", False)
    assert (change.before, change.after) == ("legacy", "shadow 25%, legacy 75%")
    assert site.service.changes("stories") == [change]
    assert change.evidence["verdict"] == "pass"
    back = site.service.rollback("stories", reason="enough", who="ben")
    assert (back.who, back.after, back.evidence) == ("ben", "legacy", {})


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_forced_change_needs_a_reason(site: Site, reason: str) -> None:
    with pytest.raises(FlagEditError, match="a forced change needs a reason"):
        site.service.set_stage("stories", "live", 100, reason=reason, who="ada", force=True)
    assert site.service.shares("stories") == "legacy"


def test_a_refusal_carries_the_report_and_leaves_no_trace(site: Site) -> None:
    with pytest.raises(GateRefused, match="stage order") as refused:
        site.service.set_stage("stories", "live", 100, reason="", who="ada")
    assert refused.value.report.verdict is Verdict.FAIL
    assert site.flags.read_text() == NAMED_FLAGS
    assert site.service.changes() == []


def test_a_stage_reached_by_hand_begins_the_wait_for_the_retirement_anew(site: Site) -> None:
    site.goes_to("lambda")
    SeededRecords(site.settings.records_file, later=-21 * 86_400).visits("stories", Stage.LAMBDA, 200)
    site.by_hand("lambda", "search")
    SeededRecords(site.settings.records_file, later=-21 * 86_400).visits("search", Stage.LAMBDA, 200)
    found = site.status("search").retirement
    assert found is not None
    assert not found.ready
    assert "in no record yet" in found.reasons[0] or "0.0 days" in found.reasons[0]


# Where files do not serve


def test_broken_records_are_named_and_a_rollback_works_nevertheless(site: Site) -> None:
    site.by_hand("live")
    site.settings.data_dir.mkdir()
    site.settings.records_file.write_text("this is no database, and it is long enough to be seen as none")
    for read in (site.service.statuses, lambda: site.service.gate("stories", "lambda")):
        with pytest.raises(EvidenceError, match=r"migration\.sqlite3: "):
            read()
    assert site.service.shares("stories") == "live"
    with pytest.raises(EvidenceError):
        site.service.set_stage("stories", "lambda", 100, reason="now", who="ada", force=True)
    change = site.service.rollback("stories", reason="slow", who="ada")
    assert change.after == site.service.shares("stories") == "shadow"
    assert "the record of changes cannot be used" in change.unrecorded


def test_a_broken_ledger_is_named(site: Site) -> None:
    site.settings.data_dir.mkdir()
    site.settings.ledger_file.write_text("this is no database, and it is long enough to be seen as none")
    with pytest.raises(EvidenceError, match=r"repairs\.sqlite3: "):
        site.service.status("ask")
    assert site.status("stories").open_repairs == 0


@pytest.mark.parametrize("name", ["weather", ""])
def test_a_domain_or_a_stage_that_there_is_not_is_named(site: Site, name: str) -> None:
    for wrong in (site.service.status, site.service.shares, lambda domain: site.service.gate("stories", domain)):
        with pytest.raises(FlagEditError, match=f"no (domain|stage) '{name}'"):
            wrong(name)


def test_a_missing_flag_file_is_named(site: Site) -> None:
    site.flags.unlink()
    with pytest.raises(FlagFileError, match="cannot read the flag file"):
        site.status()


def test_looking_makes_no_ledger(site: Site) -> None:
    assert site.status("ask").open_repairs == 0
    assert not site.settings.ledger_file.exists()

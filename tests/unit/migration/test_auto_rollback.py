"""The error-rate alarm: its conditions, the rollback of the flag, and that it never delays a call."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend_clients.bootstrap import build_clients
from backend_clients.domains import DOMAINS
from backend_clients.flags.audit_log import Audit
from backend_clients.flags.client import Flags
from backend_clients.flags.editor import FlagEditor
from backend_clients.migration.auto_rollback import AutoRollback
from backend_clients.migration.mismatches.allowlist import ReloadingAllowlist
from backend_clients.records.rows import CallRecord, ComparisonRecord
from backend_clients.settings import Settings
from backend_clients.stages import Stage
from contracts.stories import StoryListRequest
from tests.support.sides.routed import Question, eventually

ON = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "on"}


def call(stage: str = "live", **fields: Any) -> CallRecord:
    usual = {
        "domain": "stories", "operation": "list", "stage": stage, "origin": "lambda", "reason": "default",
        "fell_back": False, "failed": False, "latency_ms": 1.0, "cold_start": False,
    }  # fmt: skip
    return CallRecord(**(usual | fields))


def fallback(stage: str = "live") -> CallRecord:
    return call(stage, origin="legacy", fell_back=True)


def comparison(outcome: str, stage: str = "shadow", **fields: Any) -> ComparisonRecord:
    usual = {
        "domain": "stories", "operation": "list", "stage": stage, "outcome": outcome, "layer": "order",
        "legacy_ms": 1.0, "lambda_ms": 1.0, "cold_start": False, "request": Question(),
        "differences": ("values_changed root[0]: {}",),
    }  # fmt: skip
    return ComparisonRecord(**(usual | fields))


class Site:
    """A flag file and an alarm that may change it."""

    def __init__(self, folder: Path, **flags: Any) -> None:
        self.path = folder / "flags.yaml"
        self.allowed = folder / "allowed.yaml"
        self.write(**flags)
        self.audit = Audit(folder / "migration.sqlite3")
        self.editor = FlagEditor(self.path, self.audit)
        self.flags = Flags(self.path)
        self.alarm = AutoRollback(self.flags, self.editor, ReloadingAllowlist(self.allowed))

    def write(self, stage: str = "live", **others: Any) -> None:
        variants = {name.value: name.value for name in DOMAINS["stories"].stages}
        flag = {"state": "ENABLED", "variants": variants, "defaultVariant": stage}
        self.path.write_text(yaml.safe_dump({"flags": {"stories": flag} | others}), "utf-8")

    @property
    def stage(self) -> str:
        return str(yaml.safe_load(self.path.read_text("utf-8"))["flags"]["stories"]["defaultVariant"])

    def watch(self, make: Callable[[], CallRecord | ComparisonRecord], times: int) -> None:
        for _ in range(times):
            self.alarm.watch(make())
        self.alarm.close(10.0)


@contextmanager
def site(folder: Path, **flags: Any) -> Iterator[Site]:
    made = Site(folder, **flags)
    try:
        yield made
    finally:
        made.flags.close()


@pytest.fixture
def automatic(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path, **{"auto-rollback": ON}) as made:
        yield made


@pytest.fixture
def manual(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path) as made:
        yield made


# What raises it


@pytest.mark.parametrize(
    ("stage", "fine", "burning", "enough"),
    [
        ("live", call, fallback, 6),
        ("lambda", lambda: call("lambda"), lambda: call("lambda", failed=True), 6),
        ("shadow", lambda: comparison("match"), lambda: comparison("lambda_error"), 6),
        ("shadow", lambda: comparison("match"), lambda: comparison("mismatch"), 3),
        ("live", lambda: comparison("match", "live"), lambda: comparison("mismatch", "live"), 3),
    ],
    ids=["fallbacks", "failures", "shadow errors", "shadow mismatches", "live mismatches"],
)
def test_a_share_over_its_threshold_of_fifty_raises_it(
    tmp_path: Path, stage: str, fine: Any, burning: Any, enough: int
) -> None:
    with site(tmp_path, stage=stage) as made:
        made.watch(burning, enough - 1)
        made.watch(fine, 50 - enough)
        assert made.alarm.alarms("stories") == ()
        made.watch(burning, 1)
        (told,) = made.alarm.alarms("stories")
    assert told.startswith(f"error-rate alarm: stories in {stage}: {enough} of the latest 50 ")


@pytest.mark.parametrize(
    "make",
    [
        lambda: call("legacy", failed=True),
        lambda: call("shadow", origin="legacy", failed=True),
        lambda: comparison("legacy_error"),
        lambda: comparison("dropped"),
        lambda: comparison("ignored"),
        lambda: comparison("version_skew"),
        lambda: comparison("lambda_error", "live"),  # its call said so already
    ],
)
def test_what_says_nothing_against_the_lambda_side_raises_nothing(manual: Site, make: Any) -> None:
    manual.watch(make, 300)
    assert manual.alarm.alarms("stories") == ()


def test_only_the_latest_two_hundred_count_and_the_alarm_ends(manual: Site) -> None:
    manual.watch(fallback, 60)
    assert manual.alarm.alarms("stories")
    manual.watch(call, 200 - 21)
    assert manual.alarm.alarms("stories")
    manual.watch(call, 1)
    assert manual.alarm.alarms("stories") == ()
    assert manual.alarm.alarms("search") == ()


def test_what_burnt_before_a_stage_was_left_does_not_count_when_it_is_entered_anew(manual: Site) -> None:
    manual.watch(fallback, 50)
    assert manual.alarm.alarms("stories")
    for stage in ("shadow", "live"):
        changes = manual.flags.generation
        manual.editor.set_stage("stories", Stage(stage), 100)
        assert eventually(lambda changes=changes: manual.flags.generation > changes)
        assert manual.alarm.alarms("stories") == ()
    manual.watch(fallback, 49)
    assert manual.alarm.alarms("stories") == ()
    manual.watch(fallback, 1)
    assert manual.alarm.alarms("stories")


def test_a_change_of_another_flag_leaves_the_alarm_as_it_is(manual: Site) -> None:
    manual.watch(fallback, 60)
    changes = manual.flags.generation
    manual.write(search={"state": "ENABLED", "variants": {"legacy": "legacy"}, "defaultVariant": "legacy"})
    assert eventually(lambda: manual.flags.generation > changes)
    assert manual.alarm.alarms("stories")
    manual.write("shadow")
    assert eventually(lambda: not manual.alarm.alarms("stories"))


def test_a_mismatch_that_was_accepted_is_none(manual: Site) -> None:
    entry = {"domain": "stories", "layer": "order", "path": "[*]", "kind": "values_changed"}
    manual.allowed.write_text(yaml.safe_dump([entry | {"reason": "known", "date": date.today()}]))
    manual.watch(lambda: comparison("mismatch"), 100)
    assert manual.alarm.alarms("stories") == ()
    manual.allowed.write_text("[]")
    manual.watch(lambda: comparison("mismatch"), 20)
    assert manual.alarm.alarms("stories")


# What it does


def test_it_steps_the_flag_back_once_and_says_why(automatic: Site, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        automatic.watch(fallback, 50)
    assert automatic.stage == "shadow"
    (change,) = automatic.audit.changes()
    assert (change.who, change.domain, change.before, change.after) == ("auto-rollback", "stories", "live", "shadow")
    assert change.reason == "50 of the latest 50 Lambda calls failed, more than 10%"
    assert f"stories stepped back from live to shadow: {change.reason}" in caplog.messages
    assert automatic.alarm.alarms("stories") == ()


def test_answers_of_the_stage_that_was_left_cause_no_further_step(automatic: Site) -> None:
    automatic.watch(fallback, 500)
    assert automatic.stage == "shadow"
    assert len(automatic.audit.changes()) == 1


def test_shadow_is_never_left_since_it_serves_nobody_from_lambda(
    automatic: Site, caplog: pytest.LogCaptureFixture
) -> None:
    automatic.watch(fallback, 50)
    assert automatic.stage == "shadow"
    with caplog.at_level(logging.WARNING):
        automatic.watch(lambda: comparison("lambda_error"), 200)
    assert automatic.stage == "shadow"
    assert len(automatic.audit.changes()) == 1
    assert automatic.alarm.alarms("stories")[0].startswith("error-rate alarm: stories in shadow: ")
    assert len([text for text in caplog.messages if "error-rate alarm of stories in shadow" in text]) == 1


def test_a_share_of_the_visitors_steps_back(automatic: Site) -> None:
    automatic.write("shadow", **{"auto-rollback": ON})
    automatic.editor.set_stage("stories", DOMAINS["stories"].stages[2], 10)
    automatic.watch(fallback, 50)
    assert automatic.stage == "shadow"
    assert automatic.audit.changes()[0].before == "live 10%, shadow 90%"


def test_it_is_off_by_default_and_then_logged_once_per_crossing(manual: Site, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        manual.watch(fallback, 100)
    told = [text for text in caplog.messages if "error-rate alarm" in text]
    assert told == ["error-rate alarm of stories in live: 50 of the latest 50 Lambda calls failed, more than 10%"]
    assert manual.stage == "live"
    manual.watch(call, 200)
    manual.watch(fallback, 30)
    assert len([text for text in caplog.messages if "error-rate alarm" in text]) == 2


def test_the_flag_may_be_for_one_domain_alone(tmp_path: Path) -> None:
    rule = {"if": [{"==": [{"var": "domain"}, "search"]}, "on", "off"]}
    with site(tmp_path, **{"auto-rollback": ON | {"targeting": rule}}) as made:
        made.watch(fallback, 60)
        assert made.stage == "live"
        assert made.alarm.alarms("stories")


def test_a_flag_that_cannot_be_edited_is_logged_and_retried(automatic: Site, caplog: pytest.LogCaptureFixture) -> None:
    kept = automatic.path.read_bytes()
    automatic.path.write_text("flags: [")
    automatic.watch(fallback, 50)
    assert any("which cannot step back" in text for text in caplog.messages)
    automatic.path.write_bytes(kept)
    automatic.watch(fallback, 50)
    assert automatic.stage == "shadow"


def test_watching_never_waits_for_an_edit_of_the_flag_file(automatic: Site) -> None:
    inside, gate = threading.Event(), threading.Event()

    def slow(*_: Any) -> Any:
        inside.set()
        gate.wait(10)
        raise ZeroDivisionError

    stages = DOMAINS["stories"].stages

    def edit() -> None:
        with pytest.raises(ZeroDivisionError):
            automatic.editor.set_stage("stories", stages[3], 100, judge=slow)

    editor = threading.Thread(target=edit)
    editor.start()
    assert inside.wait(5)
    for _ in range(60):
        automatic.alarm.watch(fallback())
    assert automatic.stage == "live"
    gate.set()
    editor.join(5)
    automatic.alarm.close(10.0)
    assert automatic.stage == "shadow"


# Wired


def test_a_site_whose_lambda_side_is_gone_steps_back_while_legacy_answers(tmp_path: Path) -> None:
    variants = {name.value: name.value for name in DOMAINS["stories"].stages}
    flag = {"state": "ENABLED", "variants": variants, "defaultVariant": "live"}
    flags = tmp_path / "flags.yaml"
    flags.write_text(yaml.safe_dump({"flags": {"stories": flag, "auto-rollback": ON}}))
    with closing(build_clients(Settings(flags_file=flags, data_dir=tmp_path / "var"))) as clients:
        for _ in range(60):
            assert clients.stories.list_stories(StoryListRequest(limit=1), "visitor").value.cards
        assert eventually(lambda: "defaultVariant: shadow" in flags.read_text())
        assert eventually(lambda: clients.flags.stage("stories", "visitor").stage == "shadow")
        assert [change.who for change in clients.migration.changes("stories")] == ["auto-rollback", "by hand"]
    with closing(sqlite3.connect(tmp_path / "var" / "migration.sqlite3")) as connection:
        assert connection.execute("SELECT COUNT(*) FROM calls WHERE fell_back").fetchone()[0] >= 50

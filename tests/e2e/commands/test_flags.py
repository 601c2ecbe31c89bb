"""`mattgpt flags`: listing, changes, and the messages of rejected changes."""

import json
import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import yaml

from backend_clients.domains import DOMAINS
from backend_clients.flags.audit_log import Audit
from backend_clients.stages import Outcome, Stage
from tests.support.builders.seeded_records import SeededRecords
from tests.support.command import COMMAND, NAMED_FLAGS, Maintainer, maintainer
from tests.support.servers.raw_server import answering, raw_server

# Where the Lambda side would be; nothing asks it here.
ADDRESSES = {f"{domain.upper()}_API_URL": "http://127.0.0.1:9" for domain in DOMAINS}


@pytest.fixture
def me(tmp_path: Path) -> Maintainer:
    return maintainer(tmp_path)


def said(me: Maintainer, *arguments: object, **environment: str) -> str:
    """What a successful command prints."""
    result = me.types("flags", *arguments, **(ADDRESSES | environment))
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(me: Maintainer, *arguments: object, **environment: str) -> str:
    """The message of a command that fails: on standard error, and no traceback."""
    result = me.types("flags", *arguments, **(ADDRESSES | environment))
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    assert isinstance(result.exception, SystemExit)
    return result.stderr.strip()


def records(me: Maintainer) -> SeededRecords:
    return SeededRecords(me.data / "migration.sqlite3")


def flag(me: Maintainer, domain: str) -> dict:
    return yaml.safe_load(me.flags.read_text("utf-8"))["flags"][domain]


def cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in table.splitlines() if line.startswith("│")]


def test_show_lists_every_domain_with_its_stage_and_those_there_are(me: Maintainer) -> None:
    said(me, "set", "stories", "shadow", "--share", 10)
    rows = {row[0]: row[1:] for row in cells(said(me, "show"))}
    assert list(rows) == list(DOMAINS)
    assert rows["stories"] == ["shadow 10%, legacy 90%", "legacy → shadow → live → lambda"]
    assert rows["ask"] == ["legacy", "legacy → dualwrite → shadow → live → rampdown → lambda"]


def test_a_stage_is_set_grown_and_rolled_back_and_the_file_is_as_it_was(me: Maintainer) -> None:
    assert said(me, "set", "stories", "shadow") == "stories: legacy → shadow\n"
    records(me).visits("stories", Stage.SHADOW, 300)
    assert said(me, "set", "stories", "live", "--share", 10) == "stories: shadow → live 10%, shadow 90%\n"
    records(me).visits("stories", Stage.LIVE, 300)
    assert said(me, "set", "stories", "live", "--share", 50) == (
        "stories: live 10%, shadow 90% → live 50%, shadow 50%\n"
    )
    assert flag(me, "stories")["targeting"]["fractional"][1:] == [["live", 50], ["shadow", 50]]
    assert said(me, "rollback", "stories", "--reason", "slow") == "stories: live 50%, shadow 50% → shadow\n"
    assert said(me, "rollback", "stories") == "stories: shadow → legacy\n"
    assert me.flags.read_text("utf-8") == NAMED_FLAGS


def test_comments_and_all_else_survive(me: Maintainer) -> None:
    said(me, "set", "stories", "shadow")
    assert me.flags.read_text("utf-8") == NAMED_FLAGS.replace("Variant: legacy", "Variant: shadow", 1)


def test_the_history_is_newest_first_and_knows_who_and_why(me: Maintainer) -> None:
    assert me.types("flags", "history").stderr == "No changes yet.\n"
    said(me, "set", "stories", "shadow", "--reason", "[bold]see[/bold] [#12]", LOGNAME="ada")
    said(me, "set", "search", "shadow", LOGNAME="ben")
    said(me, "rollback", "stories")
    rows = [row[1:] for row in cells(said(me, "history"))]
    assert [row[1:] for row in rows] == [
        ["stories", "shadow", "legacy", "rollback"],
        ["search", "legacy", "shadow", ""],
        ["stories", "legacy", "shadow", "[bold]see[/bold] [#12]"],
    ]
    assert [row[0] for row in rows[1:]] == ["ben", "ada"]
    assert [row[2] for row in cells(said(me, "history", "stories", "--limit", 1))] == ["stories"]


def test_data_of_another_folder_has_a_history_of_its_own(me: Maintainer, tmp_path: Path) -> None:
    said(me, "set", "stories", "shadow", "--data-dir", tmp_path / "other")
    assert [row[1] for row in cells(said(me, "history"))] == ["by hand"]
    assert len(cells(said(me, "history", "--data-dir", tmp_path / "other"))) == 1


def test_a_stage_set_by_hand_past_its_gate_is_told_by_status_and_history(me: Maintainer) -> None:
    said(me, "set", "stories", "shadow", "--reason", "first look")
    me.flags.write_text(me.flags.read_text().replace("defaultVariant: shadow", "defaultVariant: lambda"))
    rows = [row[1:5] for row in cells(said(me, "history"))]
    assert rows == [["by hand", "stories", "shadow", "lambda"], [rows[1][0], "stories", "legacy", "shadow"]]
    status = me.types("status", "stories", **ADDRESSES).stdout
    assert "changed by hand past its gate: shadow → lambda" in status
    said(me, "set", "stories", "live", "--reason", "not so fast")
    assert [row[2:4] for row in (cell[1:] for cell in cells(said(me, "history")))][:3] == [
        ["lambda", "live"], ["shadow", "lambda"], ["legacy", "shadow"],
    ]  # fmt: skip
    assert "by hand" not in me.types("status", "stories", **ADDRESSES).stdout


def test_a_change_that_changes_nothing_is_told_and_not_recorded(me: Maintainer) -> None:
    said(me, "set", "stories", "shadow", "--share", 10)
    text = me.flags.read_bytes()
    assert said(me, "set", "stories", "shadow", "--share", 10) == (
        "stories is at shadow 10%, legacy 90% already: nothing was changed\n"
    )
    assert said(me, "set", "ask", "legacy") == "ask is at legacy already: nothing was changed\n"
    assert me.flags.read_bytes() == text
    assert len(cells(said(me, "history"))) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("set", "stories", "rampdown"), "flag 'stories' has no stage 'rampdown'; it is one of legacy, shadow, live,"),
        (("set", "stories", "live", "--share", "0"), "flag 'stories': the share must be 1 to 100 percent, not 0"),
        (("set", "stories", "live", "--share", "500"), "the share must be 1 to 100 percent, not 500"),
        (("set", "stories", "legacy", "--share", "5"), "flag 'stories' is at 'legacy' for everyone already"),
        (("rollback", "stories"), "flag 'stories' is at 'legacy', the first stage, already"),
    ],
)
def test_what_there_is_not_is_named_in_one_line(me: Maintainer, arguments: tuple[str, ...], message: str) -> None:
    told = refused(me, *arguments)
    assert message in told
    assert "\n" not in told
    assert me.flags.read_text("utf-8") == NAMED_FLAGS


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("set", "stories", "soon"), "soon"),
        (("set", "stories", "live", "--share", "half"), "'--share'"),
        (("set", "weather", "live"), "'weather' is not one of 'stories', 'search'"),
        (("rollback", "weather"), "'weather'"),
        (("history", "weather"), "'weather'"),
    ],
)
def test_what_is_no_stage_or_number_is_named_with_how_to_use_the_command(
    me: Maintainer, arguments: tuple[str, ...], named: str
) -> None:
    result = me.types("flags", *arguments)
    assert result.exit_code == 2
    assert named in result.stderr
    assert me.flags.read_text("utf-8") == NAMED_FLAGS


COMMANDS = [("show",), ("set", "stories", "live"), ("rollback", "stories")]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_missing_file_is_named_and_not_made(me: Maintainer, command: tuple[str, ...]) -> None:
    me.flags.unlink()
    assert refused(me, *command) == f"{me.flags}: cannot read the flag file: No such file or directory"
    assert not me.flags.exists()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_garbled_file_is_named_with_its_line_and_left_alone(me: Maintainer, command: tuple[str, ...]) -> None:
    garbled = NAMED_FLAGS.replace("  search:\n    state", "  search:\n   state")
    me.flags.write_text(garbled)
    assert refused(me, *command).startswith(f"{me.flags}: line 10: not YAML: ")
    assert me.flags.read_text() == garbled


def test_show_names_each_invalid_flag_among_the_valid_ones(me: Maintainer) -> None:
    me.flags.write_text(NAMED_FLAGS.replace("legacy\n  # the second\n  search:", "lvie\n  nobody:"))
    result = me.types("flags", "show")
    assert result.exit_code == 1
    assert [row[:2] for row in cells(result.stdout)] == [
        ["stories", "legacy (fallback)"],
        ["search", "legacy (fallback)"],
        ["ask", "legacy"],
        ["industries", "legacy"],
    ]
    assert [line.partition(": ")[2][:22] for line in result.stderr.splitlines()] == [
        "flag 'stories': Resolv",
        "flag 'search': Flag wi",
    ]


def test_show_tells_percentages_only_if_visitors_get_them(me: Maintainer) -> None:
    rule = "targeting: {fractional: [{var: country}, [live, 50], [shadow, 50]]}\n    defaultVariant: legacy"
    me.flags.write_text(NAMED_FLAGS.replace("defaultVariant: legacy", rule, 1))
    result = me.types("flags", "show")
    assert result.exit_code == 1
    assert cells(result.stdout)[0][:2] == ["stories", "legacy"]
    assert "its rule reads 'country', which the site does not pass" in result.stderr


def test_a_file_that_cannot_be_written_is_named(me: Maintainer, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    told = refused(me, "set", "stories", "shadow")
    assert told == f"{me.flags}: cannot write the flag file: No space left on device"
    monkeypatch.undo()
    assert me.flags.read_text("utf-8") == NAMED_FLAGS
    assert said(me, "history") == ""


@pytest.mark.parametrize("command", [("set", "stories", "live"), ("history",)])
def test_a_data_folder_that_cannot_be_used_is_named_in_one_line(me: Maintainer, command: tuple[str, ...]) -> None:
    me.flags.write_text(NAMED_FLAGS.replace("Variant: legacy", "Variant: shadow"))
    me.data.write_text("this is no folder")
    told = refused(me, *command)
    assert str(me.data) in told
    assert "\n" not in told
    assert flag(me, "stories")["defaultVariant"] == "shadow"


@pytest.mark.parametrize("command", [("set", "stories", "live"), ("history",)])
def test_a_record_of_changes_that_is_none_is_named_in_one_line(me: Maintainer, command: tuple[str, ...]) -> None:
    me.data.mkdir()
    (me.data / "migration.sqlite3").write_text("this is no database, and it is long enough to be seen as none")
    told = refused(me, *command)
    assert told.startswith(f"{me.data / 'migration.sqlite3'}: ")
    assert "file is not a database" in told
    assert me.flags.read_text("utf-8") == NAMED_FLAGS


def test_flags_of_a_format_that_is_not_read_are_rejected(me: Maintainer) -> None:
    told = refused(me, "show", FLAGS_FILE=str(me.flags.with_suffix(".toml")))
    assert told.startswith("FLAGS_FILE: must end in .yaml or .json")


def test_two_at_once_both_land_and_are_both_kept(me: Maintainer) -> None:
    me.flags.chmod(0o640)
    jobs = [("stories", "shadow"), ("search", "shadow"), ("ask", "dualwrite")]
    running = [
        subprocess.Popen(
            [COMMAND, "flags", "set", domain, stage, "--reason", f"{domain} at once"],
            env=me.environment | ADDRESSES,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for domain, stage in jobs
    ]
    output = [process.communicate(timeout=60)[0] for process in running]
    assert output == [f"{domain}: legacy → {stage}\n" for domain, stage in jobs]
    assert [flag(me, domain)["defaultVariant"] for domain, _ in jobs] == [stage for _, stage in jobs]
    assert sorted(row[5] for row in cells(said(me, "history"))) == sorted(f"{domain} at once" for domain, _ in jobs)
    assert stat.S_IMODE(me.flags.stat().st_mode) == 0o640
    assert {path.name for path in me.folder.iterdir()} == {"flags.yaml", "data"}


# What the gate lets pass


def test_two_in_a_hundred_mismatches_reject_with_the_reason_and_nothing_changes(me: Maintainer) -> None:
    said(me, "set", "stories", "shadow")
    records(me).visits("stories", Stage.SHADOW, 490)
    records(me).visits("stories", Stage.SHADOW, 10, outcome=Outcome.MISMATCH, layer="story")
    before = me.flags.read_text("utf-8")
    reason, *others = refused(me, "set", "stories", "live", "--share", 5).splitlines()
    assert reason.startswith("stories may not move to live: match rate (fail): 0.9800 of 500 (lower bound 0.9668), ")
    assert others == ["See `mattgpt status stories`. --force with a --reason applies it anyway."]
    assert me.flags.read_text("utf-8") == before
    assert len(cells(said(me, "history"))) == 1


def test_two_in_a_hundred_errors_reject_with_the_reason(me: Maintainer) -> None:
    said(me, "set", "stories", "shadow")
    records(me).visits("stories", Stage.SHADOW, 490)
    records(me).visits("stories", Stage.SHADOW, 10, outcome=Outcome.LAMBDA_ERROR)
    told = refused(me, "set", "stories", "live")
    assert told.startswith(
        "stories may not move to live: Lambda error rate (fail): 0.0200 (10 of 500), must be <= 0.01"
    )


def test_a_hundred_and_fifty_clean_comparisons_are_inconclusive(me: Maintainer) -> None:
    said(me, "set", "stories", "shadow")
    records(me).visits("stories", Stage.SHADOW, 150)
    *reasons, _ = refused(me, "set", "stories", "live").splitlines()
    assert [line.partition(": ")[2].partition(":")[0] for line in reasons] == [
        "comparisons (inconclusive)",
        "match rate (inconclusive)",
        "Lambda error rate (inconclusive)",
        "Lambda p95 (inconclusive)",
    ]


def test_what_was_seen_before_the_last_change_does_not_count(me: Maintainer) -> None:
    said(me, "set", "stories", "shadow")
    SeededRecords(me.data / "migration.sqlite3", later=-3600).visits("stories", Stage.SHADOW, 500)
    assert "comparisons (inconclusive): 0" in refused(me, "set", "stories", "live")


def test_a_stage_is_not_skipped(me: Maintainer) -> None:
    records(me).visits("stories", Stage.LIVE, 500)
    told = refused(me, "set", "stories", "lambda")
    assert "stage order (fail): 100% in legacy, must be everyone in live or later; first put everyone into sh" in told


def test_a_share_that_grows_because_fewer_are_kept_back_is_named_by_the_stage_that_grows(me: Maintainer) -> None:
    said(me, "set", "stories", "shadow")
    said(me, "set", "stories", "live", "--share", 50, "--force", "--reason", "a demo")
    told = refused(me, "set", "stories", "shadow", "--share", 20)
    assert told.startswith("stories may not move to live: comparisons (inconclusive): 0")


def test_a_forced_change_is_made_and_kept_with_the_evidence_against_it(me: Maintainer) -> None:
    assert refused(me, "set", "stories", "live", "--force") == "--force needs a --reason, which is kept in the history"
    assert said(me, "set", "stories", "live", "--force", "--reason", "a demo") == "stories: legacy → live\n"
    (change,) = Audit(me.data / "migration.sqlite3").changes()
    assert (change.forced, change.reason, change.evidence["verdict"]) == (True, "a demo", "fail")
    assert [item["name"] for item in change.evidence["conditions"] if item["verdict"] == "fail"] == ["stage order"]


def test_a_gate_that_passes_is_kept_as_evidence_and_force_changes_nothing_then(me: Maintainer) -> None:
    said(me, "set", "stories", "shadow")
    records(me).visits("stories", Stage.SHADOW, 300)
    said(me, "set", "stories", "live", "--force", "--reason", "sure")
    change, *_ = Audit(me.data / "migration.sqlite3").changes()
    assert (change.forced, change.evidence["verdict"]) == (False, "pass")
    rate = next(item for item in change.evidence["conditions"] if item["name"] == "match rate")
    assert rate["figure"] == "1.0000 of 300 (lower bound 0.9911)"


def test_going_back_by_set_asks_for_nothing(me: Maintainer) -> None:
    said(me, "set", "stories", "lambda", "--force", "--reason", "a demo")
    assert said(me, "set", "stories", "live", "--share", 60) == "stories: lambda → lambda 40%, live 60%\n"
    assert (
        said(me, "set", "stories", "legacy", "--share", 99) == "stories: lambda 40%, live 60% → live 1%, legacy 99%\n"
    )
    assert said(me, "set", "stories", "legacy") == "stories: live 1%, legacy 99% → legacy\n"


def test_without_an_address_of_the_lambda_side_no_call_goes_there(me: Maintainer) -> None:
    told = refused(me, "set", "stories", "shadow", "--api-port", 9, STORIES_API_URL="")
    assert told.startswith(
        "stories may not move to shadow: Lambda address (fail): none, must be an address; set STORIES_API"
    )


def test_a_rollback_says_what_it_leaves_to_do(me: Maintainer) -> None:
    said(me, "set", "ask", "lambda", "--force", "--reason", "a demo")
    result = me.types("flags", "rollback", "ask")
    assert (result.exit_code, result.stdout) == (0, "ask: lambda → rampdown\n")
    assert "Run `mattgpt backfill ask`" in result.stderr
    assert me.types("flags", "rollback", "ask").exit_code == 0


def test_the_local_stack_is_an_address(me: Maintainer) -> None:
    found = {"aws_endpoint": "http://127.0.0.1:9", "dynamodb_endpoint": "", "region": "eu-west-1", "stacks": {}}
    with raw_server(answering(json.dumps(found).encode())) as stack:
        url = stack.url
        port = url.rpartition(":")[2]
        assert (
            said(me, "set", "stories", "shadow", "--api-port", port, STORIES_API_URL="") == "stories: legacy → shadow\n"
        )
    (change,) = Audit(me.data / "migration.sqlite3").changes()
    assert [item["figure"] for item in change.evidence["conditions"] if item["name"] == "Lambda address"] == [url]


BROKEN = ["no folder", "no database", "locked"]


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("command", [("rollback", "stories"), ("set", "stories", "shadow")])
def test_going_back_needs_no_record_of_changes(me: Maintainer, broken: str, command: tuple[str, ...]) -> None:
    me.flags.write_text(NAMED_FLAGS.replace("Variant: legacy", "Variant: live"))
    with unusable(me, broken):
        result = me.types("flags", *command, "--reason", "it is slow")
    assert (result.exit_code, result.stdout) == (0, "stories: live → shadow\n")
    assert result.stderr.startswith("The change is made, but could not be logged: ")
    assert result.stderr.count("\n") == 1
    assert flag(me, "stories")["defaultVariant"] == "shadow"


@contextmanager
def unusable(me: Maintainer, broken: str) -> Iterator[None]:
    if broken == "no folder":
        me.data.write_text("this is no folder")
        yield
        return
    me.data.mkdir()
    path = me.data / "migration.sqlite3"
    if broken == "no database":
        path.write_text("this is no database, and it is long enough to be seen as none")
        yield
        return
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("CREATE TABLE held (id INTEGER)")
        yield

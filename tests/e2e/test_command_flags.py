"""`mattgpt flags`: what the maintainer sees, changes, and is told when it cannot be."""

import stat
import subprocess
from pathlib import Path

import pytest
import yaml

from backend_clients.routing.stages import DOMAIN_STAGES
from tests.fakes.command import COMMAND, NAMED_FLAGS, Maintainer, maintainer


@pytest.fixture
def me(tmp_path: Path) -> Maintainer:
    return maintainer(tmp_path)


def said(me: Maintainer, *arguments: object, **environment: str) -> str:
    """What a successful command prints."""
    result = me.types("flags", *arguments, **environment)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(me: Maintainer, *arguments: object, **environment: str) -> str:
    """The message of a command that fails: on standard error, and no traceback."""
    result = me.types("flags", *arguments, **environment)
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    assert isinstance(result.exception, SystemExit)
    return result.stderr.strip()


def flag(me: Maintainer, domain: str) -> dict:
    return yaml.safe_load(me.flags.read_text("utf-8"))["flags"][domain]


def cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in table.splitlines() if line.startswith("│")]


def test_show_lists_every_domain_with_its_stage_and_those_there_are(me: Maintainer) -> None:
    said(me, "set", "stories", "live", "--share", 10)
    rows = {row[0]: row[1:] for row in cells(said(me, "show"))}
    assert list(rows) == list(DOMAIN_STAGES)
    assert rows["stories"] == ["live 10%, legacy 90%", "legacy → shadow → live → lambda"]
    assert rows["ask"] == ["legacy", "legacy → dualwrite → shadow → live → rampdown → lambda"]


def test_a_stage_is_set_grown_and_rolled_back_and_the_file_is_as_it_was(me: Maintainer) -> None:
    assert said(me, "set", "stories", "shadow") == "stories: legacy → shadow\n"
    assert said(me, "set", "stories", "live", "--share", 10) == "stories: shadow → live 10%, shadow 90%\n"
    assert said(me, "set", "stories", "live", "--share", 50) == (
        "stories: live 10%, shadow 90% → live 50%, shadow 50%\n"
    )
    assert flag(me, "stories")["targeting"]["fractional"][1:] == [["live", 50], ["shadow", 50]]
    assert said(me, "rollback", "stories", "--reason", "slow") == "stories: live 50%, shadow 50% → shadow\n"
    assert said(me, "rollback", "stories") == "stories: shadow → legacy\n"
    assert me.flags.read_text("utf-8") == NAMED_FLAGS


def test_comments_and_all_else_survive(me: Maintainer) -> None:
    said(me, "set", "stories", "live")
    assert me.flags.read_text("utf-8") == NAMED_FLAGS.replace("Variant: legacy", "Variant: live", 1)


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
    assert said(me, "history") == ""
    assert len(cells(said(me, "history", "--data-dir", tmp_path / "other"))) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("set", "weather", "live"), "there is no domain 'weather'; it is one of stories, search, "),
        (("rollback", "weather"), "there is no domain 'weather'"),
        (("history", "weather"), "there is no domain 'weather'"),
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
    [(("set", "stories", "soon"), "soon"), (("set", "stories", "live", "--share", "half"), "'--share'")],
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


def test_show_names_each_flag_that_is_wrong_beside_those_that_are_right(me: Maintainer) -> None:
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
        "flag 'stories': defaul",
        "flag 'search': is miss",
    ]


def test_a_file_that_cannot_be_written_is_named(me: Maintainer, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    told = refused(me, "set", "stories", "live")
    assert told == f"{me.flags}: cannot write the flag file: No space left on device"
    monkeypatch.undo()
    assert me.flags.read_text("utf-8") == NAMED_FLAGS
    assert said(me, "history") == ""


@pytest.mark.parametrize("command", [("set", "stories", "live"), ("rollback", "stories"), ("history",)])
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


def test_flags_of_a_format_that_is_not_read_are_refused(me: Maintainer) -> None:
    assert "FLAGS_FILE: " in refused(me, "show", FLAGS_FILE=str(me.flags.with_suffix(".toml")))


def test_two_at_once_both_land_and_are_both_kept(me: Maintainer) -> None:
    me.flags.chmod(0o640)
    jobs = [("stories", "live"), ("search", "shadow"), ("industries", "lambda")]
    running = [
        subprocess.Popen(
            [COMMAND, "flags", "set", domain, stage, "--reason", f"{domain} at once"],
            env=me.environment,
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

"""`mattgpt status`: every figure of a step, for a person and for a program."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup

from backend_clients.domains import DOMAINS
from backend_clients.migration.gate import thresholds
from backend_clients.stages import Outcome, Stage
from operations.cli import COMMANDS
from tests.support.builders.seeded_records import SeededRecords
from tests.support.command import NAMED_FLAGS, Maintainer, maintainer, saved_weeks_ago

ADDRESS = "http://127.0.0.1:9"


@pytest.fixture
def me(tmp_path: Path) -> Maintainer:
    somebody = maintainer(tmp_path)
    somebody.flags.write_text(NAMED_FLAGS.replace("Variant: legacy", "Variant: shadow", 1))
    return somebody


def status(me: Maintainer, *arguments: object) -> str:
    result = me.types("status", *arguments, STORIES_API_URL=ADDRESS)
    assert result.exit_code == 0, result.output
    return result.stdout


def records(me: Maintainer, days_ago: float = 0.0) -> SeededRecords:
    return SeededRecords(me.data / "migration.sqlite3", later=-days_ago * 86_400)


def test_every_domain_has_its_stage_its_window_and_the_verdict_on_its_next_step(me: Maintainer) -> None:
    records(me).visits("stories", Stage.SHADOW, 150)
    told = status(me)
    lines = told.splitlines()
    assert [line.partition(":")[0] for line in lines if line and line[0].isalpha()] == list(DOMAINS)
    assert "  so far: 150 calls, 150 comparisons, 0 fallbacks" in lines
    assert "  pending repairs: 0; auto-rollback off" in lines
    assert "  to live: inconclusive" in lines
    rows = {cells[0]: cells[1:] for line in lines if len(cells := [cell.strip() for cell in line.split("│")[1:-1]]) > 1}
    assert rows["match rate"][:3] == ["inconclusive", "1.0000 of 150 (lower bound 0.9823)", "lower bound >= 0.99"]
    assert rows["Lambda p95"][0] == "inconclusive"
    assert "118 more comparisons without a mismatch are needed" in told


def test_eighty_columns_are_enough_to_read_every_figure(me: Maintainer) -> None:
    records(me).visits("stories", Stage.SHADOW, 300)
    lines = me.starts("status", "stories", STORIES_API_URL=ADDRESS, COLUMNS="80").stdout.splitlines()
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if line.startswith("│")]
    assert ["Lambda address", "pass", ADDRESS, "an address"] in cells
    assert len(cells) <= 14  # seven conditions, none of more than two lines
    (seen,) = [line for line in lines if "records of" in line]
    assert seen.startswith("  comparisons, match rate, Lambda error rate, Lambda p95: records of shadow, since ")


def test_json_is_one_document_with_every_condition(me: Maintainer) -> None:
    records(me).visits("stories", Stage.SHADOW, 490)
    records(me).visits("stories", Stage.SHADOW, 10, outcome=Outcome.MISMATCH, layer="story")
    found = json.loads(status(me, "--json", "--api-port", 9))["domains"]
    assert [item["domain"] for item in found] == list(DOMAINS)
    stories = found[0]
    assert stories["window"]["outcomes"] == {"match": 490, "mismatch": 10}
    verdicts = {item["name"]: item["verdict"] for item in stories["gate"]["conditions"]}
    assert (stories["gate"]["to"], stories["gate"]["verdict"]) == ("live", "fail")
    assert [name for name, verdict in verdicts.items() if verdict == "fail"] == ["match rate"]
    (alone,) = json.loads(status(me, "stories", "--json", "--api-port", 9))["domains"]
    assert alone == stories


def test_a_finished_move_lists_exactly_what_to_delete(me: Maintainer) -> None:
    me.flags.write_text(NAMED_FLAGS.replace("Variant: legacy", "Variant: lambda", 1))
    saved_weeks_ago(me.flags, 1)
    records(me, days_ago=3).visits("stories", Stage.LAMBDA, 200)
    told = status(me, "stories")
    assert "the legacy side cannot be deleted yet" in told
    assert f"{thresholds.RETIREMENT_DAYS} days are required" in told
    saved_weeks_ago(me.flags, 4)
    told = status(me, "stories")
    assert "the legacy side can be deleted" in told
    assert "    backend_clients/stories/legacy.py: delete the file" in told.splitlines()
    assert f"    {me.flags}, lines 3 to 6: delete" in told.splitlines()


def test_a_flag_or_a_flag_file_that_cannot_be_used_is_named(me: Maintainer) -> None:
    me.flags.write_text(NAMED_FLAGS.replace("Variant: legacy", "Variant: lvie", 1))
    told = status(me, "stories")
    assert told.startswith("stories: legacy (fallback)\n")
    assert ["flag", "fail"] in [[cell.strip() for cell in line.split("│")[1:3]] for line in told.splitlines()]
    me.flags.unlink()
    result = me.types("status", "stories")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cannot read the flag file" in result.stderr


def test_records_that_cannot_be_read_are_named_in_one_line(me: Maintainer) -> None:
    me.data.mkdir()
    (me.data / "migration.sqlite3").write_text("this is no database, and it is long enough to be seen as none")
    result = me.types("status")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"{me.data / 'migration.sqlite3'}: ")
    assert result.stderr.count("\n") == 1


def test_whatever_works_on_stored_data_finds_it_by_the_story_file_too() -> None:
    """`mattgpt up --stories` keeps its data in a folder of its own, which the commands find by the story file."""
    found = [pair for name, command in COMMANDS.items() for pair in commands(command.load(name), name)]
    stored = {name: options for name, options in found if "--data-dir" in options}
    assert len(stored) > 10
    assert [name for name, options in stored.items() if "--stories" not in options] == []


def commands(command: Any, *path: str) -> Iterator[tuple[str, list[str]]]:
    """Every command by its words, and its options."""
    if not isinstance(command, TyperGroup):
        yield " ".join(path), [option for parameter in command.params for option in parameter.opts]
        return
    for name, member in command.commands.items():
        yield from commands(member, *path, name)


def test_an_unknown_domain_is_named_with_those_there_are(me: Maintainer) -> None:
    result = me.types("status", "weather")
    assert result.exit_code == 2
    assert "'weather' is not one of 'stories', 'search', 'ask', 'industries'" in result.stderr

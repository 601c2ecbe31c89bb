"""What a maintainer does when the sides differ: list, show, replay, accept; and real requests, kept and asked again."""

import json
import shlex
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from pydantic import SecretStr

from backend_clients.bootstrap import build_clients
from backend_clients.errors import NotFound
from backend_clients.migration.mismatches.allowlist import Allowlist
from backend_clients.routed import Origin
from backend_clients.routing.repair_ledger import Ledger
from backend_clients.settings import Settings
from contracts.stories import RelatedRequest, StoryListRequest
from lambdas.local.launcher import Cloud
from tests.support.command import KEY, NAMED_FLAGS, Maintainer, maintainer, sample_rows
from tests.support.servers.altering_proxy import AlteringProxy, altering_proxy

pytestmark = pytest.mark.usefixtures("visited")

FIRST, SECOND = (row["id"] for row in sample_rows(2))
TYPED = "payments for ada@example.com [b]now[/b]"
MISMATCHES = "SELECT id, request FROM comparisons WHERE outcome = 'mismatch' AND operation = 'get'"
SHADOWED = NAMED_FLAGS.replace("defaultVariant: legacy", "defaultVariant: shadow")


@pytest.fixture(scope="module")
def me(tmp_path_factory: pytest.TempPathFactory) -> Maintainer:
    return maintainer(tmp_path_factory.mktemp("mismatches"))


def alter(path: str, answer: Any) -> Any:
    """Titles of single stories differ, and what is related comes in another order."""
    if "integrity" in answer:
        answer["story"]["title"] += " [bold]🎉"
    if "related" in answer:
        answer["related"] = answer["related"][::-1]
    return answer


@pytest.fixture(scope="module")
def visited(me: Maintainer, mine: Path, cloud: Cloud) -> None:
    """Visitors came while every domain was in shadow and the Lambda side answered otherwise than legacy."""
    me.flags.write_text(SHADOWED)
    with altering_proxy(cloud.url) as between:
        between.alter = alter
        address = f"http://127.0.0.1:{between.port}"
        settings = Settings(
            stories_file=mine,
            flags_file=me.flags,
            data_dir=me.data,
            stories_api_url=address,
            api_key=SecretStr(KEY),
            record_requests=50,
            read_timeout=29.0,
            shadow_timeout=60.0,
        )
        clients = build_clients(settings)
        for story_id in (FIRST, SECOND, FIRST):
            clients.stories.get_story(story_id, "visitor")
        with pytest.raises(NotFound):
            clients.stories.get_story("nowhere", "visitor")
        clients.stories.related_stories(RelatedRequest(id=FIRST), "visitor")
        clients.stories.list_stories(StoryListRequest(), "visitor")
        clients.stories.list_stories(StoryListRequest(q=TYPED), "visitor")
        assert clients.pool.drain(60.0)
        clients.close()


def rows(me: Maintainer, query: str) -> list[Any]:
    with closing(sqlite3.connect(me.data / "migration.sqlite3")) as records:
        return records.execute(query).fetchall()


def groups(me: Maintainer, *more: object) -> list[dict[str, Any]]:
    result = me.types("parity", "list", "--json", *more)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.splitlines()[-1])


def title(me: Maintainer) -> dict[str, Any]:
    """The group of the titles that differ."""
    (found,) = [group for group in groups(me) if group["operation"] == "get"]
    return found


def replay(me: Maintainer, proxy: AlteringProxy, mine: Path, *more: object) -> Any:
    given = ("--api-port", proxy.port, "--stories", mine, "--data-dir", me.data)
    return me.types("parity", "replay", *given, *more, API_KEY=KEY)


def run(me: Maintainer, proxy: AlteringProxy, mine: Path, *more: object, **environment: str) -> Any:
    given = ("--api-port", proxy.port, "--stories", mine, "--data-dir", me.data, "--json")
    return me.types("parity", "run", *given, *more, API_KEY=KEY, **environment)


# List and show


def test_mismatches_alike_are_one_group_the_largest_first(me: Maintainer) -> None:
    found = groups(me)
    assert found[0]["count"] == 3
    assert {name: found[0][name] for name in ("domain", "operation", "layer", "path", "kind", "accepted")} == {
        "domain": "stories",
        "operation": "get",
        "layer": "story",
        "path": "title",
        "kind": "values_changed",
        "accepted": "",
    }
    assert found[0]["numbers"][0] == found[0]["latest"]
    assert {group["operation"] for group in found[1:]} == {"related"}
    assert groups(me, "--domain", "search") == []
    assert " stories/get story title " in me.types("parity", "list").stdout
    narrow = me.starts("parity", "list", COLUMNS="80").stdout
    assert "values_changed" in narrow
    assert "…" not in narrow


def test_one_mismatch_is_shown_side_by_side_with_a_line_to_ask_again(me: Maintainer) -> None:
    number = next(number for number, asked in rows(me, MISMATCHES) if json.loads(asked) == {"id": FIRST})
    result = me.types("parity", "show", number, STORIES_API_URL="https://api.example.com/prod")
    assert result.exit_code == 0, result.output
    assert f"comparison {number}: stories/get differs at story" in result.stdout
    assert "[bold]🎉" in result.stdout
    assert "metrics: alike" in result.stdout
    assert "legacy_corpus" in result.stdout
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("curl ")]
    assert '"X-Api-Key: ${STORIES_API_KEY:-$API_KEY}"' in line
    asked = unquote(shlex.split(line)[4])  # not the address that is configured now
    assert asked.startswith("http://127.0.0.1:")
    assert asked.endswith(f"/api/stories/{FIRST}")
    assert "export STORIES_API_KEY=local-key-of-stories-api" in result.stdout


@pytest.mark.parametrize("command", ["show", "replay", "accept"])
def test_a_number_there_is_not_is_named(me: Maintainer, command: str) -> None:
    more = ("--reason", "x") if command == "accept" else ()
    result = me.types("parity", command, 9999, *more)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no comparison 9999" in result.stderr


def test_what_is_no_mismatch_is_not_shown_as_one(me: Maintainer) -> None:
    ((number,),) = rows(me, "SELECT id FROM comparisons WHERE outcome = 'match' AND operation = 'list' LIMIT 1")
    result = me.types("parity", "show", number)
    assert (result.exit_code, result.stderr) == (1, f"comparison {number} is not a mismatch: its outcome is match\n")


def test_without_records_there_is_nothing_to_list(me: Maintainer, tmp_path: Path) -> None:
    result = me.types("parity", "list", "--json", DATA_DIR=str(tmp_path))
    told = f"No mismatches are stored in {tmp_path / 'migration.sqlite3'}.\n"
    assert (result.exit_code, result.stdout, result.stderr) == (0, "[]\n", told)


# Replay


def test_a_mismatch_that_was_mended_is_alike_now(me: Maintainer, proxy: AlteringProxy, mine: Path) -> None:
    number = title(me)["latest"]
    result = replay(me, proxy, mine, number)
    assert (result.exit_code, result.stdout) == (0, f"{number} stories/get: matches now\n"), result.output


def test_all_are_replayed_each_request_once_and_one_that_still_differs_fails(
    me: Maintainer, proxy: AlteringProxy, mine: Path
) -> None:
    proxy.alter = lambda path, answer: alter(path, answer) if "integrity" in answer else answer
    result = replay(me, proxy, mine, "--all", "--domain", "stories")
    assert result.exit_code == 1
    told = [line for line in result.stdout.splitlines() if not line.startswith("  ")]
    assert sorted(line.split(" ", 1)[1] for line in told) == [
        "stories/get: still differs at story",
        "stories/get: still differs at story",
        "stories/related: matches now",
    ]


@pytest.mark.parametrize("arguments", [(), (1, "--all")])
def test_a_replay_is_of_one_or_of_all(me: Maintainer, arguments: tuple[object, ...]) -> None:
    result = me.types("parity", "replay", *arguments)
    assert (result.exit_code, result.stderr) == (1, "name the ID of one mismatch, or --all\n")


# Accept


def test_accepting_needs_a_reason(me: Maintainer) -> None:
    result = me.types("parity", "accept", title(me)["latest"], "--reason", "  ")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "needs a --reason" in result.stderr
    assert not me.allowed.exists()


def test_an_accepted_difference_fails_neither_replay_nor_run(me: Maintainer, proxy: AlteringProxy, mine: Path) -> None:
    number = title(me)["latest"]
    before = "# what we live with\n"
    me.allowed.write_text(before)
    proxy.alter = lambda path, answer: alter(path, answer) if "integrity" in answer else answer
    try:
        result = me.types("parity", "accept", number, "--reason", "titles are marked: on purpose")
        until = date.today() + timedelta(30)
        told = f"accepted until {until}: stories/get story title values_changed\n"
        assert (result.exit_code, result.stdout) == (0, told)
        assert me.allowed.read_text().startswith(before)
        (entry,) = Allowlist.read(me.allowed).entries
        assert (entry.reason, entry.expires) == ("titles are marked: on purpose", until)
        assert title(me)["accepted"] == entry.reason
        assert "accepted already" in me.types("parity", "accept", number, "--reason", "again").stderr

        replayed = replay(me, proxy, mine, number)
        assert replayed.exit_code == 0
        assert "differs as accepted: titles are marked" in replayed.stdout
        ran = run(me, proxy, mine, "--domain", "stories")
        found = json.loads(ran.stdout.splitlines()[-1])
        assert (ran.exit_code, found["mismatched"], found["accepted"]) == (0, 8, 8), ran.output
        assert "stories: 8 of 8 mismatches are accepted" in ran.stderr
    finally:
        me.allowed.unlink()


def test_what_was_too_large_to_keep_cannot_be_accepted(me: Maintainer) -> None:
    (number,) = [group["latest"] for group in groups(me) if group["operation"] == "related"]
    with closing(sqlite3.connect(me.data / "migration.sqlite3")) as records, records:
        records.execute(
            "UPDATE comparisons SET legacy_payload = NULL, lambda_payload = NULL, cut = 1 WHERE id = ?", (number,)
        )
    result = me.types("parity", "accept", number, "--reason", "it is only the order")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "too large to store completely" in result.stderr
    assert "values_changed root[0]" in me.types("parity", "show", number).stdout


def test_a_list_that_is_broken_is_named_before_anything_runs(me: Maintainer, proxy: AlteringProxy, mine: Path) -> None:
    me.allowed.write_text("- {domain: stories, path: '*'}\n")
    try:
        result = run(me, proxy, mine, "--domain", "stories")
        assert (result.exit_code, result.stdout) == (1, "")
        assert f"{me.allowed}: entry 1, layer: Field required" in result.stderr
        assert proxy.paths == []
    finally:
        me.allowed.unlink()


# Record and replay


def test_kept_requests_are_counted_and_exported_redacted(me: Maintainer, tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    result = me.types("parity", "record", "--export", file, RECORD_REQUESTS="50")
    assert result.exit_code == 0, result.output
    counts = {
        line.split("│")[1].strip(): line.split("│")[2].strip() for line in result.stdout.splitlines() if "│" in line
    }
    assert (counts["stories"], counts["search"]) == ("7", "0")
    assert "RECORD_REQUESTS is 50" in result.stderr
    kept = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert len(kept) == 7
    assert {"q": "payments for [e-mail] [b]now[/b]"} in [item["request"] for item in kept]
    assert "ada@example.com" not in file.read_text("utf-8")


def test_what_visitors_asked_is_asked_again_of_both_sides(
    me: Maintainer, proxy: AlteringProxy, mine: Path, tmp_path: Path
) -> None:
    stored = rows(me, "SELECT * FROM calls"), rows(me, "SELECT * FROM comparisons"), rows(me, "SELECT * FROM requests")
    page = tmp_path / "report.html"
    result = run(me, proxy, mine, "--from-records", "--html", page)
    assert result.exit_code == 0, result.output
    found = {item["domain"]: item for item in json.loads(result.stdout.splitlines()[-1])}
    assert {name: item["matched"] for name, item in found.items()} == {
        "stories": 7,
        "search": 0,
        "ask": 0,
        "industries": 0,
    }
    assert "stories: 1 of 7 requests are redacted and are replayed in that form" in result.stderr
    assert "Both sides are alike in 7 of 7 comparisons" in page.read_text("utf-8")
    after = rows(me, "SELECT * FROM calls"), rows(me, "SELECT * FROM comparisons"), rows(me, "SELECT * FROM requests")
    assert after == stored  # a run is no visitor


def test_a_run_pays_no_repairs_of_the_site(me: Maintainer, proxy: AlteringProxy, mine: Path) -> None:
    ledger = Ledger(me.data / "repairs.sqlite3", lease=0.0)
    ledger.add("ask", "forget", "s" * 16, Origin.LAMBDA, {"session_id": "s" * 16})
    found = run(me, proxy, mine, "--domain", "stories", REPAIR_SECONDS="0.01")
    assert found.exit_code == 0, found.output
    assert [repair.attempts for repair in ledger.open_repairs()] == [0]
    ledger.close()


def test_an_exported_file_is_asked_elsewhere(me: Maintainer, proxy: AlteringProxy, mine: Path, tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    lines = [
        {"domain": "stories", "operation": "get", "request": {"id": SECOND}},
        {"domain": "stories", "operation": "rename", "request": {}},
    ]
    file.write_text("\n".join(map(json.dumps, lines)))
    proxy.alter = alter
    result = run(me, proxy, mine, "--domain", "stories", "--from-records", file)
    found = json.loads(result.stdout.splitlines()[-1])
    assert (result.exit_code, found["compared"], found["mismatched"]) == (1, 1, 1)
    assert found["first_mismatches"][0]["request"] == {"id": SECOND}
    assert "left out: stories has no operation 'rename'" in result.stderr

    file.write_text(json.dumps(lines[1]))
    nothing = run(me, proxy, mine, "--from-records", file)
    assert nothing.exit_code == 1
    assert "none of the requests can be replayed any more" in nothing.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"domain": "stories"}\n', "line 1, operation: Field required"),
        ("\n{\n", "line 2: Invalid JSON"),
        ("", "there are no requests to replay"),
    ],
)
def test_a_file_that_holds_no_requests_is_named_with_its_line(
    me: Maintainer, tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "kept.jsonl"
    file.write_text(content)
    result = me.types("parity", "run", "--from-records", file)
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr


def test_nothing_kept_is_said_with_how_to_keep_some(me: Maintainer, tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    result = me.types("parity", "record", "--export", file, DATA_DIR=str(tmp_path))
    assert result.exit_code == 1
    assert "RECORD_REQUESTS is 0: the site records no requests" in result.stderr
    assert not file.exists()

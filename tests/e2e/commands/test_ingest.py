"""`mattgpt ingest`: what of a file is loaded, and what is said about the rest."""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from lambdas.local.launcher import Cloud, running_cloud
from operations.stack.loaders import LOADERS
from tests.support.builders.stories import line, write_rows
from tests.support.command import Maintainer, maintainer, sample_rows, story_file
from tests.support.servers.raw_server import answering, raw_server

KEY = "ingest-key"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with running_cloud(env={"API_KEY": KEY}) as running:
        yield running


@pytest.fixture
def me(tmp_path: Path) -> Maintainer:
    return maintainer(tmp_path)


@pytest.fixture
def port(cloud: Cloud) -> str:
    return cloud.url.rpartition(":")[2]


def served(cloud: Cloud) -> dict[str, str]:
    """Ids and titles of the stories that the stack serves."""
    request = Request(f"{cloud.url}/api/stories?limit=100&include_narratives=true", headers={"x-api-key": KEY})
    with urlopen(request, timeout=10) as response:
        return {card["id"]: card["title"] for card in json.load(response)["cards"]}


def eventually_served(cloud: Cloud, wanted: Callable[[dict[str, str]], bool]) -> bool:
    """A warm process looks for a new corpus every two seconds."""
    deadline = time.monotonic() + 10
    while not wanted(served(cloud)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return wanted(served(cloud))


def written(output: str) -> dict[str, list[int]]:
    """The numbers of each domain's line, without those of a hash."""
    lines = dict(line.split(": ", 1) for line in output.splitlines())
    return {domain: [int(n) for n in re.findall(r"(?<!\w)\d+(?= [a-z])", said)] for domain, said in lines.items()}


def test_a_file_is_loaded_and_only_what_changes_is_written_after_that(cloud: Cloud, me: Maintainer, port: str) -> None:
    file = story_file(me.folder / "mine.jsonl", 6)
    first = me.starts("ingest", file, "--api-port", port)
    assert (first.returncode, first.stderr) == (0, "")
    assert list(written(first.stdout)) == list(LOADERS)
    assert written(first.stdout)["stories"] == [6, 6, 0]
    assert eventually_served(cloud, lambda titles: len(titles) == 6)

    again = me.types("ingest", file, "--api-port", port)
    assert again.exit_code == 0
    assert written(again.stdout)["stories"] == [6, 0, 0]
    assert written(again.stdout)["industries"][1] == 0
    assert "nothing to write" in again.stdout

    story_file(file, 6, row2={"Title": "Quite another title"})
    changed = me.types("ingest", file, "--api-port", port)
    assert written(changed.stdout)["stories"][:2] == [6, 1]
    assert eventually_served(cloud, lambda titles: "Quite another title" in titles.values())


def test_the_file_may_come_from_the_environment(cloud: Cloud, me: Maintainer, port: str) -> None:
    file = story_file(me.folder / "mine.jsonl", 2)
    result = me.types("ingest", "--api-port", port, STORIES_FILE=str(file))
    assert result.exit_code == 0
    assert eventually_served(cloud, lambda titles: len(titles) == 2)


def test_bad_lines_are_reported_with_file_and_line_and_the_rest_is_loaded(
    cloud: Cloud, me: Maintainer, port: str
) -> None:
    good = sample_rows(3)
    file = me.folder / "broken.jsonl"
    lines = [line(good[0]), b"{not json", b"", line({"Title": "no id"}), line(good[1]), line(good[0]), b"\xff"]
    file.write_bytes(b"\n".join([*lines, line(good[2])]))
    result = me.starts("ingest", file, "--api-port", port)
    assert result.returncode == 0
    assert [told.partition("; left out")[0][:70] for told in result.stderr.splitlines()] == [
        told[:70]
        for told in (
            f"{file}: line 2: not JSON: Expecting property name enclosed in double quotes at column 2",
            f"{file}: line 4: no usable id: it must be a string that is not empty",
            f"{file}: line 6: id {good[0]['id']!r} repeats line 1",
            f"{file}: line 7: not UTF-8 text",
        )
    ]
    assert written(result.stdout)["stories"][0] == 3
    assert eventually_served(cloud, lambda titles: set(titles) == {row["id"] for row in good})


def test_strict_rejects_and_lists_every_shortcoming(cloud: Cloud, me: Maintainer, port: str) -> None:
    before = served(cloud)
    complete = {"Situation": ["s"], "Task": ["t"], "Action": ["a"], "Result": ["40% faster"]}
    file = me.folder / "strict.jsonl"
    rows = [{"id": "fine", **complete}, {"id": "no result", **complete, "Result": []}, {"id": "empty"}]
    file.write_bytes(b"\n".join([*map(line, rows), b"[]", b"{"]))
    result = me.types("ingest", file, "--strict", "--api-port", port)
    assert (result.exit_code, result.stdout) == (1, "")
    told = result.stderr.splitlines()
    assert [item.partition("; left out")[0] for item in told[:2]] == [
        f"{file}: line 4: not a JSON object but an array",
        f"{file}: line 5: not JSON: Expecting property name enclosed in double quotes at column 2",
    ]
    assert told[2:] == [
        "empty: lacks situation, task, action, result, metric",
        "no result: lacks result, metric",
        f"{file}: 2 bad lines and 2 incomplete stories; nothing was loaded",
    ]
    assert served(cloud) == before


def test_strict_accepts_what_is_complete(cloud: Cloud, me: Maintainer, port: str) -> None:
    complete = {"Situation": ["s"], "Task": ["t"], "Action": ["a"], "Result": ["40% faster"]}
    file = write_rows(me.folder / "strict.jsonl", [{"id": "fine", **complete}])
    assert me.types("ingest", file, "--strict", "--api-port", port).exit_code == 0
    assert eventually_served(cloud, lambda titles: set(titles) == {"fine"})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot read the story file: No such file or directory"),
        (b"", "no usable story in the file"),
        (b"{\n[]\n", "no usable story in the file; line 1: not JSON: "),
    ],
)
def test_a_file_that_cannot_serve_is_named_in_one_line(
    cloud: Cloud, me: Maintainer, port: str, content: bytes | None, message: str
) -> None:
    before = served(cloud)
    file = me.folder / "gone.jsonl"
    if content is not None:
        file.write_bytes(content)
    result = me.types("ingest", file, "--api-port", port)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert result.stderr.startswith(f"{file}: {message}")
    assert served(cloud) == before


def test_no_listener_on_the_port_is_one_line(me: Maintainer) -> None:
    file = story_file(me.folder / "mine.jsonl", 1)
    result = me.types("ingest", file, "--api-port", 9)
    told = "--api-port: no local Lambda stack answers on port 9; start one with `mattgpt up`\n"
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", told)


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"[]", b"null", b"{}"])
def test_another_program_on_the_port_counts_as_no_stack(me: Maintainer, body: bytes) -> None:
    file = story_file(me.folder / "mine.jsonl", 1)
    with raw_server(answering(body)) as server:
        result = me.types("ingest", file, "--api-port", server.url.rpartition(":")[2])
    assert result.exit_code == 1
    assert "no local Lambda stack answers" in result.stderr


def test_a_stack_without_a_domain_is_named(me: Maintainer) -> None:
    file = story_file(me.folder / "mine.jsonl", 1)
    found = {"aws_endpoint": "http://127.0.0.1:9", "dynamodb_endpoint": "http://127.0.0.1:9", "region": "us-east-1"}
    with raw_server(answering(json.dumps({**found, "stacks": {}}).encode())) as server:
        result = me.types("ingest", file, "--api-port", server.url.rpartition(":")[2])
    told = "stories: no stack 'stories' with an output 'TableName' runs there; no domain was changed\n"
    assert (result.exit_code, result.stderr) == (1, told)

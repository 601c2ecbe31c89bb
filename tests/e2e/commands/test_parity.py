"""`mattgpt parity run`: both sides of a real stack, alike, different, failing; and what a script reads of it."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import psutil
import pytest

from backend_clients.domains import DOMAINS
from backend_clients.settings import REPOSITORY, Settings
from operations.shared.options import settings_for
from tests.support.command import KEY, Maintainer, generate_fewer, maintainer, sample_rows, story_file
from tests.support.servers.altering_proxy import Alter, AlteringProxy

COUNTS = ("compared", "matched", "mismatched", "ignored", "errors")


@pytest.fixture(scope="module")
def me(tmp_path_factory: pytest.TempPathFactory) -> Maintainer:
    return maintainer(tmp_path_factory.mktemp("parity"))


def arguments(proxy: AlteringProxy, mine: Path, *more: object) -> tuple[object, ...]:
    return ("parity", "run", "--api-port", proxy.port, "--stories", mine, *more)


def last_line(output: str) -> Any:
    return json.loads(output.splitlines()[-1])


def run_altered(me: Maintainer, proxy: AlteringProxy, mine: Path, alter: Alter) -> dict[str, Any]:
    """The result for stories when some answers are altered on their way; it makes the command fail."""
    proxy.alter = alter
    result = me.types(*arguments(proxy, mine, "--domain", "stories", "--json"), API_KEY=KEY)
    assert result.exit_code == 1
    return last_line(result.stdout)


# Alike


def test_every_domain_is_alike_over_the_stack_that_answers(
    me: Maintainer, proxy: AlteringProxy, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate_fewer(monkeypatch)
    quick = {name: DOMAINS[name] for name in ("stories", "industries")}  # the test of the built artefacts runs all
    monkeypatch.setattr("operations.commands.parity.with_legacy", lambda: quick)
    result = me.types(*arguments(proxy, mine, "--domain", "all", "--generate", 20, "--json"), API_KEY=KEY)
    assert result.exit_code == 0, result.output
    assert "starting one" not in result.stderr
    found = last_line(result.stdout)
    assert [item["domain"] for item in found] == list(quick)
    for item in found:
        assert {"domain", *COUNTS, "first_mismatches", "accepted", "latency_ms", "layers", "versions"} == set(item)
        assert item["compared"] == item["matched"] >= 20
        assert (item["mismatched"], item["ignored"], item["errors"], item["first_mismatches"]) == (0, 0, 0, [])


def test_a_table_is_printed_and_json_only_when_wanted(me: Maintainer, proxy: AlteringProxy, mine: Path) -> None:
    shown = me.types(*arguments(proxy, mine, "--domain", "stories", "--generate", 150), API_KEY=KEY)
    assert shown.exit_code == 0
    (row,) = [line for line in shown.stdout.splitlines() if "stories" in line]
    assert [cell.strip() for cell in row.split("│")[1:-1]] == ["stories", "150", "150", "0", "0", "0"]
    assert "{" not in shown.stdout

    result = me.types(*arguments(proxy, mine, "--domain", "stories", "--json"), API_KEY=KEY)
    assert row[:10] in result.stdout
    assert last_line(result.stdout)["domain"] == "stories"
    asked = [unquote(path) for path in proxy.paths]
    assert {f"/api/stories/{row['id']}" for row in sample_rows(8)} < set(asked)


def test_another_corpus_gets_a_stack_of_its_own_which_ends_with_the_run(
    me: Maintainer, proxy: AlteringProxy, tmp_path: Path
) -> None:
    rows = {"row0": {"id": "ключ/1|a b", "Title": "Grüße"}, "row1": {"id": "x" * 300}, "row2": {"Start_Date": None}}
    other = story_file(tmp_path / "other.jsonl", 3, **rows)
    marked = tmp_path / "marked"
    marked.mkdir()
    more = ("--domain", "stories", "--generate", 60, "--json", "--data-dir", tmp_path / "data")
    result = me.starts(*arguments(proxy, other, *more), API_KEY=KEY, TMPDIR=str(marked))
    assert result.returncode == 0, result.stderr
    assert f"The stack on port {proxy.port} serves another corpus; starting one" in result.stderr
    assert last_line(result.stdout)["matched"] >= 60
    assert len(proxy.paths) == 1  # it was asked for its corpus and nothing else
    assert (tmp_path / "data").is_dir()
    assert [process.cmdline() for process in psutil.process_iter() if _is_marked(process, marked)] == []


def test_a_stack_of_other_code_is_told(
    me: Maintainer, proxy: AlteringProxy, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise parity would tell green on code that nobody edits."""
    command = (*arguments(proxy, mine, "--domain", "industries"),)
    assert "other code" not in me.types(*command, API_KEY=KEY).stderr
    monkeypatch.setattr("operations.stack.clients.fingerprint", lambda _: "edited")
    assert "runs other code than this working tree" in me.types(*command, API_KEY=KEY).stderr


def test_a_wrong_key_ends_the_run_and_says_so(me: Maintainer, proxy: AlteringProxy, mine: Path) -> None:
    result = me.types(*arguments(proxy, mine, "--domain", "stories"), API_KEY="wrong", STORIES_API_KEY="wrong")
    assert result.exit_code == 1
    assert f"The stack on port {proxy.port} refused the key; set STORIES_API_KEY or API_KEY" in result.stderr
    assert "another corpus" not in result.stderr
    assert "starting one" not in result.stderr


def _is_marked(process: psutil.Process, folder: Path) -> bool:
    """Every process of the stack inherits the folder for temporary files."""
    try:
        return process.environ().get("TMPDIR") == str(folder)
    except psutil.Error:
        return False


# Different, or failing


def test_an_answer_that_differs_is_a_mismatch_that_can_be_looked_at(
    me: Maintainer, proxy: AlteringProxy, mine: Path
) -> None:
    story_id = sample_rows(1)[0]["id"]

    def alter(path: str, answer: Any) -> Any:
        if unquote(path) == f"/api/stories/{story_id}":
            answer["story"]["title"] = "Something [else] 🎉"
        return answer

    found = run_altered(me, proxy, mine, alter)
    assert (found["mismatched"], found["errors"], found["matched"]) == (1, 0, found["compared"] - 1)
    (shown,) = found["first_mismatches"]
    assert (shown["operation"], shown["request"], shown["outcome"], shown["layer"]) == (
        "get",
        {"id": story_id},
        "mismatch",
        "story",
    )
    assert "Something [else] 🎉" in shown["differences"][0]


def test_mismatches_are_shown_to_a_reader_too(me: Maintainer, proxy: AlteringProxy, mine: Path) -> None:
    def alter(path: str, answer: Any) -> Any:
        return {**answer, "related": answer["related"][::-1]} if "related" in answer else answer

    proxy.alter = alter
    result = me.types(*arguments(proxy, mine, "--domain", "stories"), API_KEY=KEY)
    assert result.exit_code == 1
    assert "stories/related mismatch at order" in result.stderr
    assert '"id": ' in result.stderr


@pytest.mark.parametrize(
    ("alteration", "outcome"),
    [
        (500, "lambda_error"),
        (429, "lambda_error"),
        ({"corpus_version": "0123456789abcdef"}, "version_skew"),
        ({"story": None}, "lambda_error"),
    ],
    ids=["down", "limited", "another corpus", "off its contract"],
)
def test_a_side_that_cannot_be_compared_is_an_error(
    me: Maintainer, proxy: AlteringProxy, mine: Path, alteration: Any, outcome: str
) -> None:
    def alter(_: str, answer: Any) -> Any:
        if "integrity" not in answer:
            return answer
        return alteration if isinstance(alteration, int) else {**answer, **alteration}

    found = run_altered(me, proxy, mine, alter)
    assert (found["errors"], found["mismatched"]) == (8, 0)
    assert {item["outcome"] for item in found["first_mismatches"]} == {outcome}
    assert len(found["first_mismatches"]) == 5


def test_a_domain_there_is_not_is_named_with_those_there_are(me: Maintainer, proxy: AlteringProxy, mine: Path) -> None:
    result = me.types(*arguments(proxy, mine, "--domain", "weather"), API_KEY=KEY)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"--domain: there is no domain 'weather'; it is one of all, {', '.join(DOMAINS)}\n"


# Files and folders


@pytest.mark.parametrize("content", [None, b"", b"[]\n"])
def test_a_story_file_that_cannot_serve_is_named_in_one_line(
    me: Maintainer, proxy: AlteringProxy, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "gone.jsonl"
    if content is not None:
        file.write_bytes(content)
    result = me.types(*arguments(proxy, file, "--domain", "stories", "--json"), API_KEY=KEY)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert result.stderr.startswith(f"{file}: ")


def test_a_story_file_of_ones_own_has_a_data_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATA_DIR", raising=False)
    usual = Settings().data_dir
    folders = [settings_for(tmp_path / name / "mine.jsonl").data_dir for name in ("a", "b", "a")]
    assert usual == settings_for().data_dir == REPOSITORY / "var"
    assert [folder.parent for folder in folders] == [usual] * 3
    assert folders[0] == folders[2] != folders[1]
    assert folders[0].name.startswith("stories-mine-")
    assert settings_for(tmp_path / "mine.jsonl", tmp_path / "here").data_dir == tmp_path / "here"
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "given"))
    assert settings_for(tmp_path / "mine.jsonl").data_dir == tmp_path / "given"

"""`mattgpt eval`: what it measures, prints and rejects."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from operations.commands.evaluate import SAMPLE_QUERIES
from tests.support.builders.stories import line
from tests.support.command import Maintainer, maintainer, sample_rows, story_file

OTHER = Path(SAMPLE_QUERIES).parent
MEASURES = {"mrr@10", "recall@5", "recall@10", "ndcg@10"}
KINDS = {"semantic", "keyword", "hybrid"}


@pytest.fixture
def keeper(tmp_path: Path) -> Maintainer:
    return maintainer(tmp_path)


def last_line(output: str) -> Any:
    return json.loads(output.rstrip().rsplit("\n", 1)[-1])


def query_file(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "queries.yaml"
    path.write_text(yaml.safe_dump({"queries": list(rows)}), "utf-8")
    return path


def test_the_sample_is_measured_and_hybrid_is_best(keeper: Maintainer) -> None:
    judged = keeper.types("eval", "--json", "--queries", SAMPLE_QUERIES)
    assert judged.exit_code == 0, judged.output
    found = last_line(judged.stdout)
    assert set(found) == {"queries", "results"}
    assert set(found["results"]) == KINDS
    assert {tuple(values) for values in found["results"].values()} == {("mrr@10", "recall@5", "recall@10", "ndcg@10")}
    assert found["queries"] == 105
    assert "10 of them off topic" in judged.stdout
    hybrid = found["results"]["hybrid"]
    assert all(hybrid[name] >= found["results"][kind][name] + 0.05 for name in MEASURES for kind in KINDS - {"hybrid"})
    assert hybrid["mrr@10"] >= 0.86


def test_interview_questions_are_measured_and_hybrid_is_best(keeper: Maintainer) -> None:
    asked = keeper.types("eval", "--from-interview-questions", "--json")
    found = last_line(asked.stdout)
    hybrid = found["results"]["hybrid"]
    assert found["queries"] == 271
    assert all(hybrid[name] >= found["results"][kind][name] + 0.05 for name in MEASURES for kind in KINDS - {"hybrid"})
    assert hybrid["mrr@10"] >= 0.474
    assert "off topic" not in asked.stdout


def test_names_and_questions_of_another_portfolio_are_found(keeper: Maintainer) -> None:
    files = ("--stories", OTHER / "other_portfolio.jsonl", "--profile", OTHER / "other_profile.yaml")
    rows = [json.loads(row) for row in (OTHER / "other_portfolio.jsonl").read_text("utf-8").splitlines()]
    clients = {row["Client"] for row in rows} - {"Multiple Clients", "Independent Project"}
    stories_of = {name: {row["id"]: 3 for row in rows if row["Client"] == name} for name in sorted(clients)}
    asked = [{"query": f"Tell me about your work at {name}", "relevant": found} for name, found in stories_of.items()]
    named = keeper.types("eval", *files, "--queries", query_file(keeper.folder, *asked), "--json")
    assert last_line(named.stdout)["results"]["hybrid"]["ndcg@10"] == 1
    questions = keeper.types("eval", *files, "--from-interview-questions", "--json")
    assert last_line(questions.stdout)["results"]["hybrid"]["mrr@10"] >= 0.53
    judged = keeper.types("eval", *files, "--queries", OTHER / "other_queries.yaml", "--json")
    assert last_line(judged.stdout)["queries"] == 71
    assert last_line(judged.stdout)["results"]["hybrid"]["mrr@10"] >= 0.92


def test_what_an_interview_question_alone_says_finds_nothing(keeper: Maintainer) -> None:
    question = "How did you house the pangolin and the quokka?"
    stories = story_file(keeper.folder / "mine.jsonl", 8, row0={"Interview Questions": [question], "content": question})
    unindexed = keeper.types("eval", "--stories", stories, "--from-interview-questions", "--json")
    queries = query_file(keeper.folder, {"query": question, "relevant": {sample_rows(1)[0]["id"]: 3}})
    indexed = keeper.types("eval", "--stories", stories, "--queries", queries, "--json")
    assert last_line(indexed.stdout)["results"]["hybrid"]["mrr@10"] == 1
    assert last_line(unindexed.stdout)["results"]["keyword"]["mrr@10"] < 1


def test_a_bad_line_is_named_and_the_rest_is_measured(keeper: Maintainer) -> None:
    stories = story_file(keeper.folder / "mine.jsonl", 3)
    stories.write_bytes(stories.read_bytes() + b"{\n" + line({"Title": "no id"}) + b"\n")
    measured = keeper.types("eval", "--stories", stories, "--from-interview-questions", "--json")
    assert measured.exit_code == 0
    assert "line 4" in measured.stderr
    assert "line 5" in measured.stderr
    assert last_line(measured.stdout)["queries"] > 0


def test_what_cannot_be_measured_is_rejected_in_words(keeper: Maintainer) -> None:
    stories = story_file(
        keeper.folder / "mine.jsonl", 2, row0={"Interview Questions": ""}, row1={"Interview Questions": []}
    )
    first = sample_rows(1)[0]["id"]
    good = query_file(keeper.folder, {"query": "payments", "relevant": {first: 3}})
    refused = {
        "give one of them": ("--queries", good, "--from-interview-questions"),
        "--queries FILE or --from-interview-questions": ("--stories", stories),
        "no queries with a relevant story": ("--stories", stories, "--from-interview-questions"),
        "cannot read the story file": ("--stories", keeper.folder / "nowhere.jsonl"),
        "cannot read the queries": ("--queries", keeper.folder / "nowhere.yaml"),
        "cannot read the questions": ("--answers", keeper.folder / "nowhere.yaml"),
    }
    for said, arguments in refused.items():
        result = keeper.types("eval", *arguments)
        assert (result.exit_code, result.stdout) == (1, ""), said
        assert said in result.stderr
        assert "Traceback" not in result.stderr

"""`mattgpt eval`: no kind of question falls below its committed floor; a question file with a mistake is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.rules.metrics import integrity_of
from contracts.story_file import read_stories
from operations.evaluation.answer_questions import QuestionKind
from tests.support.builders.stories import line
from tests.support.command import Maintainer, maintainer

RELEVANCE = Path(__file__).parents[2] / "relevance"
FLOORS = yaml.safe_load((RELEVANCE / "floors.yaml").read_text("utf-8"))


@pytest.fixture
def keeper(tmp_path: Path) -> Maintainer:
    return maintainer(tmp_path)


def answers_of(keeper: Maintainer, *arguments: object) -> Any:
    asked = keeper.types("eval", *arguments, "--json")
    assert asked.exit_code == 0, asked.output
    return json.loads(asked.stdout.rstrip().rsplit("\n", 1)[-1])["answers"]


def assert_no_kind_is_below(floors: dict[str, float], found: Any) -> None:
    shares = {kind: counted["passed"] / counted["total"] for kind, counted in found["kinds"].items()}
    below = {kind: (share, floors[kind]) for kind, share in shares.items() if share < floors[kind]}
    assert not below, json.dumps(found["failures"], indent=1)
    assert found["false_refusal_rate"] <= floors["false_refusals"], found["refused"]


def test_the_sample_is_answered_as_well_as_the_floor_says(keeper: Maintainer) -> None:
    found = answers_of(keeper, "--answers", RELEVANCE / "answers.yaml")
    assert set(found["kinds"]) == {kind.value for kind in QuestionKind}
    assert sum(counted["total"] for counted in found["kinds"].values()) >= 150
    assert_no_kind_is_below(FLOORS["sample"], found)
    assert len(found["suggested"]) == 6
    assert found["refused_suggestions"] == []
    assert found["interview_questions"] > 200


def test_an_unseen_portfolio_is_answered_as_well_as_its_floor_says(keeper: Maintainer) -> None:
    stories, profile = RELEVANCE / "other_portfolio.jsonl", RELEVANCE / "other_profile.yaml"
    questions = RELEVANCE / "other_answers.yaml"
    found = answers_of(keeper, "--stories", stories, "--profile", profile, "--answers", questions)
    assert set(found["kinds"]) == {kind.value for kind in QuestionKind}
    assert_no_kind_is_below(FLOORS["other"], found)
    assert found["interview_questions"] == 25


def test_the_unseen_portfolio_loads_whole_and_complete() -> None:
    loaded = read_stories(RELEVANCE / "other_portfolio.jsonl")
    assert (len(loaded.stories), loaded.refusals, loaded.notices) == (25, (), ())
    assert all(integrity_of(story).complete for story in loaded.stories)


def question_file(folder: Path, *entries: Any) -> Path:
    path = folder / "answers.yaml"
    path.write_text(yaml.safe_dump({"questions": list(entries)}), "utf-8")
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.jsonl"
    rows = [
        {
            "id": "a|acme",
            "Title": "Ferry timetable",
            "Client": "Acme",
            "Interview Questions": "How did the ferry sail?",
        },
        {"id": "b|bolt", "Title": "Bridge inspection", "Client": "Bolt", "Action": ["Inspected the bridge."]},
    ]
    path.write_bytes(b"\n".join(map(line, rows)))
    return path


def test_a_failure_says_what_was_missing(keeper: Maintainer, small: Path) -> None:
    entries = [
        {"kind": "what_how", "ask": "What about the ferry timetable?", "sources": ["a|acme"], "must_say": ["^zzz"]},
        {"kind": "what_how", "ask": "What about the ferry timetable?", "sources": ["a|acme"]},
        {"kind": "personal", "ask": "What about the ferry timetable?", "no_sources": True, "must_not_say": ["ferry"]},
    ]
    asked = keeper.types("eval", "--stories", small, "--answers", question_file(keeper.folder, *entries))
    assert asked.exit_code == 0
    assert "what_how: What about the ferry timetable?\n  does not say '^zzz'" in asked.stdout
    assert "personal: What about the ferry timetable?\n  cites a|acme" in asked.stdout
    assert "  says 'ferry'" in asked.stdout
    assert "interview questions refused or without a source: 0 of 1" in asked.stdout


def test_conversations_of_the_evaluation_are_not_kept(keeper: Maintainer, small: Path) -> None:
    entry = {"kind": "follow_up", "after": ["The ferry timetable?"], "ask": "Why?", "must_not_say": ["zzz"]}
    answers_of(keeper, "--stories", small, "--answers", question_file(keeper.folder, entry))
    assert not list(keeper.folder.rglob("conversations.sqlite3"))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"kind": "gossip", "ask": "Who?", "no_sources": True}, "entry 2 (Who?): kind: Input should be 'client'"),
        ({"kind": "client", "ask": "Who?"}, "entry 2 (Who?): checks nothing"),
        ({"kind": "client", "ask": "Who?", "no_sources": True, "clients": ["Acme"]}, "cannot want sources and no"),
        ({"kind": "client", "ask": "Who?", "clients": ["Nobody"]}, "entry 2 (Who?): there is no story or client 'Nob"),
        ({"kind": "client", "ask": "Who?", "sources": ["c|x"]}, "entry 2 (Who?): there is no story or client 'c|x'"),
        ({"kind": "client", "ask": "Who?", "must_say": ["("]}, "must_say: 0: '(' is no regular expression"),
        ({"kind": "client", "ask": "Who?", "no_source": True}, "entry 2 (Who?): no_source: Extra inputs"),
        ({"kind": "follow_up", "ask": "Why?", "no_sources": True}, "`after` goes with the kind follow_up"),
        ({"kind": "client", "ask": " ", "no_sources": True}, "entry 2 ( ): ask: "),
        ("words", "entry 2 (words): Input should be"),
    ],
)
def test_a_wrong_entry_is_named(keeper: Maintainer, small: Path, entry: Any, said: str) -> None:
    good = {"kind": "client", "ask": "What was done for Acme?", "clients": ["Acme"]}
    asked = keeper.types("eval", "--stories", small, "--answers", question_file(keeper.folder, good, entry))
    assert (asked.exit_code, asked.stdout) == (1, "")
    assert said in asked.stderr


def test_a_file_that_is_no_list_of_questions_is_rejected(keeper: Maintainer, small: Path) -> None:
    path = keeper.folder / "odd.yaml"
    for text, said in (
        ("{", "cannot read the questions"),
        ("[]", "wants a list `questions`"),
        ("questions: []", "odd"),
    ):
        path.write_text(text)
        asked = keeper.types("eval", "--stories", small, "--answers", path)
        assert asked.exit_code == 1
        assert said in asked.stderr
        assert "Traceback" not in asked.stderr

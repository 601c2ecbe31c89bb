"""Messages on a story file: every one names its lines, and no file floods the terminal."""

from pathlib import Path

from contracts.story_file import parse_stories
from operations.shared.story_messages import MOST_MESSAGES, story_messages
from tests.support.builders.stories import line


def messages(*rows: object) -> list[str]:
    return list(story_messages(Path("mine.jsonl"), parse_stories([line(row) for row in rows])))


def test_lines_with_the_same_notice_share_a_message() -> None:
    rows = [{"id": str(number), "title": "t"} for number in range(7)]
    assert messages(*rows, {"id": "x", "Start_Date": "soon"}) == [
        "mine.jsonl: lines 1, 2, 3, 4, 5 and 2 more: the key 'title' is read as 'Title'",
        "mine.jsonl: line 8: Start_Date 'soon' is no date such as 2020-03, Mar 2020 or 2020; left out",
    ]


def test_rejected_lines_come_first_and_both_kinds_are_bounded() -> None:
    good = ({"id": str(number), "End_Date": f"soon {number}"} for number in range(30))
    shown = messages(*good, *({} for _ in range(25)))
    assert len(shown) == 2 * (MOST_MESSAGES + 1)
    assert shown[0] == "mine.jsonl: line 31: no usable id: it must be a string that is not empty; left out"
    assert shown[MOST_MESSAGES] == "mine.jsonl: and 5 more lines that were left out"
    assert shown[-1] == "mine.jsonl: and 10 more notices"

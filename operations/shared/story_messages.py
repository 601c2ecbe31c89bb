"""Messages about a story file: rejected lines, and values that were normalised."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from contracts.story_file import LoadedStories

MOST_MESSAGES: Final = 20
_MOST_LINES: Final = 5


def story_messages(path: Path, loaded: LoadedStories) -> Iterator[str]:
    """Yield a message per rejected line, then one per notice with its lines; both lists are bounded."""
    refused = [f"line {refusal.line}: {refusal.reason}; left out" for refusal in loaded.refusals]
    lines: dict[str, list[int]] = defaultdict(list)
    for notice in loaded.notices:
        lines[notice.message].append(notice.line)
    noticed = [f"{_named(numbers)}: {message}" for message, numbers in lines.items()]
    for messages, kind in ((refused, "lines that were left out"), (noticed, "notices")):
        yield from (f"{path}: {message}" for message in messages[:MOST_MESSAGES])
        if len(messages) > MOST_MESSAGES:
            yield f"{path}: and {len(messages) - MOST_MESSAGES} more {kind}"


def _named(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"line {numbers[0]}"
    more = f" and {len(numbers) - _MOST_LINES} more" if len(numbers) > _MOST_LINES else ""
    return f"lines {', '.join(map(str, numbers[:_MOST_LINES]))}{more}"

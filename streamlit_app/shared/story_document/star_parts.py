"""The STAR parts of a story, with nested bullets as Markdown."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from contracts.story import Story

_DEEPEST: Final = 3
_MARKS: Final = ("- ", "* ", "• ")


def parts_of(story: Story) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The STAR sections, process and performance in reading order, without empty ones."""
    parts = (
        ("Situation", story.situation),
        ("Task", story.task),
        ("Action", story.action),
        ("Result", story.result),
        ("Process", story.process),
        ("Performance", story.performance),
    )
    return tuple((heading, lines) for heading, lines in parts if lines)


def bullets(lines: Sequence[str], escape: Callable[[str], str]) -> str:
    """Format lines as a Markdown list, nested by indentation; a single line is a paragraph."""
    items = list(_items(lines))
    if len(items) == 1:
        return escape(items[0][1])
    return "\n".join(f"{'    ' * depth}- {escape(text)}" for depth, text in items)


def _items(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Each line's depth and text. Any deeper indent opens one level, whatever its width."""
    open_indents: list[int] = []
    for line in lines:
        spread = line.expandtabs(4)
        text = _without_mark(spread.strip())
        if not text:
            continue
        indent = len(spread) - len(spread.lstrip())
        while open_indents and indent < open_indents[-1]:
            open_indents.pop()
        if not open_indents or indent > open_indents[-1]:
            open_indents.append(indent)
        yield min(len(open_indents) - 1, _DEEPEST), text


def _without_mark(text: str) -> str:
    for mark in _MARKS:
        text = text.removeprefix(mark)
    return "" if text in ("-", "*", "•") else text.strip()

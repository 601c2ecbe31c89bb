"""The STAR parts of a story, with nested bullets as Markdown."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from contracts.rules.questions.generic_words import stems
from contracts.stories import StoryContent
from contracts.story import Story

_DEEPEST: Final = 3
_MARKS: Final = ("- ", "* ", "• ")


def opening_of(content: StoryContent) -> str:
    """The line above the parts: the curated summary, or what the work was for; "" if the title or a part says it.

    A summary that was composed of the story's own lines would repeat them.
    """
    story = content.story
    opening = content.summary if story.curated_summary else story.purpose
    return opening if _adds(opening, [story.title, *(line for _, lines in parts_of(story) for line in lines)]) else ""


def parts_of(story: Story) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The STAR parts in reading order, then of process and performance what these do not say; none is empty."""
    star = (*story.situation, *story.task, *story.action, *story.result)
    parts = (
        ("Situation", story.situation),
        ("Task", story.task),
        ("Action", story.action),
        ("Result", story.result),
        ("Process", _added(story.process, star)),
        ("Performance", _added(story.performance, (*star, *story.process))),
    )
    return tuple((heading, lines) for heading, lines in parts if lines)


def _added(lines: Sequence[str], said: Sequence[str]) -> tuple[str, ...]:
    return tuple(line for line in lines if _adds(line, said))


def _adds(line: str, said: Iterable[str]) -> bool:
    """Whether none of some lines has all the words of this one."""
    own = set(stems(line))
    return bool(own) and not any(own <= set(stems(other)) for other in said)


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

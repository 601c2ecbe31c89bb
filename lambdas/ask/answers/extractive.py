"""The three modes of an answer, composed from the stories' own words."""

from collections.abc import Iterator, Sequence

from contracts.ask import CITED_STORIES, UNTITLED, Modes
from contracts.story import Story
from lambdas.ask.answers.markdown import clean, escaped, name, sentence, visible
from lambdas.common.text.summaries import headline

_PARTS = ("situation", "task", "action", "result")
_NESTED = 2  # spaces from which a line is a nested one
_TAB = 4
_BLANK_LINE = "\n\n"


def compose(stories: Sequence[Story], narrative: str) -> Modes:
    """Markdown with `[n]` marks, where n counts the cited stories from 1."""
    cited = stories[:CITED_STORIES]
    return Modes(
        narrative=narrative,
        key_points=_BLANK_LINE.join(_key_points(story, number) for number, story in enumerate(cited, 1)),
        deep_dive=_BLANK_LINE.join(_deep_dive(cited)),
    )


def title_of(story: Story) -> str:
    """The title as it is shown."""
    return name(story.title) or UNTITLED


def _key_points(story: Story, number: int) -> str:
    approach = _first(story.process) or _first(story.action)
    outcome = sentence(headline(story)) or sentence(_first(story.result))
    points = {
        "Scope": escaped(sentence(story.scope)),
        "Approach": escaped(sentence(approach)),
        "Outcome": escaped(outcome),
        "Domain": name(story.domain),
    }
    lines = (f"- {label}: {text}" for label, text in points.items() if text)
    return "\n".join((f"**{title_of(story)}** [{number}]", *lines))


def _first(lines: tuple[str, ...]) -> str:
    return next((line for line in lines if sentence(line)), "")


def _deep_dive(cited: Sequence[Story]) -> Iterator[str]:
    story = cited[0]
    yield f"### {title_of(story)} [1]"
    for part in _PARTS:
        if lines := [_list_line(line) for line in getattr(story, part) if clean(line)]:
            yield f"#### {part.capitalize()}"
            yield "\n".join(lines)
    if others := [f"- {title_of(other)} [{number}]" for number, other in enumerate(cited[1:], 2)]:
        yield "#### Also relevant"
        yield "\n".join(others)


def _list_line(line: str) -> str:
    expanded = visible(line).expandtabs(_TAB)
    indentation = len(expanded) - len(expanded.lstrip(" "))
    return f"{'  ' if indentation >= _NESTED else ''}- {escaped(clean(line))}"

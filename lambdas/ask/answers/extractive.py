"""The three modes of an answer, composed from the stories' own words."""

from collections.abc import Iterator, Sequence

from contracts.ask import UNTITLED, Modes
from contracts.industries import AGGREGATE_CLIENTS
from contracts.story import Story
from lambdas.ask.answers.markdown import clean, escaped, name, sentence, visible
from lambdas.common.text.summaries import headline

_PARTS = ("situation", "task", "action", "result")
_NESTED = 2  # spaces from which a line is a nested one
_TAB = 4
_BLANK_LINE = "\n\n"


def compose(cited: Sequence[Story]) -> Modes:
    """Markdown with `[n]` marks, where n counts the cited stories from 1."""
    return Modes(
        narrative=" ".join(_narrative(cited)),
        key_points=_BLANK_LINE.join(_key_points(story, number) for number, story in enumerate(cited, 1)),
        deep_dive=_BLANK_LINE.join(_deep_dive(cited)),
    )


def _narrative(cited: Sequence[Story]) -> Iterator[str]:
    story = cited[0]
    domain = f", in {name(story.domain)}" if story.domain else ""
    yield f"**{_title(story)}**{_where(story)}{domain}. [1]"
    if aim := sentence(story.purpose):
        yield f"The aim: {escaped(aim)}"
    if focus := [told for line in story.process if (told := sentence(line))][:2]:
        yield f"The focus: {escaped(' '.join(focus))}"
    if impact := sentence(headline(story)):
        yield f"The impact: {escaped(impact)}"
    if others := [f"**{_title(other)}** [{number}]" for number, other in enumerate(cited[1:], 2)]:
        yield f"See also {' and '.join(others)}."


def _title(story: Story) -> str:
    return name(story.title) or UNTITLED


def _where(story: Story) -> str:
    """At the client; an aggregate such as "Multiple Clients" is no place to be at and is put in brackets."""
    client = name(story.client)
    if client.casefold() in AGGREGATE_CLIENTS:
        return f" ({client})"
    return client and f" at {client}"


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
    return "\n".join((f"**{_title(story)}** [{number}]", *lines))


def _first(lines: tuple[str, ...]) -> str:
    return next((line for line in lines if sentence(line)), "")


def _deep_dive(cited: Sequence[Story]) -> Iterator[str]:
    story = cited[0]
    yield f"### {_title(story)} [1]"
    for part in _PARTS:
        if lines := [_list_line(line) for line in getattr(story, part) if clean(line)]:
            yield f"#### {part.capitalize()}"
            yield "\n".join(lines)
    if others := [f"- {_title(other)} [{number}]" for number, other in enumerate(cited[1:], 2)]:
        yield "#### Also relevant"
        yield "\n".join(others)


def _list_line(line: str) -> str:
    expanded = visible(line).expandtabs(_TAB)
    indentation = len(expanded) - len(expanded.lstrip(" "))
    return f"{'  ' if indentation >= _NESTED else ''}- {escaped(clean(line))}"

"""Telling an answer from the stories' own words, in three modes."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from backend_clients.corpus.summary import strongest_metric_line, without_bullet
from contracts.ask import Modes
from contracts.story import Story

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~$!])")
_SENTENCE_ENDS: Final = (".", "!", "?", "…")


def compose(stories: Sequence[Story]) -> Modes:
    """All three modes as Markdown; the first story is the one that answers."""
    return Modes(narrative=_narrative(stories), key_points=_key_points(stories), deep_dive=_deep_dive(stories))


def clean(line: str) -> str:
    """A line without its bullet, its white space collapsed."""
    return " ".join(without_bullet(line).split())


def _narrative(stories: Sequence[Story]) -> str:
    story, *others = stories
    opening = escaped(story.title)
    opening += f" at {escaped(story.client)}" if story.client else ""
    opening += f", in {escaped(story.domain)}" if story.domain else ""
    lines = [text for text in map(clean, story.process) if text]
    focus = "; ".join(escaped(line.removesuffix(".")) for line in lines[:2])
    headline = strongest_metric_line(story)
    parts = [
        f"{opening}. [1]",
        f"The aim: {_sentence(story.purpose)}" if story.purpose else "",
        f"The focus: {focus}." if focus else "",
        f"The impact: {_sentence(headline)}" if headline else "",
        f"See also {_also(others)}." if others else "",
    ]
    return " ".join(part for part in parts if part)


def _also(stories: Sequence[Story]) -> str:
    return " and ".join(f"{escaped(story.title)} [{number}]" for number, story in enumerate(stories, start=2))


def _key_points(stories: Sequence[Story]) -> str:
    return "\n\n".join(_points(number, story) for number, story in enumerate(stories, start=1))


def _points(number: int, story: Story) -> str:
    approach = next(iter((*story.process, *story.action)), "")
    outcome = strongest_metric_line(story) or next(iter(story.result), "")
    lines = [
        f"**{escaped(story.title)}** [{number}]",
        f"- Scope: {_sentence(story.scope)}" if story.scope else "",
        f"- Approach: {_sentence(approach)}" if approach else "",
        f"- Outcome: {_sentence(outcome)}" if outcome else "",
        f"- Domain: {escaped(story.domain)}" if story.domain else "",
    ]
    return "\n".join(line for line in lines if line)


def _deep_dive(stories: Sequence[Story]) -> str:
    story, *others = stories
    blocks = [f"### {escaped(story.title)} [1]"]
    for name in ("Situation", "Task", "Action", "Result"):
        items = _bullets(getattr(story, name.lower()))
        blocks += [f"#### {name}\n\n{items}"] if items else []
    if others:
        listed = "\n".join(f"- {escaped(other.title)} [{number}]" for number, other in enumerate(others, start=2))
        blocks.append(f"#### Also relevant\n\n{listed}")
    return "\n\n".join(blocks)


def _bullets(lines: Iterable[str]) -> str:
    items = []
    for line in lines:
        text = clean(line)
        wide = line.expandtabs(4)
        nested = len(wide) - len(wide.lstrip(" ")) >= 2
        if text:
            items.append(f"{'  ' if nested else ''}- {escaped(text)}")
    return "\n".join(items)


def _sentence(text: str) -> str:
    cleaned = clean(text)
    return escaped(cleaned if cleaned.endswith(_SENTENCE_ENDS) else f"{cleaned}.")


def escaped(text: str) -> str:
    """Story text as Markdown that shows it and nothing else: no link, image, HTML or formula can arise."""
    return _SPECIAL.sub(r"\\\1", text)

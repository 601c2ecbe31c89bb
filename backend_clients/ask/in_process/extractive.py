"""Telling an answer from the stories' own words, in three modes."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from backend_clients.corpus.summaries import strongest_metric_line, without_bullet
from contracts.ask import CITED_STORIES, UNTITLED, Modes
from contracts.story import Story

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~$!])")
_ADDRESS: Final = re.compile(r"(?i)(?<=:)(?=//)|(?<=www)(?=\.)|(?<=[\w.+-]@)(?=[\w-]+\.[\w-])")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_JOINER: Final = "\u2060"  # nobody sees it
_SENTENCE_ENDS: Final = (".", "!", "?", "…")
_CLOSING: Final = "\"')]\u201d\u2019\u00bb"  # may follow the end of a sentence
_LEFT_OPEN: Final = " ,;:"  # nothing follows


def compose(stories: Sequence[Story], narrative: str) -> Modes:
    """All three modes as Markdown; the first story is the one that answers."""
    cited = stories[:CITED_STORIES]
    return Modes(narrative=narrative, key_points=_key_points(cited), deep_dive=_deep_dive(cited))


def clean(line: str) -> str:
    """A line without its bullet and control characters, its white space collapsed."""
    return collapsed(without_bullet(_CONTROL.sub("", line)))


def collapsed(text: str) -> str:
    return " ".join(_CONTROL.sub("", text).split())


def _key_points(stories: Sequence[Story]) -> str:
    return "\n\n".join(_points(number, story) for number, story in enumerate(stories, start=1))


def _points(number: int, story: Story) -> str:
    points = {
        "Scope": _sentence(story.scope),
        "Approach": _first((*story.process, *story.action)),
        "Outcome": _sentence(strongest_metric_line(story)) or _first(story.result),
        "Domain": name(story.domain),
    }
    lines = [f"- {label}: {text}" for label, text in points.items() if text]
    return "\n".join([f"**{title_of(story)}** [{number}]", *lines])


def _first(lines: Iterable[str]) -> str:
    return next((text for text in map(_sentence, lines) if text), "")


def _deep_dive(stories: Sequence[Story]) -> str:
    story, *others = stories
    blocks = [f"### {title_of(story)} [1]"]
    for part in ("Situation", "Task", "Action", "Result"):
        items = _bullets(getattr(story, part.lower()))
        blocks += [f"#### {part}\n\n{items}"] if items else []
    if others:
        listed = "\n".join(f"- {title_of(other)} [{number}]" for number, other in enumerate(others, start=2))
        blocks.append(f"#### Also relevant\n\n{listed}")
    return "\n\n".join(blocks)


def _bullets(lines: Iterable[str]) -> str:
    items = []
    for line in lines:
        text = clean(line)
        wide = _CONTROL.sub("", line).expandtabs(4)
        nested = len(wide) - len(wide.lstrip(" ")) >= 2
        if text:
            items.append(f"{'  ' if nested else ''}- {escaped(text)}")
    return "\n".join(items)


def _sentence(text: str) -> str:
    return escaped(as_sentence(text))


def as_sentence(text: str) -> str:
    """A line as a sentence; "" if nothing is to be seen in it."""
    line = clean(text).rstrip(_LEFT_OPEN)
    ends = line.rstrip(_CLOSING).endswith(_SENTENCE_ENDS)
    return line if not line or ends else f"{line}."


def title_of(story: Story) -> str:
    """The title as it is shown."""
    return name(story.title) or UNTITLED


def name(text: str) -> str:
    """A title, a client or a domain as it is shown."""
    return escaped(collapsed(text))


def escaped(text: str) -> str:
    """Story text as Markdown that shows it and nothing else: no link, image, HTML or formula can arise.

    An address becomes a link without any mark-up, even after an escape: only what stands within it prevents that.
    """
    return _SPECIAL.sub(r"\\\1", _ADDRESS.sub(_JOINER, text))

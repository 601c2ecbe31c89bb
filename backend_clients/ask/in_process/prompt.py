"""Builds the prompt: rules, cited stories as data, conversation and question."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from backend_clients.ask.in_process.extractive import clean
from contracts.ask import CONTEXT_TURNS
from contracts.ask_prompt import SYSTEM
from contracts.conversations import Turn
from contracts.story import Story

_ANSWER_LENGTH: Final = 500
_LISTED: Final = ("situation", "task", "action", "result", "process", "performance")


@dataclass(frozen=True, slots=True)
class Prompt:
    """The rules and everything else, kept apart as two messages."""

    system: str
    user: str

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of both."""
        return hashlib.sha256(f"{self.system}\n\n{self.user}".encode()).hexdigest()


def build_prompt(question: str, stories: Sequence[Story], history: Sequence[Turn]) -> Prompt:
    blocks = "\n".join(_block(number, story) for number, story in enumerate(stories, start=1))
    earlier = _conversation(history)
    parts = [blocks, *([earlier] if earlier else []), f"Question: {_said(question)}"]
    return Prompt(SYSTEM, "\n\n".join(parts))


def collapsed(text: str) -> str:
    return " ".join(text.split())


def _block(number: int, story: Story) -> str:
    lines = {
        "Title": clean(story.title),
        "Client": clean(story.client),
        "Domain": clean(story.domain),
        "Role": clean(story.role),
        "Dates": _dates(story),
        "Purpose": clean(story.purpose),
        **{name.capitalize(): _joined(getattr(story, name)) for name in _LISTED},
    }
    body = "\n".join(f"{name}: {text}" for name, text in lines.items() if text)
    fenced = _fenced(body)
    return f'<story n="{number}" id="{_fenced(story.id)}">\n{fenced}\n</story>'


def _dates(story: Story) -> str:
    return f"{story.start_date} - {story.end_date}" if story.start_date or story.end_date else ""


def _joined(lines: Iterable[str]) -> str:
    return " ".join(text for text in map(clean, lines) if text)


def retry_prompt(offenders: Sequence[str]) -> str:
    """Build the message for the second try, which names the offenders."""
    return (
        f"Your answer had what no cited story holds, or lacked a mark: {_said(', '.join(offenders))}. "
        "Answer again without it, with a mark such as [1] in every paragraph."
    )


def _said(text: str) -> str:
    """Reduce a quotation to one line that cannot pass for a story."""
    return _fenced(collapsed(text))


def _fenced(text: str) -> str:
    """Escape text so that it neither closes nor opens a tag."""
    return text.translate({ord("<"): "\u2039", ord(">"): "\u203a"})


def _conversation(history: Sequence[Turn]) -> str:
    turns = [turn for turn in history if not turn.refused][-CONTEXT_TURNS:]
    if not turns:
        return ""
    lines = [f"Q: {_said(turn.question)}\nA: {_said(turn.answer)[:_ANSWER_LENGTH]}" for turn in turns]
    return "\n".join(["Earlier in this conversation:", *lines])

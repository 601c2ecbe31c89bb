"""The prompt: rules in one message; stories, fenced as data, earlier turns and the question in the other."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from contracts.ask import CONTEXT_TURNS
from contracts.ask_prompt import SYSTEM
from contracts.conversations import Turn
from contracts.rules.questions.resolution import collapsed
from contracts.story import Story
from lambdas.ask.answers.markdown import clean, clean_lines

_REMEMBERED: Final = 500  # characters of an earlier answer
_BLANK_LINE: Final = "\n\n"
_FENCE_SAFE: Final = str.maketrans("<>", "\u2039\u203a")


@dataclass(frozen=True)
class Prompt:
    """What a model gets as the system's and as the user's message."""

    system: str
    user: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(f"{self.system}{_BLANK_LINE}{self.user}".encode()).hexdigest()


def build_prompt(question: str, cited: Sequence[Story], history: Sequence[Turn]) -> Prompt:
    stories = "\n".join(_fenced(story, number) for number, story in enumerate(cited, 1))
    parts = (stories, _earlier(history), f"Question: {_said(question)}")
    return Prompt(SYSTEM, _BLANK_LINE.join(part for part in parts if part))


def retry_prompt(offenders: Sequence[str]) -> str:
    """Build the message for the second try, which names the offenders."""
    return (
        f"Your answer had what no cited story holds, or lacked a mark: {_said(', '.join(offenders))}. "
        "Answer again without it, with a mark such as [1] in every paragraph."
    )


def _fenced(story: Story, number: int) -> str:
    body = "\n".join(_body_lines(story)).translate(_FENCE_SAFE)
    return f'<story n="{number}" id="{story.id.translate(_FENCE_SAFE)}">\n{body}\n</story>'


def _body_lines(story: Story) -> Iterator[str]:
    dates = f"{story.start_date} - {story.end_date}" if story.start_date or story.end_date else ""
    texts = {
        "Title": clean(story.title),
        "Client": clean(story.client),
        "Domain": clean(story.domain),
        "Role": clean(story.role),
        "Dates": dates,
        "Purpose": clean(story.purpose),
        "Situation": _joined(story.situation),
        "Task": _joined(story.task),
        "Action": _joined(story.action),
        "Result": _joined(story.result),
        "Process": _joined(story.process),
        "Performance": _joined(story.performance),
    }
    return (f"{label}: {text}" for label, text in texts.items() if text)


def _joined(lines: tuple[str, ...]) -> str:
    return " ".join(clean_lines(lines))


def _earlier(history: Sequence[Turn]) -> str:
    answered = [turn for turn in history[-CONTEXT_TURNS:] if not turn.refused]
    if not answered:
        return ""
    exchanges = (f"Q: {_said(turn.question)}\nA: {_said(turn.answer)[:_REMEMBERED]}" for turn in answered)
    return "\n".join(("Earlier in this conversation:", *exchanges))


def _said(text: str) -> str:
    """Reduce a quotation to one line that cannot pass for a story."""
    return collapsed(text).translate(_FENCE_SAFE)

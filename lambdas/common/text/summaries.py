"""Summary lines of a story: its strongest metric line and its 5P line."""

from dataclasses import dataclass
from typing import Final

from contracts.rules.metrics import MetricKind, find_metrics, integrity_of
from contracts.stories import StoryCard
from contracts.story import Story

SUMMARY_LENGTH: Final = 220
_BULLETS: Final = ("- ", "* ", "• ")
_RANK: Final = {kind: rank for rank, kind in enumerate(MetricKind)}


@dataclass(frozen=True)
class StrongestLine:
    """A display line and its rank; a lower rank is stronger: by kind of metric, then by value."""

    rank: tuple[int, float]
    line: str


def strongest_line(story: Story) -> StrongestLine | None:
    """The line of Performance and Result with the strongest metric; None if none has a metric.

    Kinds rank as `MetricKind` lists them, then the larger value wins, then the earlier line.
    """
    strengths = [
        (min((_RANK[metric.kind], -metric.value) for metric in metrics), line)
        for line in (*story.performance, *story.result)
        if (metrics := find_metrics(line))
    ]
    if not strengths:
        return None
    rank, line = min(strengths, key=lambda pair: pair[0])
    return StrongestLine(rank, without_bullet(line))


def headline(story: Story) -> str:
    """The strongest metric line for display; "" if there is none."""
    strongest = strongest_line(story)
    return strongest.line if strongest else ""


def summary(story: Story, outcome: str) -> str:
    """The 5P line: the curated one, else goal, approach and outcome; at most 220 characters."""
    if story.curated_summary.strip():
        return shortened(story.curated_summary)
    approach = "; ".join(without_bullet(line).rstrip(".") for line in story.process[:2])
    parts = (("Goal", story.purpose), ("Approach", approach), ("Outcome", outcome))
    return shortened(" ".join(_sentence(f"{label}: {text}") for label, text in parts if text))


def without_bullet(line: str) -> str:
    stripped = line.lstrip()
    bullet = next((mark for mark in _BULLETS if stripped.startswith(mark)), "")
    return stripped.removeprefix(bullet).strip()


def shortened(text: str) -> str:
    """One line of at most `SUMMARY_LENGTH` characters, cut between words if necessary."""
    line = " ".join(text.split())
    if len(line) <= SUMMARY_LENGTH:
        return line
    room = SUMMARY_LENGTH - 1
    space = line.rfind(" ", 0, room + 1)
    kept = line[:space] if space > 0 else line[:room]
    return kept.rstrip(" ,;:-.") + "…"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


FIELD_ATTRIBUTES: Final = {
    "industries": "industry",
    "capabilities": "capability",
    "eras": "era",
    "clients": "client",
    "employers": "employer",
    "roles": "role",
    "domains": "domain",
    "themes": "theme",
}


def card_of(story: Story) -> StoryCard:
    """The card of a story in a list."""
    outcome = headline(story)
    integrity = integrity_of(story)
    return StoryCard(
        id=story.id,
        title=story.title,
        client=story.client,
        employer=story.employer,
        division=story.division,
        place=story.place,
        role=story.role,
        industry=story.industry,
        domain=story.domain,
        capability=story.capability,
        theme=story.theme,
        era=story.era,
        start_date=story.start_date,
        end_date=story.end_date,
        summary=summary(story, outcome),
        headline=outcome,
        tags=story.tags,
        has_metric="metric" not in integrity.missing,
        complete=integrity.complete,
    )

"""The one-line views of a story: the 5P line and the strongest metric line."""

from typing import Final

from contracts.rules.metrics import MetricKind, find_metrics, integrity_of, story_metrics
from contracts.stories import StoryCard
from contracts.story import Story

SUMMARY_LENGTH: Final = 220
_KINDS: Final = list(MetricKind)


def strongest_metric_line(story: Story) -> str:
    """The Performance or Result line with the strongest metric, without its bullet; "" if no line has one.

    Percentages beat multiples, multiples money, money counts; within a kind the larger wins, then the earlier line.
    """
    return without_bullet(_strongest(story)[0])


def strongest_metric_rank(story: Story) -> tuple[int, float] | None:
    """Kind and negated value of a story's strongest metric, so that smaller is stronger; None without a metric."""
    return _strongest(story)[1]


def five_p_line(story: Story) -> str:
    """The curated 5P summary, else Goal / Approach / Outcome from the story's own words; 220 characters at most."""
    return _cut(" ".join((story.curated_summary or _composed(story)).split()))


def _strongest(story: Story) -> tuple[str, tuple[int, float] | None]:
    best_line, best_rank = "", None
    for line in (*story.performance, *story.result):
        for metric in find_metrics(line):
            rank = (_KINDS.index(metric.kind), -metric.value)
            if best_rank is None or rank < best_rank:
                best_line, best_rank = line, rank
    return best_line, best_rank


def _composed(story: Story) -> str:
    approach = "; ".join(without_bullet(line).rstrip(".") for line in story.process[:2])
    parts = {"Goal": story.purpose, "Approach": approach, "Outcome": strongest_metric_line(story)}
    return " ".join(_ended(f"{name}: {text}") for name, text in parts.items() if text)


def without_bullet(line: str) -> str:
    stripped = line.strip()
    for bullet in ("- ", "* ", "• "):
        if stripped.startswith(bullet):
            return stripped[len(bullet) :].strip()
    return stripped


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _cut(text: str) -> str:
    if len(text) <= SUMMARY_LENGTH:
        return text
    head = text[: SUMMARY_LENGTH - 1]
    if not text[SUMMARY_LENGTH - 1].isspace() and " " in head:
        head = head[: head.rindex(" ")]
    return head.rstrip(" ,;:-.") + "…"


def card_of(story: Story) -> StoryCard:
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
        summary=five_p_line(story),
        headline=strongest_metric_line(story),
        tags=story.tags,
        has_metric=bool(story_metrics(story)),
        complete=integrity_of(story).complete,
    )

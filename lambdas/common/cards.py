"""What a list shows of a story, and which of its attributes each facet counts."""

from typing import Final

from contracts.metrics import integrity_of
from contracts.stories import StoryCard
from contracts.story import Story
from lambdas.common.summaries import headline, summary

FIELD_ATTRIBUTES: Final = {
    "industries": "industry",
    "capabilities": "capability",
    "eras": "era",
    "clients": "client",
    "roles": "role",
    "domains": "domain",
    "themes": "theme",
}


def card_of(story: Story) -> StoryCard:
    """What a list shows of a story."""
    outcome = headline(story)
    integrity = integrity_of(story)
    return StoryCard(
        id=story.id,
        title=story.title,
        client=story.client,
        division=story.division,
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

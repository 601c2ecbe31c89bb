"""What a list shows of a story."""

from backend_clients.corpus.summary import five_p_line, strongest_metric_line
from contracts.metrics import integrity_of, story_metrics
from contracts.stories import StoryCard
from contracts.story import Story


def card_of(story: Story) -> StoryCard:
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
        summary=five_p_line(story),
        headline=strongest_metric_line(story),
        tags=story.tags,
        has_metric=bool(story_metrics(story)),
        complete=integrity_of(story).complete,
    )

"""A story's facts as labels and values."""

from collections.abc import Sequence

from contracts.story import Story
from streamlit_app.shared.wording import span


def headline_of(story: Story) -> tuple[tuple[str, str], ...]:
    """Label and value of the line under the title: client, role, dates, industry."""
    return _stated(
        ("Client", story.client),
        ("Role", story.role),
        ("Dates", span(story.start_date, story.end_date)),
        ("Industry", story.industry),
    )


def facts_of(story: Story) -> tuple[tuple[str, str], ...]:
    """Label and value of the fields in the side column."""
    return _stated(
        ("Domain", story.domain),
        ("Capability", story.capability),
        ("Era", story.era),
        ("Place", story.place),
        ("Scope", story.scope),
    )


def _stated(*facts: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((label, value) for label, value in facts if value)


def listed_in_words(names: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))

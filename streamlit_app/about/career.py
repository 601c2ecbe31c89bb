"""A career, computed from the corpus's eras."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.stories import StoryList
from streamlit_app.shared.wording import years

MOST_ERAS = 12
_MOST_NAMES = 3


@dataclass(frozen=True)
class EraSpan:
    """An era with its years, number of stories and main capabilities."""

    name: str
    years: str
    stories: int
    capabilities: tuple[str, ...]
    start: str


def career(eras: Sequence[tuple[str, StoryList]]) -> tuple[EraSpan, ...]:
    """Sort the eras, newest first and undated ones last."""
    spans = [
        EraSpan(
            name=name,
            years=years(stories.first_start, stories.last_end),
            stories=stories.total,
            capabilities=tuple(facet.value for facet in stories.facets.get("capabilities", ())[:_MOST_NAMES]),
            start=stories.first_start,
        )
        for name, stories in eras
    ]
    return tuple(sorted(spans, key=lambda span: span.start, reverse=True))

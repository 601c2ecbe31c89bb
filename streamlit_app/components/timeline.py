"""Stories by era, newest era first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from contracts.stories import StoryCard, StoryList
from streamlit_app.components.cards import title_of
from streamlit_app.components.dates import month, years
from streamlit_app.components.text import muted, plain, quiet, shortened
from streamlit_app.listing import Listing, Place, View, story_params
from streamlit_app.routes import Route

MAX_ERAS: Final = 12
_CLIENT_LENGTH: Final = 28


@dataclass(frozen=True)
class EraGroup:
    """One era and the newest of its stories in the list."""

    era: str
    stories: StoryList


def draw_timeline(groups: Sequence[EraGroup], listing: Listing) -> None:
    """Draw the eras, the one with the newest story first, those without dates last."""
    for group in sorted(groups, key=_newest, reverse=True):
        _draw_era(group, listing)


def _draw_era(group: EraGroup, listing: Listing) -> None:
    stories = group.stories
    count = f"{stories.total} {'story' if stories.total == 1 else 'stories'}"
    when = years(stories.first_start, stories.last_end)
    with st.container(border=True, gap="xsmall"):
        st.subheader(plain(group.era), anchor=False)
        quiet(" · ".join(part for part in (when, count) if part))
        for position, card in enumerate(stories.cards, start=1):
            _draw_line(card, listing, position, group.era)
        if stories.total > len(stories.cards):
            whole = replace(listing.with_filters(eras=(group.era,)), view=View.CARDS)
            st.page_link(
                Route.EXPLORE,
                label=f"Explore all {stories.total}",
                icon=":material/grid_view:",
                query_params=whole.params(),
            )


def _draw_line(card: StoryCard, listing: Listing, position: int, era: str) -> None:
    params = story_params(listing, card.id, Place(position, era))
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(muted(plain(month(card.start_date) or "undated")), width=72)
        st.markdown(muted(plain(shortened(card.client, _CLIENT_LENGTH))), width=200)
        st.page_link(Route.STORY, label=plain(title_of(card)), query_params=params)


def _newest(group: EraGroup) -> str:
    return max((card.start_date for card in group.stories.cards), default="")

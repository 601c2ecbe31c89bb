"""Stories by era, newest era first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from contracts.stories import StoryCard, StoryList
from streamlit_app.routes import Route
from streamlit_app.shared.links import FORWARD_ICON, page_link, state_button
from streamlit_app.shared.markdown_escape import caption, caption_text, escape_markdown
from streamlit_app.shared.story_list import ListPosition, Params, StoryListState, View, story_params
from streamlit_app.shared.wording import count_stories, month, story_title, years

MAX_ERAS: Final = 12
_LINE_WIDTH: Final = 400


@dataclass(frozen=True)
class EraGroup:
    """One era and the newest of its stories in the list."""

    era: str
    stories: StoryList


def draw_timeline(groups: Sequence[EraGroup], listing: StoryListState) -> None:
    """Draw the eras, the one with the newest story first, those without dates last."""
    for group in sorted(groups, key=_newest, reverse=True):
        _draw_era(group, listing)


def _draw_era(group: EraGroup, listing: StoryListState) -> None:
    stories = group.stories
    count = count_stories(stories.total)
    when = years(stories.first_start, stories.last_end)
    with st.container(border=True, gap="xsmall"):
        st.header(escape_markdown(group.era), anchor=False)
        caption(" · ".join(part for part in (when, count) if part))
        grid = st.grid(2, min_column_width=_LINE_WIDTH, gap=("xxsmall", "medium"))
        for position, card in enumerate(stories.cards, start=1):
            with grid.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
                _draw_line(card, story_params(listing, card.id, ListPosition(position, group.era)))
        if stories.total > len(stories.cards):
            whole = replace(listing.with_filters(eras=(group.era,)), view=View.CARDS)
            state_button(f"Explore all {stories.total}", whole.params(), icon=":material/grid_view:")


def _draw_line(card: StoryCard, params: Params) -> None:
    about = " · ".join(escape_markdown(part) for part in (month(card.start_date) or "undated", card.client) if part)
    st.markdown(f"{escape_markdown(story_title(card.title))}  \n{caption_text(about)}", width="stretch")
    page_link(Route.STORY, "Read", params, icon=FORWARD_ICON)


def _newest(group: EraGroup) -> str:
    return max((card.start_date for card in group.stories.cards), default="")

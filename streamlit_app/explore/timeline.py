"""Stories by era, newest era first."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import streamlit as st

from contracts.stories import StoryCard
from streamlit_app.explore.results import EraGroup
from streamlit_app.routes import Route
from streamlit_app.shared.links import FORWARD_ICON, page_link, state_button
from streamlit_app.shared.markdown_escape import caption, caption_text, escape_markdown
from streamlit_app.shared.story_list import ListPosition, Params, StoryListState, View, story_params
from streamlit_app.shared.wording import count_stories, month, story_title, years

_LINE_WIDTH: Final = 400


def draw_timeline(groups: Sequence[EraGroup], listing: StoryListState) -> None:
    """Draw the eras, the one with the newest story first and undated ones last."""
    for group in sorted(groups, key=_newest, reverse=True):
        _draw_era(group, listing)


def _draw_era(group: EraGroup, listing: StoryListState) -> None:
    count = count_stories(group.total)
    when = years(group.first_start, group.last_end)
    with st.container(border=True, gap="xsmall"):
        st.header(escape_markdown(group.era), anchor=False)
        caption(" · ".join(part for part in (when, count) if part))
        grid = st.grid(2, min_column_width=_LINE_WIDTH, gap=("xxsmall", "medium"))
        for position, card in enumerate(group.cards, start=1):
            with grid.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
                _draw_line(card, story_params(listing, card.id, ListPosition(position, group.era)))
        if group.total > len(group.cards):
            whole = replace(listing.with_filters(eras=(group.era,)), view=View.CARDS)
            state_button(f"Explore all {group.total}", whole.params(), icon=":material/grid_view:")


def _draw_line(card: StoryCard, params: Params) -> None:
    about = " · ".join(escape_markdown(part) for part in (month(card.start_date) or "undated", card.client) if part)
    st.markdown(f"{escape_markdown(story_title(card.title))}  \n{caption_text(about)}", width="stretch")
    page_link(Route.STORY, "Read", params, icon=FORWARD_ICON)


def _newest(group: EraGroup) -> str:
    return max((card.start_date for card in group.cards), default="")

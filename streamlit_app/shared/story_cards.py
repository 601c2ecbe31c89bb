"""Stories as cards in a grid of three columns, two or one."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from contracts.stories import StoryCard
from streamlit_app.routes import Route
from streamlit_app.shared.links import FORWARD_ICON, page_link, state_button
from streamlit_app.shared.markdown_escape import caption_text, escape_markdown
from streamlit_app.shared.story_list import ListPosition, Params, StoryListState, story_params
from streamlit_app.shared.wording import story_title, years

_CARD_WIDTH: Final = 300


def draw_cards(cards: Sequence[StoryCard], listing: StoryListState, first_position: int) -> None:
    """`first_position` is the first card's place in the whole list, from 1."""
    grid = st.grid(3, min_column_width=_CARD_WIDTH)
    for position, card in enumerate(cards, start=first_position):
        with grid.container(border=True, height="stretch", gap="xsmall"):
            draw_card(card, story_params(listing, card.id, ListPosition(position)))


def draw_card(card: StoryCard, params: Params, note: str = "", *, here: bool = False) -> None:
    """What is in one card. `note` is Markdown that stands where the strongest result would.

    `here` says that the card stands on a story's page already.
    """
    st.markdown(caption_text(escape_markdown(card.client or card.industry or "Client not named")))
    st.markdown(f"**{escape_markdown(story_title(card.title))}**")
    st.markdown(f":small[{escape_markdown(card.summary)}]")
    if note or card.headline:
        st.markdown(note or f":small[:violet[:material/trending_up:] {escape_markdown(card.headline)}]")
    st.space("stretch")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(caption_text(escape_markdown(years(card.start_date, card.end_date)) or "undated"), width="content")
        if here:
            state_button("Read the story", params, icon=FORWARD_ICON)
        else:
            page_link(Route.STORY, "Read the story", params, icon=FORWARD_ICON)

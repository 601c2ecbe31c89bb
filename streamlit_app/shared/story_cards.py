"""Stories as cards in a grid of three columns, two or one."""

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from contracts.stories import StoryCard
from streamlit_app.routes import Route
from streamlit_app.shared.links import FORWARD_ICON, page_link, star_button, state_button
from streamlit_app.shared.markdown_escape import caption_text, escape_markdown, highlighted
from streamlit_app.shared.story_list import Params
from streamlit_app.shared.wording import story_title, years

_CARD_WIDTH: Final = 300


def draw_cards(
    cards: Sequence[StoryCard],
    ways: Sequence[Params],
    corners: Sequence[Callable[[], None]] = (),
    stems: frozenset[str] = frozenset(),
) -> None:
    """Draw a grid of cards; `ways` are the query parameters of each story's page.

    `corners` draw what replaces the years in each card's corner; words of one of `stems` are highlighted.
    """
    grid = st.grid(3, min_column_width=_CARD_WIDTH)
    for number, (card, params) in enumerate(zip(cards, ways, strict=True)):
        with grid.container(border=True, height="stretch", gap="xsmall"):
            _draw_text(card, stems)
            with _corner():
                corners[number]() if corners else _draw_years(card)
                page_link(Route.STORY, "Read the story", params, icon=FORWARD_ICON)


def draw_related_card(card: StoryCard, params: Params, why: str) -> None:
    """Draw a card on another story's page; `why` is Markdown that replaces the strongest result."""
    _draw_text(card, note=why)
    with _corner():
        _draw_years(card)
        state_button("Read the story", params, icon=FORWARD_ICON)


def _draw_text(card: StoryCard, stems: frozenset[str] = frozenset(), note: str = "") -> None:
    """Draw the card's text with the words of some stems highlighted."""
    named = highlighted(card.client or card.industry or "Client not named", stems, around="gray")
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="xsmall"):
        st.markdown(f":small[{named}]", width="stretch")
        star_button(card.id, "card")
    st.markdown(f"### {highlighted(story_title(card.title), stems)}", anchors=False)
    st.markdown(f":small[{highlighted(card.summary, stems)}]")
    if note or card.headline:
        st.markdown(note or f":small[:violet[:material/trending_up:] {highlighted(card.headline, stems)}]")
    st.space("stretch")


def _corner() -> DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="xsmall")


def _draw_years(card: StoryCard) -> None:
    st.markdown(caption_text(escape_markdown(years(card.start_date, card.end_date)) or "undated"), width="content")

"""The parts of the home page: hero, figures, starter cards, suggested questions."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from contracts.stories import StoryCard
from streamlit_app.home.summary import Starter
from streamlit_app.routes import Route
from streamlit_app.session.site import Site
from streamlit_app.shared.links import FORWARD_ICON, page_link
from streamlit_app.shared.markdown_escape import caption_text, escape_markdown
from streamlit_app.shared.navigation.origin import via
from streamlit_app.shared.owner.contact import draw_contact
from streamlit_app.shared.owner.photo import draw_photo
from streamlit_app.shared.story_cards import draw_cards
from streamlit_app.shared.story_list import StoryListState, clean_query, story_params

_PHOTO_WIDTH: Final = 96


def draw_hero(site: Site) -> None:
    profile = site.profile
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        draw_photo(site, _PHOTO_WIDTH)
        st.title(escape_markdown(profile.name), anchor=False, width="content")
    st.markdown(f":violet[**{escape_markdown(profile.headline)}**]")
    st.markdown(escape_markdown(profile.line))
    draw_contact(site, "hero")
    st.space("xsmall")


def draw_search() -> str:
    """Draw the search box; returns the submitted search, or ""."""
    with st.form("home-search", border=False), st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        text = st.text_input(
            "Search the stories",
            type="search",
            placeholder="A client, a technology, a result",
            label_visibility="collapsed",
        )
        asked = st.form_submit_button("Search", icon=":material/search:")
    return clean_query(text or "") if asked else ""


def draw_figures(figures: Sequence[tuple[str, str]]) -> None:
    grid = st.grid(2, min_column_width=120)
    for label, value in figures:
        grid.metric(label, value, border=True)


def draw_featured(cards: Sequence[StoryCard]) -> None:
    st.header("Featured stories", anchor=False)
    draw_cards(cards, [story_params(StoryListState(), card.id) | via(Route.HOME) for card in cards])


def draw_starters(starters: Sequence[Starter]) -> None:
    st.header("Start here", anchor=False)
    grid = st.grid(3, min_column_width=300)
    for starter in starters:
        with grid.container(border=True, height="stretch", gap="xsmall"):
            st.markdown(caption_text(f"{starter.icon} {escape_markdown(starter.kind)}"))
            st.markdown(f"### {escape_markdown(starter.title)}", anchors=False)
            st.space("stretch")
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                st.markdown(caption_text(escape_markdown(starter.text)), width="content")
                page_link(starter.route, starter.way, starter.params, icon=FORWARD_ICON)

"""Home: the owner, the corpus in figures, and where to start."""

from typing import Final

import streamlit as st

from contracts.stories import StoryListRequest
from streamlit_app.home.sections import draw_featured, draw_figures, draw_hero, draw_search, draw_starters
from streamlit_app.home.summary import figures, starters
from streamlit_app.routes import Route
from streamlit_app.session.site import Site
from streamlit_app.shared.call_status import load_or_show_error, show_origin
from streamlit_app.shared.layout import show_page
from streamlit_app.shared.links import open_page
from streamlit_app.shared.question_buttons import ask_in_new_conversation, draw_questions
from streamlit_app.shared.story_search import find_cards
from streamlit_app.shared.suggested_questions import opening_questions

_QUESTIONS: Final = 3
_FEATURED: Final = 6


def home(site: Site) -> None:
    words, numbers = st.columns([3, 2], gap="medium", vertical_alignment="center")
    with words, st.container(gap="xsmall"):
        draw_hero(site)
        if query := draw_search():
            open_page(Route.EXPLORE, {"q": query})
    found = load_or_show_error(
        lambda: site.reads.list_stories(StoryListRequest(limit=1)),
        "The stories could not be counted.",
        height=420,
    )
    if found is None:
        return
    if not found.value.total:
        st.info("There are no stories yet.", icon=":material/inbox:")
        return
    with numbers:
        draw_figures(figures(found.value))
    draw_starters(starters(found.value))
    _show_featured(site)
    if questions := opening_questions(site, found.value)[:_QUESTIONS]:
        st.header("Or ask", anchor=False)
        if asked := draw_questions(questions, "home"):
            ask_in_new_conversation(asked)
    show_origin([found])


def _show_featured(site: Site) -> None:
    names = site.profile.featured_stories[:_FEATURED]
    if not names:
        return
    found = load_or_show_error(lambda: find_cards(site.reads, names), "The featured stories could not be loaded.")
    if found and found[0]:
        draw_featured(found[0])


show_page(home)

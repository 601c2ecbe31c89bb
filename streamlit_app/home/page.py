"""Home: the owner, the corpus in figures, and where to start."""

from typing import Final

import streamlit as st

from contracts.stories import StoryListRequest
from streamlit_app.home.sections import draw_figures, draw_hero, draw_search, draw_starters
from streamlit_app.home.summary import figures, starters
from streamlit_app.routes import Route
from streamlit_app.session.site import Site
from streamlit_app.shared.call_status import load_or_show_error, show_origin
from streamlit_app.shared.layout import show_page
from streamlit_app.shared.question_buttons import ask_in_new_conversation, draw_questions
from streamlit_app.shared.suggested_questions import first_questions

_EVERY_SECOND: Final = -2  # one of each kind, from the last: a client, an industry, a capability


def home(site: Site) -> None:
    words, numbers = st.columns([3, 2], gap="medium", vertical_alignment="center")
    with words, st.container(gap="xsmall"):
        draw_hero(site)
        if query := draw_search():
            st.switch_page(Route.EXPLORE, query_params={"q": query})
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
    if questions := first_questions(found.value, site.profile.person)[::_EVERY_SECOND]:
        st.header("Or ask", anchor=False)
        if asked := draw_questions(questions, "home"):
            ask_in_new_conversation(asked)
    show_origin([found])


show_page(home)

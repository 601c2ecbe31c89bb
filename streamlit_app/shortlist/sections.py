"""The sections of the shortlist: a starred story with its note, and the ids that no story has."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from contracts.stories import StoryContent
from streamlit_app.routes import Route
from streamlit_app.session.shortlist import MAX_NOTE, Starred, clean_note, is_draft, remove_stars, write_note
from streamlit_app.session.site import Key
from streamlit_app.shared.links import FORWARD_ICON, page_link, star_button
from streamlit_app.shared.markdown_escape import caption_text, escape_markdown
from streamlit_app.shared.navigation.origin import via
from streamlit_app.shared.query_params import bind_widget
from streamlit_app.shared.story_list import StoryListState, story_params
from streamlit_app.shared.wording import story_title, years

_TOO_LONG: Final = (
    "This note does not fit into the link, which has the one before. Shorten it, or another: a reload loses it."
)


def draw_item(item: Starred, content: StoryContent) -> None:
    """Draw a story with a box for the visitor's note."""
    story = content.story
    about = " · ".join(filter(None, (story.client, story.role, years(story.start_date, story.end_date))))
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="xsmall"):
            st.markdown(caption_text(escape_markdown(about)), width="stretch")
            star_button(story.id, "shortlist")
        st.markdown(f"### {escape_markdown(story_title(story.title))}", anchors=False)
        st.markdown(f":small[{escape_markdown(content.summary)}]")
        st.text_input(
            f"Note on {escape_markdown(story_title(story.title))}",
            max_chars=MAX_NOTE,
            placeholder="A note, for yourself or for whom you share the list with",
            label_visibility="collapsed",
            **bind_widget(
                f"{Key.NOTE}-{story.id}", item.note, lambda note: write_note(story.id, note), clean=clean_note
            ),
        )
        if is_draft(story.id):
            st.warning(_TOO_LONG, icon=":material/link_off:")
        page_link(
            Route.STORY,
            "Read the story",
            story_params(StoryListState(), story.id) | via(Route.SHORTLIST),
            icon=FORWARD_ICON,
        )


def draw_left_out(story_ids: Sequence[str]) -> None:
    """Name the starred ids that no story has, with a button that removes them."""
    named = ", ".join(map(escape_markdown, story_ids))
    st.warning(f"Left out, because there is no such story here: {named}", icon=":material/search_off:")
    st.button("Remove what is left out", icon=":material/close:", on_click=remove_stars, args=(list(story_ids),))

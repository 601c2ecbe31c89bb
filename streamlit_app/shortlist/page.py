"""Shortlist: the starred stories, each with a note, to share by their address or to print as one packet."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from contracts.stories import StoryContent
from streamlit_app.routes import Route
from streamlit_app.session.shortlist import remove_stars, shortlist, shortlist_params
from streamlit_app.session.site import Site
from streamlit_app.shared.call_status import load_or_show_error
from streamlit_app.shared.layout import draw_head, show_page
from streamlit_app.shared.links import page_link, state_button
from streamlit_app.shared.markdown_escape import caption, escape_file_markdown, escape_markdown
from streamlit_app.shared.printing.print_view import draw_print_view
from streamlit_app.shared.query_params import address
from streamlit_app.shared.story_list import last
from streamlit_app.shared.story_search import load_stories
from streamlit_app.shortlist.export import FILE_NAME, shortlist_markdown
from streamlit_app.shortlist.sections import draw_item, draw_left_out

_WIDTH: Final = 860


def show_shortlist(site: Site) -> None:
    starred = shortlist()
    stories = _load(site) if starred else {}
    if stories and last(address(), "print"):
        document = shortlist_markdown(starred, stories, site.profile.person, escape_markdown)
        draw_print_view(document, "Back to the shortlist", {})
        return
    with draw_head("Shortlist"):
        if stories:
            _draw_actions(site, stories)
    if not starred:
        _say_empty()
    if not starred or stories is None:
        return
    caption("Its address holds the stories and your notes: bookmark it or share it. Nothing is stored on this site.")
    if missing := [item.story_id for item in starred if item.story_id not in stories]:
        draw_left_out(missing)
    for item in starred:
        if item.story_id in stories:
            draw_item(item, stories[item.story_id])


def _load(site: Site) -> Mapping[str, StoryContent] | None:
    """The starred stories by id, or None after an error was shown."""
    ids = [item.story_id for item in shortlist()]
    return load_or_show_error(lambda: load_stories(site.reads, ids), "The stories could not be loaded.", height=420)


def _say_empty() -> None:
    st.info("No story is starred yet. Star one on its card or its page.", icon=":material/star_border:")
    page_link(Route.EXPLORE, "Explore all stories", icon=":material/search:")


def _draw_actions(site: Site, stories: Mapping[str, StoryContent]) -> None:
    with st.container(horizontal=True, width="content", gap="xsmall"):
        with st.popover("Share", icon=":material/link:"):
            st.markdown("A link to this shortlist with its notes:")
            st.code(f"{st.context.url}?{urlencode(shortlist_params())}", language=None, wrap_lines=True)
        st.download_button(
            "Export",
            shortlist_markdown(shortlist(), stories, site.profile.person, escape_file_markdown),
            file_name=FILE_NAME,
            mime="text/markdown",
            on_click="ignore",
            icon=":material/download:",
            help="Download the stories with your notes as a Markdown file",
        )
        state_button("Print view", {"print": "1"}, icon=":material/print:")
        st.button(
            "Clear",
            type="tertiary",
            icon=":material/close:",
            on_click=remove_stars,
            args=([item.story_id for item in shortlist()],),
        )


show_page(show_shortlist, width=_WIDTH)

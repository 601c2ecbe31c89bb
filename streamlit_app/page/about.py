"""About: whose stories these are, their career, what they do most, and how the site is built."""

from typing import Any, Final

import streamlit as st

from backend_clients.routed import Routed
from contracts.stories import StoryList, StoryListRequest
from streamlit_app.career import MOST_ERAS, career
from streamlit_app.components.about_parts import draw_built, draw_career, draw_frequency, draw_profile
from streamlit_app.components.frame import show_page
from streamlit_app.components.outcome import answer, show_origin
from streamlit_app.components.text import plain
from streamlit_app.listing import is_filterable
from streamlit_app.state import Site

_MOST_CAPABILITIES: Final = 18
_MOST_TAGS: Final = 30


def about(site: Site) -> None:
    st.title(f"About {plain(site.profile.name)}", anchor=False)
    with st.container(width=760):
        st.markdown(f":violet[**{plain(site.profile.headline)}**]")
        draw_profile(site.profile)
    found = answer(lambda: _ask(site), "The career could not be put together.", height=420)
    if found is not None:
        whole, eras = found
        if eras:
            draw_career(career([(name, part.value) for name, part in eras]))
        facets = whole.value.facets
        draw_frequency("Capabilities", "capabilities", facets.get("capabilities", ()), _MOST_CAPABILITIES)
        draw_frequency("Skills and topics", "tags", facets.get("tags", ()), _MOST_TAGS)
    with st.container(width=760):
        draw_built()
    if found is not None:
        answers: list[Routed[Any]] = [found[0], *(part for _, part in found[1])]
        show_origin(answers, site.clients.settings.show_origin)


def _ask(site: Site) -> tuple[Routed[StoryList], list[tuple[str, Routed[StoryList]]]]:
    """All stories' counts, and each era's."""
    stories = site.clients.stories
    whole = stories.list_stories(StoryListRequest(limit=1), site.visitor)
    named = [facet.value for facet in whole.value.facets.get("eras", ()) if is_filterable(facet.value)][:MOST_ERAS]
    return whole, [
        (name, stories.list_stories(StoryListRequest(eras=(name,), limit=1), site.visitor)) for name in named
    ]


show_page(about)

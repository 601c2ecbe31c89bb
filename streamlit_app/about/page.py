"""About: the owner, their career and main skills, and how the site is built."""

from typing import Any, Final

import streamlit as st

from backend_clients.routed import Routed
from contracts.stories import StoryList, StoryListRequest
from streamlit_app.about.career import MOST_ERAS, career
from streamlit_app.about.sections import (
    draw_built,
    draw_career,
    draw_competencies,
    draw_frequency,
    draw_profile,
)
from streamlit_app.session.site import Site
from streamlit_app.shared.call_status import load_or_show_error, show_origin
from streamlit_app.shared.layout import draw_head, show_page
from streamlit_app.shared.markdown_escape import escape_markdown
from streamlit_app.shared.story_list import is_filterable

_MOST_CAPABILITIES: Final = 18
_MOST_COMPETENCIES: Final = 24
_MOST_TAGS: Final = 18
_WIDTH: Final = 800


def about(site: Site) -> None:
    draw_head(f"About {escape_markdown(site.profile.person)}")
    st.markdown(f":violet[**{escape_markdown(site.profile.headline)}**]")
    draw_profile(site)
    answers: list[Routed[Any]] = []
    found = load_or_show_error(lambda: _ask(site), "The career could not be loaded.", height=420)
    if found is not None:
        whole, eras = found
        answers += [whole, *(part for _, part in eras)]
        if eras:
            draw_career(career([(name, part.value) for name, part in eras]))
        facets = whole.value.facets
        draw_frequency("Capabilities", "capabilities", facets.get("capabilities", ()), _MOST_CAPABILITIES)
        named = load_or_show_error(site.reads.list_industries, "The competencies could not be counted.")
        if named is not None:
            draw_competencies(named.value.competencies, _MOST_COMPETENCIES)
            answers.append(named)
        draw_frequency("Topics", "tags", facets.get("tags", ()), _MOST_TAGS)
    draw_built()
    show_origin(answers)


def _ask(site: Site) -> tuple[Routed[StoryList], list[tuple[str, Routed[StoryList]]]]:
    """List the counts of all stories and of each era."""
    reads = site.reads
    whole = reads.list_stories(StoryListRequest(limit=1))
    named = [facet.value for facet in whole.value.facets.get("eras", ()) if is_filterable(facet.value)][:MOST_ERAS]
    return whole, [(name, reads.list_stories(StoryListRequest(eras=(name,), limit=1))) for name in named]


show_page(about, width=_WIDTH)

"""The sections of the about page: career timeline, skills by frequency, how the site is built."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from contracts.industries import CompetencyCount
from contracts.profile import Profile
from contracts.stories import FacetCount
from streamlit_app.about.career import EraSpan
from streamlit_app.routes import Route
from streamlit_app.session.site import Site
from streamlit_app.shared.links import FORWARD_ICON, page_link
from streamlit_app.shared.markdown_escape import caption, caption_text, escape_markdown, shortened
from streamlit_app.shared.owner.contact import draw_contact
from streamlit_app.shared.owner.photo import draw_photo
from streamlit_app.shared.story_list import StoryListState, View, clean_query, is_filterable
from streamlit_app.shared.wording import count_stories

_NAME_LENGTH: Final = 60
_PHOTO_WIDTH: Final = 180
_BUILT: Final = (
    "This site is a Streamlit app that is being moved, one part at a time, from a single program to small AWS Lambda "
    "functions. A flag per part decides which side answers; the answers of both can be compared. Search combines "
    "meaning and words, and an answer contains only what its cited stories say."
)


def draw_profile(site: Site) -> None:
    """Draw the photo, the paragraphs, the facts and the ways to reach the owner."""
    profile = site.profile
    draw_photo(site, _PHOTO_WIDTH)
    for paragraph in profile.about:
        st.markdown(escape_markdown(paragraph))
    if facts := facts_of(profile):
        st.markdown("\n".join(f"- **{label}:** {escape_markdown(value)}" for label, value in facts))
    draw_contact(site, "about")


def facts_of(profile: Profile) -> tuple[tuple[str, str], ...]:
    """The profile's facts that are no address, as label and value."""
    stated = (
        ("Place", profile.place),
        ("Availability", profile.availability),
        ("Education", "; ".join(profile.education)),
        ("Certificates", "; ".join(profile.certificates)),
        ("Languages", ", ".join(profile.languages)),
    )
    return tuple((label, value) for label, value in stated if value)


def draw_career(spans: Sequence[EraSpan]) -> None:
    st.header("Career", anchor=False)
    for span in spans:
        about = ", ".join(escape_markdown(name) for name in span.capabilities)
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
            st.markdown(
                f":violet[**{escape_markdown(span.years) or 'undated'}**] · "
                f"**{escape_markdown(span.name)}**  \n{caption_text(about)}",
                width="stretch",
            )
            whole = StoryListState(view=View.TIMELINE).with_filters(eras=(span.name,))
            page_link(Route.EXPLORE, count_stories(span.stories), whole.params(), icon=FORWARD_ICON)


def draw_frequency(heading: str, field: str, facets: Sequence[FacetCount], most: int) -> None:
    """Draw names with their number of stories, each a link to them."""
    shown = [facet for facet in facets if is_filterable(facet.value)][:most]
    if not shown:
        return
    with st.container(gap="xsmall"):
        st.header(heading, anchor=False)
        with st.container(horizontal=True, gap="xxsmall"):
            for facet in shown:
                params = StoryListState().with_filters(**{field: (facet.value,)}).params()
                page_link(Route.EXPLORE, f"{escape_markdown(facet.value)} · {facet.count}", params)
        if len(facets) > len(shown):
            caption(f"and {len(facets) - len(shown)} more")


def draw_competencies(named: Sequence[CompetencyCount], most: int) -> None:
    """Draw names with their number of stories, each a link to a search for it: no filter holds competencies."""
    if not named:
        return
    with st.container(gap="xsmall"):
        st.header("Competencies", anchor=False)
        with st.container(horizontal=True, gap="xxsmall"):
            for item in named[:most]:
                label = f"{escape_markdown(shortened(item.name, _NAME_LENGTH))} · {item.stories}"
                page_link(Route.EXPLORE, label, {"q": clean_query(item.name)})
        if len(named) > most:
            caption(f"and {len(named) - most} more")


def draw_built() -> None:
    st.header("How this site is built", anchor=False)
    st.markdown(_BUILT)

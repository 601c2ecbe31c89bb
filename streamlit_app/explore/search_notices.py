"""Messages about a search: why it was declined, weak matches, filters that exclude every hit, more in the industry."""

from typing import Any

import streamlit as st

from backend_clients.errors import BackendError
from backend_clients.routed import Routed
from contracts.search import GuardDecision, SearchResult
from streamlit_app.explore.filters import clear
from streamlit_app.explore.results import dominant_industry
from streamlit_app.session.site import Site
from streamlit_app.shared.links import FORWARD_ICON, state_button
from streamlit_app.shared.markdown_escape import caption, escape_markdown
from streamlit_app.shared.owner.contact import draw_contact_beside, is_from_profile
from streamlit_app.shared.question_buttons import ask_in_new_conversation, draw_questions
from streamlit_app.shared.story_list import StoryListState, is_filterable
from streamlit_app.shared.wording import counted, refusal_in_words


def draw_search_notices(site: Site, listing: StoryListState, result: SearchResult, answers: list[Routed[Any]]) -> bool:
    """Draw the messages; returns whether there are hits to show. A list of industries goes into `answers`."""
    if not result.gate.passed:
        _draw_refusal(site, result.gate)
        return False
    if not result.total:
        _draw_no_hits(listing, result.without_filters or 0)
        return False
    if result.suppressed:
        nearest = "This one is the closest" if result.total == 1 else f"These {result.total} are the closest"
        st.info(f"No story matches this search well. {nearest}.", icon=":material/travel_explore:")
    _show_more_in_industry(site, listing, result, answers)
    return True


def _draw_refusal(site: Site, gate: GuardDecision) -> None:
    icon = ":material/person:" if is_from_profile(gate.reason) else ":material/search_off:"
    st.info(escape_markdown(gate.answer) or refusal_in_words(gate.reason), icon=icon)
    draw_contact_beside(site, gate.reason, "search")
    if not gate.suggestions:
        return
    st.markdown("Ask instead:")
    if asked := draw_questions(gate.suggestions, "refused"):
        ask_in_new_conversation(asked)


def _draw_no_hits(listing: StoryListState, without_filters: int) -> None:
    found = counted(without_filters, "story matches", "stories match")
    st.info(f"No story with these filters; {found} without them.", icon=":material/filter_alt_off:")
    st.button("Clear filters", icon=":material/close:", on_click=clear, args=(listing,))


def _show_more_in_industry(
    site: Site, listing: StoryListState, result: SearchResult, answers: list[Routed[Any]]
) -> None:
    """Offer all stories of the industry that the search is about, if it has more than the search found."""
    name, shown = dominant_industry(listing, result)
    if not name:
        return
    try:
        industries = site.reads.list_industries()
    except BackendError:
        caption("The number of stories in this industry could not be loaded.")
        return
    answers.append(industries)
    total = next((item.stories for item in industries.value.industries if item.name == name), 0)
    if not is_filterable(name) or shown >= total:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        of_all = f"**{shown}** of the **{total}** stories in {escape_markdown(name)}"
        st.markdown(f":material/domain: This search finds {of_all}.", width="content")
        whole = StoryListState().with_filters(industries=(name,))
        state_button("View all", whole.params(), icon=FORWARD_ICON)

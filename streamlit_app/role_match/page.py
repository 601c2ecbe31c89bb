"""Role Match: a job description, and what the stories show of each thing it asks for."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import streamlit as st
from pydantic import ValidationError

from backend_clients.routed import Routed
from contracts.role_match import MatchRequest, RoleMatch
from streamlit_app.role_match.export import match_markdown
from streamlit_app.role_match.link import PARAM, DamagedLink, decode_points, description_of, encode_points
from streamlit_app.role_match.sections import choose_strengths, draw_form, draw_points, draw_requirements
from streamlit_app.routes import Route
from streamlit_app.session.site import Key, Site
from streamlit_app.shared.call_status import load_or_show_error, show_origin
from streamlit_app.shared.layout import draw_head, show_page
from streamlit_app.shared.links import state_button
from streamlit_app.shared.markdown_escape import caption, escape_file_markdown, escape_markdown
from streamlit_app.shared.navigation.origin import via
from streamlit_app.shared.printing.print_view import draw_print_view
from streamlit_app.shared.query_params import address, set_params
from streamlit_app.shared.story_list import last

_WIDTH: Final = 860


@dataclass(frozen=True)
class _Matched:
    """The match that this session saw last, with the link's parameter that describes it."""

    token: str
    answer: Routed[RoleMatch]


def role_match(site: Site) -> None:
    params = address()
    token = last(params, PARAM)
    found = _match(site, token) if token else None
    if found and last(params, "print"):
        document = match_markdown(found.answer.value, site.profile.person, escape_markdown)
        draw_print_view(document, "Back to the match", {PARAM: token})
        return
    with draw_head("Role Match"):
        if found:
            _draw_actions(site, found.answer.value, token)
    caption(
        "Paste a job description: each point is compared with the stories, and shown with the sentences that speak for "
        "it. The text is not stored."
    )
    if problem := st.session_state.pop(Key.ROLE_PROBLEM, ""):
        st.warning(problem, icon=":material/edit_note:")
    draw_form(_submit, has_match=found is not None)
    if found:
        _draw_match(found.answer.value, token)
        show_origin([found.answer])


def _submit(text: str) -> None:
    """Put the requirements of a text into the URL, or say what is wrong with it."""
    try:
        request = MatchRequest(description=text)
    except ValidationError as error:
        reason = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        st.session_state[Key.ROLE_PROBLEM] = f"The job description {escape_markdown(reason)}."
        return
    token = encode_points(request.description)
    if not token:
        st.session_state[Key.ROLE_PROBLEM] = (
            "No requirements were found in this text. Paste the part that lists what the role asks for."
        )
        return
    set_params({PARAM: token})


def _match(site: Site, token: str) -> _Matched | None:
    """The match that the URL describes, computed once a session."""
    known: _Matched | None = st.session_state.get(Key.ROLE_MATCH)
    if known and known.token == token:
        return known
    try:
        request = MatchRequest(description=description_of(decode_points(token)))
    except (DamagedLink, ValidationError):
        st.session_state[Key.ROLE_PROBLEM] = "This link is damaged. Paste the job description again."
        return None
    answer = load_or_show_error(
        lambda: site.clients.ask.match(request, site.visitor), "The role could not be compared.", height=420
    )
    if answer is None:
        return None
    st.session_state[Key.ROLE_MATCH] = _Matched(token, answer)
    return _Matched(token, answer)


def _draw_actions(site: Site, match: RoleMatch, token: str) -> None:
    with st.container(horizontal=True, width="content", gap="xsmall"):
        with st.popover("Share", icon=":material/link:"):
            st.markdown("A link to this match; it holds the points that were compared:")
            st.code(f"{st.context.url}?{urlencode({PARAM: token})}", language=None, wrap_lines=True)
        st.download_button(
            "Export",
            match_markdown(match, site.profile.person, escape_file_markdown),
            file_name="role-match.md",
            mime="text/markdown",
            on_click="ignore",
            icon=":material/download:",
            help="Download the match as a Markdown file",
        )
        state_button("Print view", {PARAM: token, "print": "1"}, icon=":material/print:")


def _draw_match(match: RoleMatch, token: str) -> None:
    st.markdown(f"**{escape_markdown(match.summary)}**")
    draw_requirements(match.requirements, choose_strengths(match), via(Route.ROLE_MATCH, {PARAM: token}))
    draw_points(match.discussion_points)


show_page(role_match, width=_WIDTH)

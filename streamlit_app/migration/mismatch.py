"""Shows one mismatch, and replays it on demand."""

from collections.abc import Sequence
from datetime import tzinfo

import streamlit as st

from backend_clients.bootstrap import endpoint_of
from backend_clients.domains import DOMAINS
from backend_clients.migration.models import (
    Group,
    StoredComparison,
    all_signatures,
    asked_address,
    curl_line,
    key_hint,
    signatures,
)
from streamlit_app.migration.mismatch_view import draw_causes, draw_differences, draw_head, draw_replayed, draw_request
from streamlit_app.migration.view_model import LOAD_ERRORS, LoadError, MigrationAddress, comparison, groups
from streamlit_app.migration.wording import without_folders
from streamlit_app.session.maintainer import signed_in
from streamlit_app.session.site import Site
from streamlit_app.shared.links import BACK, NEXT, PREVIOUS, state_button
from streamlit_app.shared.markdown_escape import caption, escape_markdown


def show_comparison(site: Site, at: MigrationAddress, number: int, zone: tzinfo | None) -> None:
    ways = st.container(horizontal=True, vertical_alignment="center", gap="xsmall")
    with ways:
        state_button("Back to the domain", at.at(mismatch=None).params(), icon=BACK)
    with st.skeleton(height=420):
        found = comparison(site.clients.migration, number)
    if isinstance(found, LoadError):
        st.error(escape_markdown(found.message), icon=":material/error:")
        st.button("Retry", icon=":material/refresh:")
        return
    if found is None:
        st.title("No such record", anchor=False)
        st.markdown("It may have been deleted: the oldest records are replaced by new ones.")
        return
    group = _group_of(site, found)
    with ways:
        _draw_neighbours(at, number, group.numbers if group else ())
    draw_head(found, group.accepted if group else "", zone)
    if signed_in(site.clients.settings):
        draw_request(found, _curl(site, found))
        _show_replay(site, found, with_values=True)
        draw_differences(found)
    else:
        _show_replay(site, found, with_values=False)
        draw_causes(all_signatures(found) or signatures(found.layer, found.differences))
        caption("Requests and answers hold visitors' words: sign in to read them.")


def _show_replay(site: Site, stored: StoredComparison, *, with_values: bool) -> None:
    if not st.button("Replay", icon=":material/replay:", help="Ask both sides again with the current code"):
        return
    try:
        with st.spinner("Asking both sides"):
            now = site.clients.migration.replay(stored.id)
    except LOAD_ERRORS as error:
        st.error(f"It could not be replayed. {escape_markdown(without_folders(str(error)))}", icon=":material/error:")
        return
    draw_replayed(now.outcome.value, now.layer, now.differences if with_values else ())


def _group_of(site: Site, stored: StoredComparison) -> Group | None:
    """The largest recent group that contains the mismatch, or None."""
    found = groups(site.clients.migration, stored.domain)
    if isinstance(found, LoadError):
        return None
    return next((group for group in found if stored.id in group.numbers), None)


def _draw_neighbours(at: MigrationAddress, number: int, numbers: Sequence[int]) -> None:
    """Draw links to similar mismatches; `numbers` are newest first."""
    if number not in numbers or len(numbers) < 2:
        return
    place = numbers.index(number)

    def draw_step(label: str, step: int, icon: str) -> None:
        there = 0 <= place + step < len(numbers)
        state_button(label, at.at(mismatch=numbers[place + step]).params() if there else None, icon=icon)

    st.space("stretch")
    draw_step("Newer", -1, PREVIOUS)
    st.markdown(f":small[{place + 1} of {len(numbers)} similar]", width="content")
    draw_step("Older", 1, NEXT)


def _curl(site: Site, stored: StoredComparison) -> str:
    """The curl command, or a comment that says why there is none."""
    try:
        endpoint = endpoint_of(stored.domain, stored.operation)
        address = asked_address(stored, DOMAINS[endpoint.domain].api_url(site.clients.settings))
        return f"{curl_line(endpoint, stored.request, address)}\n{key_hint(endpoint.domain, address)}"
    except LOAD_ERRORS as error:
        return f"# {without_folders(str(error))}"

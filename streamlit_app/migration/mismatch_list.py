"""Mismatches of a domain in groups of similar ones."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

import streamlit as st

from backend_clients.migration.models import Group
from streamlit_app.migration.view_model import MigrationAddress
from streamlit_app.migration.wording import cause_in_words
from streamlit_app.shared.links import FORWARD_ICON, state_button
from streamlit_app.shared.markdown_escape import caption, caption_text, escape_markdown
from streamlit_app.shared.wording import counted, moment

_MOST_GROUPS: Final = 12


def draw_groups(groups: Sequence[Group], at: MigrationAddress, zone: tzinfo | None) -> None:
    """Draw the groups, largest first, each with a link to its latest mismatch."""
    if not groups:
        caption("No mismatches.")
        return
    open_ones = [group for group in groups if not group.accepted]
    for group in open_ones[:_MOST_GROUPS]:
        _draw_group(group, at, zone)
    if len(open_ones) > _MOST_GROUPS:
        caption(f"and {len(open_ones) - _MOST_GROUPS} smaller groups: `mattgpt parity list` shows them all.")
    if accepted := [group for group in groups if group.accepted]:
        with st.expander(f"Accepted: {counted(len(accepted), 'group')}", type="compact", expanded=not open_ones):
            for group in accepted[:_MOST_GROUPS]:
                _draw_group(group, at, zone)


def _draw_group(group: Group, at: MigrationAddress, zone: tzinfo | None) -> None:
    latest = escape_markdown(moment(group.latest.at, zone))
    about = f"{escape_markdown(group.operation)} · {counted(group.count, 'time')} · latest {latest}"
    reason = (
        f"  \n:small[:green[:material/task_alt: accepted: {escape_markdown(group.accepted)}]]" if group.accepted else ""
    )
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"{cause_in_words(group)}  \n{caption_text(about)}{reason}", width="stretch")
        cause = "-".join((group.operation, group.layer, group.path, group.kind))
        state_button("Open", at.at(mismatch=group.latest.id).params(), icon=FORWARD_ICON, owner=cause)

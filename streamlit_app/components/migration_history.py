"""The last changes of a domain's flag: who, when, from what to what, why."""

from collections.abc import Sequence
from datetime import tzinfo

import streamlit as st

from backend_clients.migration.audit import FlagChange
from streamlit_app.components.text import muted, plain, quiet
from streamlit_app.migration_words import moment


def draw_changes(changes: Sequence[FlagChange], zone: tzinfo | None) -> None:
    if not changes:
        quiet("Nobody moved this domain yet.")
        return
    with st.container(gap="xsmall"):
        for change in changes:
            _draw_change(change, zone)


def _draw_change(change: FlagChange, zone: tzinfo | None) -> None:
    forced = " :orange-badge[:material/warning: forced]" if change.forced else ""
    reason = f": {plain(change.reason)}" if change.reason else ""
    st.markdown(
        f"{plain(change.before)} :material/arrow_forward: **{plain(change.after)}**{forced}{reason}  \n"
        f"{muted(f'{plain(moment(change.at, zone))} · {plain(change.who)}')}"
    )

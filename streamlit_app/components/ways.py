"""Ways from one state of a page to another state of the same page."""

from typing import Literal
from urllib.parse import urlencode

import streamlit as st

from streamlit_app.address import move
from streamlit_app.listing import Params


def draw_way(
    label: str,
    params: Params | None,
    *,
    icon: str,
    icon_position: Literal["left", "right"] = "left",
    note: str | None = None,
) -> None:
    """A way to the state that the query parameters describe; without any it is closed.

    A button, since a page link to the page it stands on shows the new state but leaves the old one in the address.
    """
    st.button(
        label,
        key=f"way-{label}-{urlencode(params or {}, doseq=True)}",
        type="tertiary",
        icon=icon,
        icon_position=icon_position,
        help=note,
        disabled=params is None,
        on_click=move,
        args=(params or {},),
    )

"""Ways to other pages and to other states of the same page, all in the colour of what can be followed."""

from typing import Final
from urllib.parse import urlencode

import streamlit as st

from streamlit_app.routes import Route
from streamlit_app.shared.query_params import set_params
from streamlit_app.shared.story_list import Params

FORWARD_ICON: Final = ":material/arrow_forward:"
BACK: Final = ":material/arrow_back:"
NEXT: Final = ":material/chevron_right:"
PREVIOUS: Final = ":material/chevron_left:"

_BEHIND: Final = (FORWARD_ICON, NEXT)


def page_link(route: Route, label: str, params: Params | None = None, *, icon: str = "") -> None:
    """A link to a page. `label` is Markdown already: data goes through `plain` first."""
    st.page_link(route, label=_label_with_icon(label, icon), query_params=params)


def state_button(label: str, params: Params | None, *, icon: str, note: str | None = None) -> None:
    """A way to the state that the query parameters describe; without any it is closed.

    A button, since a page link to the page it stands on shows the new state but leaves the old one in the address.
    """
    st.button(
        _label_with_icon(label, icon) if params is not None else _joined(label, icon),
        key=f"way-{label}-{urlencode(params or {}, doseq=True)}",
        type="tertiary",
        help=note,
        disabled=params is None,
        on_click=set_params,
        args=(params or {},),
    )


def _label_with_icon(label: str, icon: str) -> str:
    return f":primary[{_joined(label, icon)}]"


def _joined(label: str, icon: str) -> str:
    """An icon that points onward stands behind the words, any other before them."""
    return " ".join(filter(None, (label, icon) if icon in _BEHIND else (icon, label)))

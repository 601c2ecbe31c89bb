"""The site's only component: a script without an element of its own, which looks after focus, view and announcements.

It is mounted without an iframe and gets plain text alone.
"""

from pathlib import Path
from typing import Any, Final

import streamlit as st
from streamlit.components.v2 import component

from streamlit_app.session.shortlist import PARAM, shortlist_params
from streamlit_app.session.site import Key


def _joined(*names: str) -> str:
    return "".join(Path(__file__).with_name(name).read_text("utf-8") for name in names)


_SCRIPT: Final = _joined("names.js", "behaviour.js")
_STYLE: Final = _joined("screen.css", "print.css")
_MOUNT: Final[Any] = component("mattgpt_behaviour", css=_STYLE, js=_SCRIPT, isolate_styles=False)
_WIDTH_KEY: Final = f"{Key.BEHAVIOUR}-width"


def arrive(place: str, part: str = "", *, printing: bool = False) -> None:
    """End a page: if it is another place than before, its heading gets the focus and the view goes to the top.

    `part` is what a list shows of itself, such as the number of its page. With `printing` the browser's print dialog
    opens. The address gets the shortlist.
    """
    shortlist = shortlist_params().get(PARAM, "")
    data = {"place": place, "part": part, "printing": printing, "shortlist": shortlist}
    _MOUNT(key=f"{Key.BEHAVIOUR}-arrive", data=data)


def follow(turn_id: str) -> None:
    """Keep the last question of a conversation in view until the visitor scrolls."""
    _MOUNT(key=f"{Key.BEHAVIOUR}-follow", data={"turn": turn_id})


def announce(subject: str, text: str) -> None:
    """Have screen readers say a text, once for each subject."""
    _MOUNT(key=f"{Key.BEHAVIOUR}-announce", data={"subject": subject, "text": text})


def show_full_titles(begin: int, width: int) -> None:
    """Have a table's titles told in full where the pointer is; `begin` and `width` of their column are in pixels."""
    _MOUNT(key=f"{Key.BEHAVIOUR}-titles", data={"titles": [begin, begin + width]})


def watch_width() -> None:
    """Run the page again when the screen turns out to be narrow, or no longer is."""
    _MOUNT(key=_WIDTH_KEY, data={"narrow": is_narrow()}, on_narrow_change=_note_width)


def is_narrow() -> bool:
    """Whether the screen is too narrow for a table, as far as is known."""
    return st.session_state.get(Key.NARROW) is True


def _note_width() -> None:
    st.session_state[Key.NARROW] = bool(st.session_state[_WIDTH_KEY].narrow)

"""Shows the state of a call: loading, an error with a retry, and the side that answered."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

from backend_clients.errors import BackendError, RateLimited, Timeout, Unavailable
from backend_clients.routed import Routed
from streamlit_app.session.maintainer import is_maintainer
from streamlit_app.shared.markdown_escape import caption, escape_markdown
from streamlit_app.shared.wording import ms

T = TypeVar("T")


def load_or_show_error(
    call: Callable[[], T], failed: str, *, height: int = 240, expected: tuple[type[BackendError], ...] = ()
) -> T | None:
    """Return the call's result, or show its error and return None. `failed` is the message's first sentence.

    Raises
    ------
    BackendError
        One of `expected`, which the page handles itself.
    """
    try:
        with st.skeleton(height=height):
            return call()
    except expected:
        raise
    except BackendError as error:
        show_error(failed, error)
        return None


def show_error(failed: str, error: BackendError) -> None:
    """Show an error and its reason, with a button that reruns the page."""
    reason = error.message if is_maintainer() else _reason_for_visitors(error)
    wait = f" Try again in {error.retry_after:.0f} s." if isinstance(error, RateLimited) and error.retry_after else ""
    reference = f"  \n:small[Reference: {escape_markdown(error.request_id)}]" if error.request_id else ""
    st.error(
        f"{escape_markdown(failed)} {escape_markdown(_sentence(reason))}{wait}{reference}",
        icon=":material/cloud_off:",
    )
    st.button("Retry", icon=":material/refresh:", key=f"retry-{failed}")


def show_origin(answers: Sequence[Routed[Any]]) -> None:
    """Show the maintainer a caption with the sides that answered and the total latency."""
    if not (answers and is_maintainer()):
        return
    sides = " and ".join(dict.fromkeys(answer.origin.value for answer in answers))
    waited = sum(answer.latency_ms for answer in answers)
    line = f"answered by {sides} · {_waited_in_words(waited)}"
    if any(answer.fell_back for answer in answers):
        line += " · fell back"
    if any(answer.cold_start for answer in answers):
        line += " · cold start"
    caption(line)


def _reason_for_visitors(error: BackendError) -> str:
    """The reason without the side that failed."""
    if isinstance(error, Timeout):
        return "It took too long to answer."
    if isinstance(error, RateLimited):
        return "Too many requests came at once."
    return "The site's data cannot be reached right now." if isinstance(error, Unavailable) else error.message


def _waited_in_words(milliseconds: float) -> str:
    if not milliseconds:
        return "a moment ago"
    return ms(milliseconds) if milliseconds >= 1 else "under 1 ms"


def _sentence(text: str) -> str:
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}" if text else ""

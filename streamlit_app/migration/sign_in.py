"""Sign-in and sign-out of the administrator, who can change stages."""

from math import ceil

import streamlit as st

from backend_clients.migration.admin_lock import LockShut
from backend_clients.settings import Settings
from streamlit_app.routes import Route
from streamlit_app.session.maintainer import can_sign_in, sign_in, sign_out, signed_in
from streamlit_app.shared.layout import draw_head
from streamlit_app.shared.links import page_link
from streamlit_app.shared.markdown_escape import caption, caption_text


def draw_admin(settings: Settings) -> None:
    """Draw the sign-in; the page is read-only if no token is configured."""
    if not can_sign_in(settings):
        st.markdown(caption_text(":material/lock: read-only"), width="content")
    elif signed_in(settings):
        st.markdown(":green-badge[:material/lock_open: signed in]", width="content")
        st.button("Sign out", icon=":material/logout:", on_click=sign_out)
    else:
        with st.popover("Sign in", icon=":material/login:"):
            _ask_for_token(settings)


def draw_closed_page(settings: Settings) -> None:
    """Draw what a visitor sees at this page's address: whose it is, and the sign-in if there is one."""
    draw_head("For the maintainer")
    st.markdown("This page shows the person who runs this site how it is served.")
    page_link(Route.HOME, "Go to the home page", icon=":material/home:")
    if can_sign_in(settings):
        with st.container(border=True, width=400):
            _ask_for_token(settings)


def say_how_to_change(settings: Settings) -> None:
    """Say how to change stages without being signed in."""
    way = (
        "Sign in to change stages here"
        if can_sign_in(settings)
        else "This page is read-only: set `ADMIN_TOKEN` in the site's environment to change stages here"
    )
    caption(f"{way}, or use `mattgpt flags set` and `mattgpt flags rollback`.")


def _ask_for_token(settings: Settings) -> None:
    # The form is cleared on submit, so that no widget keeps the token.
    with st.form("sign-in", clear_on_submit=True, border=False):
        offered = st.text_input("Admin token", type="password", autocomplete="off")
        sent = st.form_submit_button("Sign in")
    if not sent:
        return
    try:
        admitted = sign_in(settings, offered or "")
    except LockShut as shut:
        minutes = ceil(shut.seconds / 60)
        wait = "a minute" if minutes == 1 else f"{minutes} minutes"
        st.error(f"Too many wrong tokens. Try again in {wait}.", icon=":material/lock_clock:")
        return
    if admitted:
        st.rerun()
    st.error("Wrong token.", icon=":material/error:")

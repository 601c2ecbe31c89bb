"""Who sees how the site is served: its maintainer, who signed in or started it with `SHOW_MAINTAINER`."""

import time
from typing import Final

import streamlit as st

from backend_clients.migration.admin_lock import AdminLock
from backend_clients.settings import Settings
from streamlit_app.session.site import Key, build_site, is_site_built, visitor

IDLE_SECONDS: Final = 3600.0  # without a click; then a signed-in session ends

# Not a cached resource of Streamlit's: any browser can clear those, and with them the failed attempts.
_LOCK: Final = AdminLock()


def is_maintainer() -> bool:
    """Whether this session sees which side answered, percentages and the Migration page.

    Only signing in allows to change anything. Before the site is built nobody is the maintainer.
    """
    if not is_site_built():
        return False
    settings = build_site().settings
    return settings.show_maintainer or signed_in(settings)


def can_sign_in(settings: Settings) -> bool:
    return bool(settings.admin_token.get_secret_value())


def signed_in(settings: Settings) -> bool:
    """Whether this session is signed in; each call counts as activity."""
    last_active = st.session_state.get(Key.ADMIN)
    if last_active is None or not can_sign_in(settings):
        return False
    now = time.monotonic()
    if now - last_active > IDLE_SECONDS:
        sign_out()
        return False
    st.session_state[Key.ADMIN] = now
    return True


def sign_in(settings: Settings, offered: str) -> bool:
    """Raises `LockShut`."""
    admitted = _LOCK.admits(offered, settings.admin_token.get_secret_value(), browser())
    if admitted:
        st.session_state[Key.ADMIN] = time.monotonic()
    return admitted


def browser() -> tuple[str, str]:
    """What tells one browser from another: its cookie and its address."""
    return visitor(), str(st.context.ip_address)


def sign_out() -> None:
    st.session_state.pop(Key.ADMIN, None)

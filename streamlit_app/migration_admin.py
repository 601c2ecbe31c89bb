"""Whether this session may change stages. The token is compared and forgotten; only the verdict is kept."""

from typing import Final

import streamlit as st

from backend_clients.migration.admin import AdminLock
from backend_clients.settings import Settings
from streamlit_app.state import Key

# Not among Streamlit's cached resources: any browser may ask for those to be cleared, and with them the failures.
_LOCK: Final = AdminLock()


def can_sign_in(settings: Settings) -> bool:
    return bool(settings.admin_token.get_secret_value())


def signed_in(settings: Settings) -> bool:
    return can_sign_in(settings) and st.session_state.get(Key.ADMIN) is True


def sign_in(settings: Settings, offered: str) -> bool:
    """Raises `LockShut`."""
    admitted = _LOCK.admits(offered, settings.admin_token.get_secret_value())
    if admitted:
        st.session_state[Key.ADMIN] = True
    return admitted


def sign_out() -> None:
    st.session_state.pop(Key.ADMIN, None)

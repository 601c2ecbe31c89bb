"""The owner's photo."""

import streamlit as st

from contracts.profile import is_address
from streamlit_app.session.site import Site


def draw_photo(site: Site, width: int) -> None:
    """Draw the photo at most `width` pixels wide, if the profile has one."""
    name = site.profile.photo
    if name:
        source = name if is_address(name) else str(site.file_of_profile(name))
        st.image(source, width=width, alt=site.profile.name)

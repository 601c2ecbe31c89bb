"""The script of every page: registers the pages and runs the requested one; hosts may serve it without `app.py`."""

import sys
from pathlib import Path

# A host that runs this file puts only its folder on the path; the project's packages need its parent.
if (_root := str(Path(__file__).resolve().parent.parent)) not in sys.path:
    sys.path.insert(0, _root)

import streamlit as st

from streamlit_app.routes import NAMES, Route
from streamlit_app.session.maintainer import is_maintainer
from streamlit_app.session.site import is_site_built, open_site
from streamlit_app.shared.wording import page_title

hidden = {Route.STORY} if is_maintainer() else {Route.STORY, Route.MIGRATION}
page = st.navigation(
    [
        st.Page(
            route,
            title=name,
            url_path=route.url_path,
            default=route is Route.HOME,
            visibility="hidden" if route in hidden else "visible",
        )
        for route, name in NAMES.items()
    ],
    position="top",
)
if is_site_built():
    st.set_page_config(page_title=page_title(page.title, open_site().profile))
page.run()

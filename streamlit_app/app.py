"""The site's entry point: registers the pages and runs the one that was asked for."""

import sys
from pathlib import Path

# `streamlit run` puts this file's own folder on the path; the project's packages need its parent.
if (_root := str(Path(__file__).resolve().parent.parent)) not in sys.path:
    sys.path.insert(0, _root)

import streamlit as st

from streamlit_app.routes import Route

st.navigation(
    [
        st.Page(Route.HOME, title="Home", url_path=Route.HOME.url_path, default=True),
        st.Page(Route.EXPLORE, title="Explore", url_path=Route.EXPLORE.url_path),
        st.Page(Route.ASK, title="Ask", url_path=Route.ASK.url_path),
        st.Page(Route.ROLE_MATCH, title="Role Match", url_path=Route.ROLE_MATCH.url_path),
        st.Page(Route.INDUSTRY, title="Industries", url_path=Route.INDUSTRY.url_path),
        st.Page(Route.ABOUT, title="About", url_path=Route.ABOUT.url_path),
        st.Page(Route.MIGRATION, title="Migration", url_path=Route.MIGRATION.url_path),
        st.Page(Route.STORY, title="Story", url_path=Route.STORY.url_path, visibility="hidden"),
    ],
    position="top",
).run()

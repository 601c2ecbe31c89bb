"""The site's entry point: its pages and nothing else."""

import sys
from pathlib import Path

# `streamlit run` puts this file's own folder on the path; the packages beside it need the one above.
if (_root := str(Path(__file__).resolve().parent.parent)) not in sys.path:
    sys.path.insert(0, _root)

import streamlit as st

from streamlit_app.routes import Route

st.navigation(
    [
        st.Page(Route.HOME, title="Home", default=True),
        st.Page(Route.EXPLORE, title="Explore"),
        st.Page(Route.ASK, title="Ask"),
        st.Page(Route.INDUSTRY, title="Industries", url_path="industry"),
        st.Page(Route.ABOUT, title="About"),
        st.Page(Route.MIGRATION, title="Migration"),
        st.Page(Route.STORY, title="Story", visibility="hidden"),
    ],
    position="top",
).run()

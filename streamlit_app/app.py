"""The site as an ASGI application: `streamlit run` serves it, with start-up, routes and middleware of its own."""

import sys
from pathlib import Path

# `streamlit run` puts this file's own folder on the path; the project's packages need its parent.
if (_root := str(Path(__file__).resolve().parent.parent)) not in sys.path:
    sys.path.insert(0, _root)

import streamlit as st

from streamlit_app.server.errors import EXCEPTION_HANDLERS, show_script_error
from streamlit_app.server.lifespan import lifespan
from streamlit_app.server.middleware import MIDDLEWARE
from streamlit_app.server.status import ROUTES

app = st.App(
    Path(__file__).with_name("main.py"),
    lifespan=lifespan,
    routes=ROUTES,
    middleware=MIDDLEWARE,
    on_script_error=show_script_error,
    exception_handlers=EXCEPTION_HANDLERS,
)

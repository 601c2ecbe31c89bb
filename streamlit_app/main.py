"""The script of every page: registers the pages and runs the requested one; hosts may serve it without `app.py`."""

import sys
from pathlib import Path

# A host that runs this file puts only its folder on the path; the project's packages need its parent.
if (_root := str(Path(__file__).resolve().parent.parent)) not in sys.path:
    sys.path.insert(0, _root)

import streamlit as st

from streamlit_app.routes import NAMES, Route
from streamlit_app.session.maintainer import is_maintainer
from streamlit_app.session.shortlist import open_shortlist, shortlist
from streamlit_app.session.site import is_site_built, open_site
from streamlit_app.shared.wording import page_title

hidden = {Route.STORY} if is_maintainer() else {Route.STORY, Route.MIGRATION}
open_shortlist()
starred = len(shortlist())
labels = NAMES | ({Route.SHORTLIST: f"{NAMES[Route.SHORTLIST]} · {starred}"} if starred else {})
pages = {
    route: st.Page(
        route,
        title=label,
        url_path=route.url_path,
        default=route is Route.HOME,
        visibility="hidden" if route in hidden else "visible",
    )
    for route, label in labels.items()
}
page = st.navigation(list(pages.values()), position="top")
if is_site_built():
    name = next(NAMES[route] for route, known in pages.items() if known.url_path == page.url_path)
    st.set_page_config(page_title=page_title(name, open_site().profile))
page.run()

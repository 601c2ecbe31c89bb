"""The middleware around Streamlit, outermost first."""

from typing import Final

from starlette.middleware import Middleware

from streamlit_app.server.documents import Documents
from streamlit_app.server.headers import SecurityHeaders
from streamlit_app.server.visitor import VisitorCookie

MIDDLEWARE: Final = [Middleware(SecurityHeaders), Middleware(VisitorCookie), Middleware(Documents)]

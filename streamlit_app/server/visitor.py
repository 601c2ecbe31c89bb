"""Gives every browser that opens a page a visitor cookie."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streamlit_app.server.documents import page_of
from streamlit_app.session.visitor import VISITOR_COOKIE, new_visitor, valid_visitor

_YEAR: Final = 365 * 24 * 3600


class VisitorCookie:
    """Middleware that sets the cookie on a page's document and puts the id into the request's state.

    The WebSocket that the page opens next carries the cookie, so the first run of the script already knows it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if page_of(scope) is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        known = valid_visitor(request.cookies.get(VISITOR_COOKIE, ""))
        visitor = known or new_visitor()
        scope.setdefault("state", {})["visitor"] = visitor
        secure = "; Secure" if request.url.scheme == "https" else ""

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and known is None:
                MutableHeaders(scope=message).append(
                    "Set-Cookie",
                    f"{VISITOR_COOKIE}={visitor}; Max-Age={_YEAR}; Path=/; HttpOnly; SameSite=Lax{secure}",
                )
            await send(message)

        await self._app(scope, receive, with_cookie)

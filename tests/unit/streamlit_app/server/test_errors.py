"""The error page: plain words, no details, and the security headers."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from streamlit_app.server.errors import EXCEPTION_HANDLERS
from streamlit_app.server.headers import SECURITY_HEADERS
from streamlit_app.server.middleware import MIDDLEWARE


async def fail(_request: Request) -> Response:
    raise RuntimeError("/secret/path")


def test_a_failed_answer_has_the_security_headers_and_no_details() -> None:
    app = Starlette(
        routes=[Route("/-/fail", fail)], middleware=list(MIDDLEWARE), exception_handlers=dict(EXCEPTION_HANDLERS)
    )
    response = TestClient(app, raise_server_exceptions=False).get("/-/fail")
    assert response.status_code == 500
    assert "Something went wrong" in response.text
    assert "secret" not in response.text
    assert {name: response.headers[name] for name in SECURITY_HEADERS} == dict(SECURITY_HEADERS)

"""Answers `/-/health` and `/-/ready`, for load balancers and for whoever starts the site."""

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from streamlit_app.session.site import is_site_built

_NO_STORE: Final = {"Cache-Control": "no-store"}


async def health(_request: Request) -> JSONResponse:
    """The process answers."""
    return JSONResponse({"status": "ok"}, headers=_NO_STORE)


async def ready(_request: Request) -> JSONResponse:
    """Clients and indexes are built; until then 503."""
    if is_site_built():
        return JSONResponse({"status": "ready"}, headers=_NO_STORE)
    return JSONResponse({"status": "not ready"}, 503, headers={**_NO_STORE, "Retry-After": "1"})


ROUTES: Final[list[BaseRoute]] = [Route("/-/health", health), Route("/-/ready", ready)]

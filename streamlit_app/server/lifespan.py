"""Builds the clients and their indexes when the server starts, and closes them when it stops."""

import asyncio
import gc
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from streamlit_app.session.site import SetupError, build_site, close_site, is_site_built

_LOGGER: Final = logging.getLogger(__name__)


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Build in a thread, so that the port opens at once and `/-/ready` can answer that the site is starting.

    A server that is stopped meanwhile does not wait for it.
    """
    threading.Thread(target=_build, name="build-site", daemon=True).start()
    try:
        yield
    finally:
        if is_site_built():
            await asyncio.to_thread(close_site)


def _build() -> None:
    try:
        build_site()
    except SetupError as error:
        _LOGGER.error("the site is not ready: %s", error)
        return
    freeze_start_up_objects()


def freeze_start_up_objects() -> None:
    """Exempt everything built so far from garbage collection.

    Streamlit collects all generations after each script run. Without this, every run would visit each object of the
    libraries, the corpus and its indexes, none of which is ever freed.
    """
    gc.collect()
    gc.freeze()

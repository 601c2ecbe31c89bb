"""Has every function that answers reads answer once, so that no visitor meets the cold start of a new stack."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from backend_clients.api_session import api_session
from backend_clients.bootstrap import endpoint_of
from backend_clients.domains import DOMAINS
from backend_clients.errors import BackendError
from backend_clients.first_requests import FirstRequest, example_story, first_requests
from backend_clients.settings import Settings
from contracts.story import Story

_AT_ONCE: Final = 4  # starting processes costs processor time, of which a small machine has little
_PATIENCE_SECONDS: Final = 29.0  # the gateway itself waits no longer


def warm_up(settings: Settings, stories: Sequence[Story]) -> list[str]:
    """Send one request of every read operation to the APIs of the settings.

    The requests are marked as shadow calls: they fill no cache and write nothing. Returns the problems, a line each.
    """
    patient = settings.model_copy(
        update={"read_timeout": _PATIENCE_SECONDS, "ask_read_timeout": _PATIENCE_SECONDS},
    )
    requests = first_requests(example_story(stories))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [problem for problem in pool.map(partial(_send, patient), requests) if problem]


def _send(settings: Settings, first: FirstRequest) -> str:
    domain, operation, request = first
    session = api_session(settings, DOMAINS[domain])
    try:
        endpoint_of(domain, operation).call(session, request, shadow=True)
    except BackendError as error:
        return f"{domain}/{operation}: {error}"
    finally:
        session.close()
    return ""

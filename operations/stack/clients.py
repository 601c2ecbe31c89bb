"""Clients of both sides, on the running stack if it serves the same corpus, else on one started for the run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from backend_clients.bootstrap import Clients, build_clients
from backend_clients.domains import Domain
from backend_clients.errors import BackendError
from backend_clients.migration.service import MigrationService
from backend_clients.settings import Settings
from contracts.stories import StoryListRequest
from contracts.story_file import StoryFileError
from operations.shared.console import err, fail
from operations.shared.options import require_data_folder
from operations.stack.loaders import load_into
from operations.stack.local_stack import Stacks, find_stack, own_stack, site_settings

_PATIENCE_SECONDS: Final = 29.0  # the gateway itself waits no longer
_NEVER_SECONDS: Final = 1e9


@dataclass(frozen=True)
class StackClients:
    """Clients, and whether their stack was started for this run."""

    clients: Clients
    own: bool


def migration_service(settings: Settings, api_port: int) -> MigrationService:
    """A service with the addresses of the local stack, if one runs; otherwise those of the settings."""
    stack = find_stack(api_port)
    return MigrationService(site_settings(settings, stack) if stack else settings)


@contextmanager
def stack_clients(settings: Settings, api_port: int) -> Iterator[StackClients]:
    """Clients of a stack that serves this corpus; an invalid story file ends the command."""
    require_data_folder(settings)
    try:
        with _stack_clients(settings, api_port) as found:
            yield found
    except StoryFileError as error:
        fail(str(error))


@contextmanager
def _stack_clients(settings: Settings, api_port: int) -> Iterator[StackClients]:
    stack = find_stack(api_port)
    if stack is not None:
        clients = _clients(settings, stack)
        if _same_corpus(clients):
            try:
                yield StackClients(clients, own=False)
            finally:
                clients.close()
            return
        clients.close()
        err.print(f"The stack on port {api_port} serves another corpus; starting one for this run.")
    with own_stack(settings) as own:
        load_into(own, settings)
        clients = _clients(settings, own)
        try:
            yield StackClients(clients, own=True)
        finally:
            clients.close()


def _clients(settings: Settings, stack: Stacks) -> Clients:
    """Clients with long time-outs, since many concurrent cold starts are slow.

    They run no repairs: the site's pending writes must not be replayed to a stack that ends with the run.
    """
    changed = {"read_timeout": max(settings.read_timeout, _PATIENCE_SECONDS), "repair_seconds": _NEVER_SECONDS}
    return build_clients(site_settings(settings, stack).model_copy(update=changed))


def _same_corpus(clients: Clients) -> bool:
    remote = next(item for item in clients.operations(Domain.STORIES) if item.name == "list").remote
    try:
        answer = remote(StoryListRequest(limit=1), shadow=True)
    except BackendError as error:
        err.print(f"The stack does not serve stories: {error}")
        return False
    return bool(answer.value.corpus_version == clients.corpus.version)

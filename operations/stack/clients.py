"""Clients of both sides, on the running stack if it serves the same corpus, else on one started for the run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from backend_clients.bootstrap import Clients, build_clients
from backend_clients.domains import Domain
from backend_clients.errors import BackendError, KeyRefused
from backend_clients.migration.service import MigrationService
from backend_clients.settings import REPOSITORY, Settings
from contracts.stories import StoryListRequest
from contracts.story_file import StoryFileError
from lambdas.local.sources import fingerprint
from operations.shared.console import err, fail
from operations.shared.options import require_data_folder
from operations.stack.loaders import load_into
from operations.stack.local_stack import Stacks, own_stack, running_stack, site_settings

_PATIENCE_SECONDS: Final = 29.0  # the gateway itself waits no longer
_OTHER_CODE: Final = (
    "The stack on port {port} runs other code than this working tree: built artefacts, or another checkout."
    " What is compared is not what you edit."
)
_NEVER_SECONDS: Final = 1e9


@dataclass(frozen=True)
class StackClients:
    """Clients, and whether their stack was started for this run."""

    clients: Clients
    own: bool


def migration_service(settings: Settings, api_port: int | None) -> MigrationService:
    """A service with the addresses of the local stack, if one runs; otherwise those of the settings."""
    stack = running_stack(settings, api_port)
    return MigrationService(site_settings(settings, stack) if stack else settings)


@contextmanager
def stack_clients(settings: Settings, api_port: int | None) -> Iterator[StackClients]:
    """Clients of a stack that serves this corpus; an invalid story file ends the command."""
    require_data_folder(settings)
    try:
        with _stack_clients(settings, api_port) as found:
            yield found
    except StoryFileError as error:
        fail(str(error))


@contextmanager
def _stack_clients(settings: Settings, api_port: int | None) -> Iterator[StackClients]:
    stack = running_stack(settings, api_port)
    if stack is not None:
        clients = _clients(settings, stack)
        if not (difference := _difference(clients, stack)):
            if stack.sources != fingerprint(REPOSITORY):
                err.print(_OTHER_CODE.format(port=urlsplit(stack.url).port), style="yellow", soft_wrap=True)
            try:
                yield StackClients(clients, own=False)
            finally:
                clients.close()
            return
        clients.close()
        err.print(f"{difference}; starting one for this run.", markup=False, soft_wrap=True)
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


def _difference(clients: Clients, stack: Stacks) -> str:
    """Why a stack cannot be used; "" if it serves the same corpus. A wrong key ends the command."""
    says = f"The stack on port {urlsplit(stack.url).port}"
    remote = next(item for item in clients.operations(Domain.STORIES) if item.name == "list").remote
    try:
        answer = remote(StoryListRequest(limit=1), shadow=True)
    except KeyRefused:
        clients.close()
        names = f"{Domain.STORIES.upper()}_API_KEY or API_KEY"
        fail(f"{says} refused the key; set {names} to the stack's key, or to nothing for the one that it made")
    except BackendError as error:
        return f"{says} does not serve stories: {error}"
    return "" if answer.value.corpus_version == clients.corpus.version else f"{says} serves another corpus"

"""The migration desk of a command: what it works on, and its errors in one line each."""

from collections.abc import Iterator
from contextlib import contextmanager

from backend_clients.migration.audit import AuditError
from backend_clients.migration.desk import MigrationDesk
from backend_clients.migration.evidence import EvidenceError
from backend_clients.migration.flag_editor import FlagEditError
from backend_clients.routing.flag_file import FlagFileError
from backend_clients.settings import Settings
from operations.console import fail
from operations.stack import find_stack, site_settings


def desk_for(settings: Settings, api_port: int) -> MigrationDesk:
    """A desk that knows the Lambda side's addresses: the local stack's, or those of the settings."""
    stack = find_stack(api_port)
    return MigrationDesk(site_settings(settings, stack) if stack else settings)


@contextmanager
def explained() -> Iterator[None]:
    """End the command with one line where files do not serve, or a change cannot be."""
    try:
        yield
    except (AuditError, EvidenceError, FlagEditError, FlagFileError) as error:
        fail(str(error))

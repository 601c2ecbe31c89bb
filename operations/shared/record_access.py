"""What a command reads of the records and of the accepted differences; what cannot be read ends it with a message."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import typer

from backend_clients.errors import MigrationError
from backend_clients.migration.mismatches.allowlist import AllowedError, Allowlist
from backend_clients.migration.service import MigrationService
from backend_clients.records.reader import Evidence, EvidenceError, StoredComparison
from backend_clients.settings import Settings
from backend_clients.stages import DOMAIN_STAGES
from operations.shared.console import err, fail
from operations.stack.local_stack import find_stack, site_settings

MOST: Final = 100_000

Number = Annotated[int, typer.Argument(metavar="ID", help="The number of a stored comparison.")]
DomainOption = Annotated[str | None, typer.Option("--domain", help="One domain alone.")]


def known_domain(domain: str | None) -> str | None:
    if domain is not None and domain not in DOMAIN_STAGES:
        fail(f"--domain: there is no domain {domain!r}; it is one of {', '.join(DOMAIN_STAGES)}")
    return domain


def stored_mismatches(settings: Settings, domain: str | None) -> list[StoredComparison]:
    """Newest first."""
    try:
        return Evidence(settings.records_file).comparisons(known_domain(domain), limit=MOST)
    except EvidenceError as error:
        fail(str(error))


def say_none_stored(settings: Settings) -> None:
    err.print(f"No mismatches are stored in {settings.records_file}.", markup=False, soft_wrap=True)


def stored_mismatch(settings: Settings, number: int) -> StoredComparison:
    try:
        found = Evidence(settings.records_file).comparison(number)
    except EvidenceError as error:
        fail(str(error))
    if found is None:
        fail(f"there is no comparison {number} in {settings.records_file}; `mattgpt parity list` shows those there are")
    if found.outcome != "mismatch":
        fail(f"comparison {number} is no mismatch: its outcome is {found.outcome}")
    return found


def allowed_of(settings: Settings) -> Allowlist:
    try:
        return Allowlist.read(settings.parity_allowed_file)
    except AllowedError as error:
        fail(str(error))


def migration_service(settings: Settings, api_port: int) -> MigrationService:
    """A desk that knows the Lambda side's addresses: the local stack's, or those of the settings."""
    stack = find_stack(api_port)
    return MigrationService(site_settings(settings, stack) if stack else settings)


@contextmanager
def explained() -> Iterator[None]:
    """End the command with one line where files do not serve, or a change cannot be."""
    try:
        yield
    except MigrationError as error:
        fail(str(error))

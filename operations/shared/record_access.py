"""Reads records and the allow-list for commands; a file that cannot be read ends the command with a message."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import typer

from backend_clients.domains import Domain
from backend_clients.errors import MigrationError
from backend_clients.migration.mismatches.allowlist import AllowedError, Allowlist
from backend_clients.records.reader import Evidence, EvidenceError, StoredComparison
from backend_clients.settings import Settings
from operations.shared.console import err, fail

MOST: Final = 100_000

Number = Annotated[int, typer.Argument(metavar="ID", help="The number of a stored comparison.")]


def stored_mismatches(settings: Settings, domain: Domain | None) -> list[StoredComparison]:
    """Stored mismatches, newest first."""
    try:
        return Evidence(settings.records_file).comparisons(domain and domain.value, limit=MOST)
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
        fail(f"there is no comparison {number} in {settings.records_file}; list them with `mattgpt parity list`")
    if found.outcome != "mismatch":
        fail(f"comparison {number} is not a mismatch: its outcome is {found.outcome}")
    return found


def allowed_of(settings: Settings) -> Allowlist:
    try:
        return Allowlist.read(settings.parity_allowed_file)
    except AllowedError as error:
        fail(str(error))


@contextmanager
def translate_errors() -> Iterator[None]:
    """End the command with one line if a file cannot be read or a change cannot be made."""
    try:
        yield
    except MigrationError as error:
        fail(str(error))

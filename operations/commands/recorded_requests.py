"""Recorded visitors' requests, redacted: counts, export to a file, and conversion for a replay."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import BaseModel, ConfigDict, ValidationError
from rich.table import Table

from backend_clients.ask.reconciliation import Sides, overwrite
from backend_clients.bootstrap import Clients
from backend_clients.domains import DOMAINS
from backend_clients.migration.mismatches.replay import NotReplayable, is_redacted, operation_of, request_of
from backend_clients.records.reader import Evidence, EvidenceError
from backend_clients.routed import Origin
from backend_clients.settings import Settings
from operations.parity.runner import GeneratedRequest
from operations.shared.console import err, fail, local_time, out
from operations.shared.options import DataDirOption, StoriesOption, settings_for

_MOST: Final = 100_000


class KeptRequest(BaseModel):
    """One line of an exported file."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    domain: str
    operation: str
    request: dict[str, Any]
    at: float = 0.0


def record_command(
    export: Annotated[
        Path | None, typer.Option("--export", help="Write the requests to this file (JSON Lines).")
    ] = None,
    stories: StoriesOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Count the recorded requests, and export them. The site records RECORD_REQUESTS=N per domain, redacted."""
    settings = settings_for(stories, data_dir)
    kept = kept_requests(settings)
    _show(settings, kept)
    if export is None:
        return
    if not kept:
        fail("there is nothing to export; run the site with, for example, RECORD_REQUESTS=200")
    try:
        export.write_text("".join(f"{item.model_dump_json()}\n" for item in kept), "utf-8")
    except OSError as error:
        fail(f"--export: {export}: {error.strerror}")
    err.print(f"{len(kept)} requests written to {export}", markup=False, soft_wrap=True)


def kept_requests(settings: Settings, file: Path | None = None) -> list[KeptRequest]:
    """The requests of an exported file, or of the site's records; ends the command if they cannot be read."""
    if file is not None:
        return list(_from_file(file))
    try:
        stored = Evidence(settings.records_file).requests(None, _MOST)
    except EvidenceError as error:
        fail(str(error))
    return [KeptRequest.model_validate(asdict(item)) for item in stored]


def replayable(clients: Clients, domain: str, kept: Sequence[KeptRequest]) -> list[GeneratedRequest]:
    """Convert a domain's recorded requests for a replay; reports those that cannot be replayed or were redacted."""
    items = []
    operations = clients.operations(domain)
    wanted = [item for item in kept if item.domain == domain]
    for item in wanted:
        try:
            operation = operation_of(operations, domain, item.operation)
            items.append(GeneratedRequest(operation, request_of(operation.endpoint, item.request)))
        except NotReplayable as error:
            err.print(f"left out: {error}", markup=False, soft_wrap=True)
    redacted = sum(is_redacted(item.request) for item in wanted)
    if redacted:
        err.print(f"{domain}: {redacted} of {len(wanted)} requests are redacted and are replayed in that form")
    return items


def copy_conversations(sides: Sides, items: Sequence[GeneratedRequest]) -> None:
    """Copy the requests' conversations from legacy to a stack that was started for the run."""
    for session in sorted({getattr(item.request, "session_id", "") for item in items} - {""}):
        overwrite(session, sides[Origin.LEGACY], sides[Origin.LAMBDA])


def _from_file(file: Path) -> Iterator[KeptRequest]:
    try:
        lines = file.read_bytes().decode("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"--from-records: {file}: {error.strerror if isinstance(error, OSError) else 'not UTF-8 text'}")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield KeptRequest.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            fail(f"{file}: line {number}{where and f', {where}'}: {first['msg']}")


def _show(settings: Settings, kept: Sequence[KeptRequest]) -> None:
    table = Table("domain", "kept", "oldest", "newest")
    for domain in DOMAINS:
        times = sorted(item.at for item in kept if item.domain == domain)
        table.add_row(domain, str(len(times)), *(local_time(at) for at in (times[:1] + times[-1:])))
    out.print(table)
    number = settings.record_requests
    err.print(
        f"RECORD_REQUESTS is {number}: the site records the latest {number} requests of each domain"
        if number
        else "RECORD_REQUESTS is 0: the site records no requests"
    )

"""`mattgpt backfill` and `mattgpt repairs`: bring the two stores of conversations to agreement."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from backend_clients.bootstrap import Clients, build_clients
from backend_clients.errors import BackendError
from backend_clients.migration.backfill import BackfillLog, OnSession, backfill, verify
from backend_clients.migration.repairs import run_repairs
from backend_clients.routed import Origin
from contracts.story_file import StoryFileError
from operations.console import err, fail, out, progress_bar
from operations.options import ApiPortOption, DataDirOption, StoriesOption, settings_for
from operations.stack import find_stack, site_settings

app = typer.Typer(no_args_is_help=True, help="See and pay what one side owes the other.")

_SHOWN = 20


def backfill_command(
    domain: Annotated[str, typer.Argument(help="The domain that writes: ask.")],
    verify_only: Annotated[bool, typer.Option("--verify-only", help="Compare checksums; copy nothing.")] = False,
    pause_ms: Annotated[int, typer.Option("--pause-ms", min=0, help="Wait after each conversation.")] = 0,
    api_port: ApiPortOption = 3000,
    stories: StoriesOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Copy old conversations to the Lambda side, then compare every one on both sides; exit 1 if any differs.

    A stopped run goes on where it was.
    """
    if domain != "ask":
        fail(f"backfill: {domain!r} writes nothing; only ask does")
    with _clients(stories, data_dir, api_port) as clients, _explained():
        log = BackfillLog(clients.settings.records_file)
        sides = (clients.conversation_sides[Origin.LEGACY], clients.conversation_sides[Origin.LAMBDA])
        if not verify_only:
            with _progress("copying conversations") as on_session:
                written = backfill(clients.conversations, sides, log, on_session, pause_ms / 1000)
            out.print(f"{written} turns written")
        with _progress("comparing conversations") as on_session:
            different = verify(clients.conversations, sides, log, on_session)
        checked = log.last_verification("ask")
    out.print(f"{checked.sessions if checked else 0} conversations compared, {len(different)} differ")
    for item in different[:_SHOWN]:
        err.print(f"  {item.session_id}: legacy {item.legacy_turns} turns, lambda {item.lambda_turns}", markup=False)
    if different:
        raise typer.Exit(1)


@app.command("list")
def list_repairs(data_dir: DataDirOption = None, stories: StoriesOption = None, api_port: ApiPortOption = 3000) -> None:
    """List the writes that one side still owes, oldest first."""
    table = Table("since", "domain", "operation", "owed by", "tries", "last error")
    with _clients(stories, data_dir, api_port) as clients:
        for repair in clients.ledger.open_repairs():
            since = datetime.fromtimestamp(repair.at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
            table.add_row(
                since, repair.domain, repair.operation, repair.owed_by, str(repair.attempts), repair.last_error
            )
    if table.row_count:
        out.print(table)
    else:
        out.print("Nothing is owed.")


@app.command("run")
def run(data_dir: DataDirOption = None, stories: StoriesOption = None, api_port: ApiPortOption = 3000) -> None:
    """Pay what is owed; exit 1 if something stays owed."""
    with _clients(stories, data_dir, api_port) as clients:
        report = run_repairs(clients.ledger, clients.conversation_sides, older_than=0.0)
    out.print(f"{report.settled} settled, {len(report.still_owed)} conversations still owed")
    for reason in report.still_owed[:_SHOWN]:
        err.print(f"  {reason}", markup=False)
    if report.still_owed:
        raise typer.Exit(1)


@contextmanager
def _clients(stories: StoriesOption, data_dir: DataDirOption, api_port: int) -> Iterator[Clients]:
    """Clients of the local stack, or of the addresses in the environment where none runs here."""
    settings = settings_for(stories, data_dir)
    stack = find_stack(api_port)
    try:
        clients = build_clients(site_settings(settings, stack) if stack else settings)
    except StoryFileError as error:
        fail(str(error))
    try:
        yield clients
    finally:
        clients.close()


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except BackendError as error:
        fail(f"stopped: {error}; run it again to go on from there")


@contextmanager
def _progress(label: str) -> Iterator[OnSession]:
    columns = (SpinnerColumn(), TextColumn("{task.description}: {task.completed}"), TimeElapsedColumn())
    with progress_bar(*columns) as progress:
        task = progress.add_task(label, total=None)
        yield lambda _written: progress.advance(task)

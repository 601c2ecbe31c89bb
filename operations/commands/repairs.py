"""`mattgpt backfill` and `mattgpt repairs`: synchronise the conversations of both sides."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Final

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from backend_clients.bootstrap import Clients, build_clients
from backend_clients.domains import DOMAINS, Domain
from backend_clients.errors import BackendError
from backend_clients.migration.backfill_log import BackfillLog
from backend_clients.migration.conversations.backfill import (
    Backfill,
    Difference,
    OnSession,
    stored_sessions,
)
from backend_clients.migration.conversations.repairs import run_repairs
from backend_clients.routed import Origin
from contracts.story_file import StoryFileError
from lambdas.ask.conversations.sessions import list_sessions
from operations.shared.console import err, fail, out, progress_bar
from operations.shared.options import ApiPortOption, DataDirOption, StoriesOption, require_data_folder, settings_for
from operations.stack.loaders import aws_client, resolve_stack
from operations.stack.local_stack import MissingOutput, Stacks, find_stack, site_settings

app = typer.Typer(no_args_is_help=True, help="List and replay writes that have not reached both sides.")

_SHOWN: Final = 20
_WRITING: Final = ", ".join(spec.name for spec in DOMAINS.values() if spec.writes)


def backfill_command(  # noqa: PLR0913, PLR0917  each is an option
    domain: Annotated[Domain, typer.Argument(help=f"The domain that writes: {_WRITING}.")],
    verify_only: Annotated[bool, typer.Option("--verify-only", help="Compare checksums; copy nothing.")] = False,
    keep: Annotated[
        Origin | None,
        typer.Option("--keep", help="Whose turn stays where the sides have different ones of the same id."),
    ] = None,
    pause_ms: Annotated[int, typer.Option("--pause-ms", min=0, help="Wait after each conversation.")] = 0,
    aws: Annotated[bool, typer.Option("--aws", help="With the stacks deployed in the AWS account.")] = False,
    api_port: ApiPortOption = 3000,
    stories: StoriesOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Give each side the conversations that the other has, then compare every one; exit 1 if any differs.

    Before a move: old ones to Lambda. After a rollback: those of Lambda to legacy. A stopped run goes on where it was.
    """
    if not DOMAINS[domain].writes:
        fail(f"backfill: {domain.value!r} writes nothing; only {_WRITING} does")
    stack = resolve_stack(api_port, aws=aws)
    with _clients(stories, data_dir, stack) as clients, _explained():
        log = BackfillLog(clients.settings.records_file)
        listings = {
            Origin.LEGACY: stored_sessions(clients.conversations),
            Origin.LAMBDA: lambda after: [found for found in _on_lambda(stack) if found > after],
        }
        work = Backfill(listings, clients.conversation_sides, log)
        if not verify_only:
            with _progress("merging conversations") as on_session:
                written = work.run(on_session, pause_ms / 1000, keep)
            out.print(f"{written} turns written")
        with _progress("comparing conversations") as on_session:
            different = work.verify(on_session)
        checked = log.last_verification(domain.value)
    out.print(f"{checked.sessions if checked else 0} conversations compared, {len(different)} differ")
    for item in different[:_SHOWN]:
        err.print(f"  {_told(item)}", markup=False, soft_wrap=True)
    if different:
        raise typer.Exit(1)


def _on_lambda(stack: Stacks) -> list[str]:
    """Read from the table itself, which takes the maintainer's rights: who knows a session's id can read it."""
    return list_sessions(aws_client(stack, "dynamodb"), stack.output(Domain.ASK.value, "TableName"))


def _told(item: Difference) -> str:
    told = f"{item.session_id}: legacy {item.legacy_turns} turns, lambda {item.lambda_turns}"
    if item.conflicts:
        told += f"; {item.conflicts} of the same id with other content, settled by --keep legacy or --keep lambda"
    return told


@app.command("list")
def list_repairs(data_dir: DataDirOption = None, stories: StoriesOption = None, api_port: ApiPortOption = 3000) -> None:
    """List pending writes, oldest first."""
    table = Table("since", "domain", "operation", "owed by", "tries", "last error")
    with _clients(stories, data_dir, find_stack(api_port)) as clients:
        for repair in clients.ledger.open_repairs():
            since = datetime.fromtimestamp(repair.at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
            table.add_row(
                since, repair.domain, repair.operation, repair.missing_on, str(repair.attempts), repair.last_error
            )
    if table.row_count:
        out.print(table)
    else:
        out.print("Nothing is owed.")


@app.command("run")
def run(data_dir: DataDirOption = None, stories: StoriesOption = None, api_port: ApiPortOption = 3000) -> None:
    """Replay pending writes; exit 1 if some are still pending."""
    with _clients(stories, data_dir, find_stack(api_port)) as clients:
        report = run_repairs(clients.ledger, clients.conversation_sides)
    out.print(f"{report.settled} settled, {len(report.unresolved)} conversations still owed")
    if report.in_progress:
        out.print(f"{report.in_progress} conversations are being written just now; run it again in a minute")
    for reason in report.unresolved[:_SHOWN]:
        err.print(f"  {reason}", markup=False)
    if report.unresolved:
        raise typer.Exit(1)


@contextmanager
def _clients(stories: StoriesOption, data_dir: DataDirOption, stack: Stacks | None) -> Iterator[Clients]:
    """Clients of a local stack; of the addresses in the environment where none runs here."""
    settings = settings_for(stories, data_dir)
    require_data_folder(settings)
    try:
        clients = build_clients(site_settings(settings, stack) if stack and stack.url else settings)
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
    except (BackendError, BotoCoreError, ClientError, MissingOutput) as error:
        fail(f"stopped: {error}; run it again to go on from there")


@contextmanager
def _progress(label: str) -> Iterator[OnSession]:
    columns = (SpinnerColumn(), TextColumn("{task.description}: {task.completed}"), TimeElapsedColumn())
    with progress_bar(*columns) as progress:
        task = progress.add_task(label, total=None)
        yield lambda _written: progress.advance(task)

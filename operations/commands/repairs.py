"""`mattgpt backfill` and `mattgpt repairs`: synchronise the conversations of both sides."""

from collections.abc import Iterator
from contextlib import contextmanager
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
from operations.shared.console import err, fail, local_time, out, progress_bar
from operations.shared.options import ApiPortOption, DataDirOption, StoriesOption, require_data_folder, settings_for
from operations.stack.loaders import resolve_stack
from operations.stack.local_stack import MissingOutput, Stacks, aws_client, running_stack, site_settings

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="List and replay writes that have not reached both sides."
)

_SHOWN: Final = 20
_WRITING: Final = ", ".join(spec.name for spec in DOMAINS.values() if spec.writes)


def backfill_command(  # noqa: PLR0913, PLR0917  each is an option
    domain: Annotated[Domain, typer.Argument(help=f"A domain with writes: {_WRITING}.")],
    verify_only: Annotated[bool, typer.Option("--verify-only", help="Compare checksums; copy nothing.")] = False,
    keep: Annotated[
        Origin | None,
        typer.Option("--keep", help="The side to believe where the two have different content for the same turn."),
    ] = None,
    pause_ms: Annotated[
        int, typer.Option("--pause-ms", min=0, help="Pause after each conversation, in milliseconds.")
    ] = 0,
    aws: Annotated[bool, typer.Option("--aws", help="Use the stacks deployed in the AWS account.")] = False,
    api_port: ApiPortOption = None,
    stories: StoriesOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Copy missing conversations to each side, then compare all of them; exit 1 if any differs.

    Run it before a move, to copy to Lambda, and before a rollback, to copy to legacy. It resumes an interrupted run.
    """
    if not DOMAINS[domain].writes:
        fail(f"backfill: {domain.value!r} has no writes; use one of: {_WRITING}")
    stack = resolve_stack(settings_for(stories, data_dir), api_port, aws=aws)
    with _clients(stories, data_dir, stack) as clients, _translate_errors():
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
        err.print(f"  {_described(item)}", markup=False, soft_wrap=True)
    if different:
        raise typer.Exit(1)


def _on_lambda(stack: Stacks) -> list[str]:
    """List the session ids in the table, with the maintainer's rights: a session's id gives access to it."""
    return list_sessions(aws_client(stack, "dynamodb"), stack.output(Domain.ASK.value, "TableName"))


def _described(item: Difference) -> str:
    line = f"{item.session_id}: legacy {item.legacy_turns} turns, lambda {item.lambda_turns}"
    if item.conflicts:
        line += f"; {item.conflicts} with the same id and different content, resolved by --keep legacy or --keep lambda"
    return line


@app.command("list")
def list_repairs(data_dir: DataDirOption = None, stories: StoriesOption = None, api_port: ApiPortOption = None) -> None:
    """List pending writes, oldest first."""
    table = Table("since", "domain", "operation", "missing on", "attempts", "last error")
    with _clients(stories, data_dir, running_stack(settings_for(stories, data_dir), api_port)) as clients:
        for repair in clients.ledger.open_repairs():
            since = local_time(repair.at)
            table.add_row(
                since, repair.domain, repair.operation, repair.missing_on, str(repair.attempts), repair.last_error
            )
    if table.row_count:
        out.print(table)
    else:
        out.print("No pending writes.")


@app.command("run")
def run(data_dir: DataDirOption = None, stories: StoriesOption = None, api_port: ApiPortOption = None) -> None:
    """Replay pending writes; exit 1 if some are still pending."""
    with _clients(stories, data_dir, running_stack(settings_for(stories, data_dir), api_port)) as clients:
        report = run_repairs(clients.ledger, clients.conversation_sides)
    out.print(f"{report.settled} writes replayed, {len(report.unresolved)} conversations still pending")
    if report.in_progress:
        out.print(f"{report.in_progress} conversations are being written now; run the command again in a minute")
    for reason in report.unresolved[:_SHOWN]:
        err.print(f"  {reason}", markup=False)
    if report.unresolved:
        raise typer.Exit(1)


@contextmanager
def _clients(stories: StoriesOption, data_dir: DataDirOption, stack: Stacks | None) -> Iterator[Clients]:
    """Clients of the local stack if it runs, else of the API URLs in the environment."""
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
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except (BackendError, BotoCoreError, ClientError, MissingOutput) as error:
        fail(f"stopped: {error}; run the command again to resume")


@contextmanager
def _progress(label: str) -> Iterator[OnSession]:
    columns = (SpinnerColumn(), TextColumn("{task.description}: {task.completed}"), TimeElapsedColumn())
    with progress_bar(*columns) as progress:
        task = progress.add_task(label, total=None)
        yield lambda _written: progress.advance(task)

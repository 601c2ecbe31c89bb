"""`mattgpt flags`: see and change which side serves a domain."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from backend_clients.migration.audit import Audit, AuditError, FlagChange
from backend_clients.migration.backfill import BackfillLog
from backend_clients.migration.flag_editor import FlagEditError, FlagEditor, describe, known_domain
from backend_clients.migration.preconditions import obstacles
from backend_clients.routing.flag_file import FlagFileError, read_flag_file
from backend_clients.routing.ledger import Ledger
from backend_clients.routing.stages import DOMAIN_STAGES, Stage
from operations.console import err, fail, out
from operations.options import DataDirOption, settings_for

app = typer.Typer(no_args_is_help=True, help="See and change which side serves a domain.")

Domain = Annotated[str, typer.Argument(help=f"One of {', '.join(DOMAIN_STAGES)}.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the history.")]


@app.command()
def show() -> None:
    """Show every domain's stage, and what is wrong with the flag file, if anything."""
    path = settings_for().flags_file
    try:
        file = read_flag_file(path, list(DOMAIN_STAGES))
    except FlagFileError as error:
        fail(str(error))
    table = Table("domain", "stage", "stages in order")
    for domain, stages in DOMAIN_STAGES.items():
        shares = file.shares.get(domain)
        table.add_row(domain, "legacy (fallback)" if shares is None else describe(shares), " → ".join(stages))
    out.print(table)
    if file.problems:
        fail("\n".join(file.problems))


@app.command("set")
def set_stage(
    domain: Domain,
    stage: Annotated[Stage, typer.Argument(help="The stage to put visitors into.")],
    share: Annotated[
        int, typer.Option("--share", help="Percent of the visitors; the others stay where they are.")
    ] = 100,
    reason: Reason = "",
    force: Annotated[bool, typer.Option("--force", help="Despite what stands against it; needs --reason.")] = False,
    data_dir: DataDirOption = None,
) -> None:
    """Put a share of the visitors into a stage. A domain that writes moves on when both sides hold the same."""
    if force and not reason.strip():
        fail("--force needs a --reason, which is kept in the history")
    with _explained():
        against = _obstacles(domain, stage, data_dir)
        if against and not force:
            fail("\n".join(f"{domain} may not move to {stage.value}: {why}" for why in against))
        _say(_editor(data_dir).set_stage(domain, stage, share, reason=reason, forced=bool(against)))


@app.command()
def rollback(domain: Domain, reason: Reason = "", data_dir: DataDirOption = None) -> None:
    """Take everyone one stage back, at once."""
    with _explained():
        _say(_editor(data_dir).rollback(domain, reason))


@app.command()
def history(
    domain: Annotated[str | None, typer.Argument(help="One domain alone.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000)] = 20,
    data_dir: DataDirOption = None,
) -> None:
    """List the latest changes, newest first."""
    table = Table("when", "who", "domain", "from", "to", "reason")
    with _explained():
        changes = Audit(settings_for(data_dir=data_dir).records_file).changes(domain and known_domain(domain), limit)
    for change in changes:
        when = datetime.fromtimestamp(change.at).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
        table.add_row(when, change.who, change.domain, change.before, change.after, escape(change.reason))
    if not table.row_count:
        err.print("No changes yet.")
        return
    out.print(table)


def _obstacles(domain: str, stage: Stage, data_dir: DataDirOption) -> list[str]:
    settings = settings_for(data_dir=data_dir)
    ledger = Ledger(settings.ledger_file)
    try:
        return obstacles(domain, stage, Audit(settings.records_file), BackfillLog(settings.records_file), ledger)
    finally:
        ledger.close()


def _editor(data_dir: DataDirOption) -> FlagEditor:
    settings = settings_for(data_dir=data_dir)
    return FlagEditor(settings.flags_file, Audit(settings.records_file))


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (AuditError, FlagEditError, FlagFileError) as error:
        fail(str(error))


def _say(change: FlagChange) -> None:
    out.print(f"{change.domain}: {change.before} → {change.after}", highlight=False, soft_wrap=True)

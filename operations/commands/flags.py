"""`mattgpt flags`: show and change the stage of a domain."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from backend_clients.domains import DOMAINS
from backend_clients.flags.audit_log import FlagChange, user
from backend_clients.flags.file import FlagFileError, read_flag_file
from backend_clients.migration.domain_state import FALLBACK, RETIRED
from backend_clients.migration.gate import thresholds
from backend_clients.migration.gate.conditions import moment
from backend_clients.migration.retirement.plan import is_retired, with_legacy
from backend_clients.migration.service import GateRefused, MigrationService
from backend_clients.stages import Stage
from operations.shared.console import err, fail, out
from operations.shared.options import (
    ApiPortOption,
    DataDirOption,
    DomainArgument,
    OptionalDomain,
    StoriesOption,
    settings_for,
)
from operations.shared.record_access import translate_errors
from operations.stack.clients import migration_service

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Show and change the stage of a domain.")

Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the history.")]


@app.command()
def show() -> None:
    """Show every domain's stage, and the problems of the flag file."""
    path = settings_for().flags_file
    try:
        file = read_flag_file(path, with_legacy())
    except FlagFileError as error:
        fail(str(error))
    table = Table("domain", "stage", "stages in order")
    for domain, spec in DOMAINS.items():
        shares = file.shares.get(domain)
        stage = RETIRED if is_retired(spec) else FALLBACK if shares is None else file.words(domain)
        table.add_row(domain, stage, " → ".join(spec.stages))
    out.print(table)
    if file.problems or file.definition_problems:
        fail("\n".join([*file.problems, *file.definition_problems]))


@app.command(
    "set",
    short_help="Roll a domain out to a stage for N % of visitors.",
    help="Roll a domain out to a stage for N % of visitors. Forward one stage at a time, if its gate passes; back at"
    f" any time. For stages that Lambda answers, the gate requires {thresholds.IN_WORDS}; `mattgpt status` shows the"
    " figures.",
)
def set_stage(  # noqa: PLR0913, PLR0917  each is an option of the command
    domain: DomainArgument,
    stage: Annotated[Stage, typer.Argument(help="The stage to put visitors into.")],
    share: Annotated[
        int, typer.Option("--share", help="Percent of the visitors; the others stay where they are.")
    ] = 100,
    reason: Reason = "",
    force: Annotated[bool, typer.Option("--force", help="Apply even if the gate fails; needs --reason.")] = False,
    stories: StoriesOption = None,
    data_dir: DataDirOption = None,
    api_port: ApiPortOption = None,
) -> None:
    if force and not reason.strip():
        fail("--force needs a --reason, which is kept in the history")
    service = migration_service(settings_for(stories, data_dir), api_port)
    with translate_errors():
        try:
            _print_change(service.set_stage(domain.value, stage.value, share, reason=reason, who=user(), force=force))
        except GateRefused as refusal:
            reasons = "\n".join(
                f"{domain} may not move to {refusal.report.target.value}: {why}" for why in refusal.report.reasons
            )
            fail(f"{reasons}\nSee `mattgpt status {domain}`. --force with a --reason applies it anyway.")


@app.command()
def rollback(
    domain: DomainArgument, reason: Reason = "", stories: StoriesOption = None, data_dir: DataDirOption = None
) -> None:
    """Move all visitors one stage back, at once and without a gate."""
    service = MigrationService(settings_for(stories, data_dir))
    with translate_errors():
        _print_change(service.rollback(domain.value, reason=reason, who=user()))
    if note := service.unsynced_data(domain.value):
        err.print(note, style="yellow", markup=False, highlight=False, soft_wrap=True)


@app.command()
def history(
    domain: OptionalDomain = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Maximum number of changes.")] = 20,
    stories: StoriesOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """List the latest changes, newest first."""
    table = Table("when", "who", "domain", "from", "to", Column("reason", overflow="fold"))
    with translate_errors():
        changes = MigrationService(settings_for(stories, data_dir)).changes(domain and domain.value, limit)
    for change in changes:
        table.add_row(moment(change.at), change.who, change.domain, change.before, change.after, escape(change.reason))
    if not table.row_count:
        err.print("No changes yet.")
        return
    out.print(table)


def _print_change(change: FlagChange) -> None:
    if change.before == change.after:
        out.print(f"{change.domain} is at {change.after} already: nothing was changed", highlight=False, soft_wrap=True)
        return
    out.print(f"{change.domain}: {change.before} → {change.after}", highlight=False, soft_wrap=True)
    if change.unrecorded:
        err.print(
            f"The change is made, but could not be logged: {change.unrecorded}",
            style="yellow",
            markup=False,
            soft_wrap=True,
        )

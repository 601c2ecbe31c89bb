"""`mattgpt retire`: deletes the legacy side of a domain that Lambda has served alone for long enough."""

import subprocess
from typing import Annotated

import typer
from rich.markup import escape

from backend_clients.domains import DOMAINS
from backend_clients.migration.retirement.deletion import delete_parts
from backend_clients.migration.retirement.plan import Retirement, is_retired
from backend_clients.settings import REPOSITORY
from operations.shared.console import fail, out
from operations.shared.options import DataDirOption, DomainArgument, StoriesOption, settings_for
from operations.shared.record_access import translate_errors
from operations.stack.clients import migration_service


def retire_command(
    domain: DomainArgument,
    write: Annotated[
        bool, typer.Option("--write", help="Delete what is listed; without it nothing is changed.")
    ] = False,
    stories: StoriesOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """List what to delete of a domain's legacy side, and delete it with --write; exit 1 if it is not time yet."""
    service = migration_service(settings_for(stories, data_dir), 3000)
    with translate_errors():
        if is_retired(DOMAINS[domain]):
            fail(f"{domain.value} has no legacy side any more", 2)
        plan = service.status(domain.value).retirement
    if plan is None:
        fail(f"{domain.value} is not on lambda for everyone: `mattgpt status {domain.value}` shows the next step", 1)
    _show(plan)
    if not plan.ready:
        raise typer.Exit(1)
    if not write:
        out.print(f"Nothing is changed. Delete it with `mattgpt retire {domain.value} --write`.", highlight=False)
        return
    _require_clean_tree()
    try:
        delete_parts(REPOSITORY, plan.deletions)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")
    out.print(f"Deleted. Run `make test`, and commit: Lambda alone serves {domain.value} now.", highlight=False)


def _show(plan: Retirement) -> None:
    for line in (*plan.reasons, *map(str, plan.deletions), *(f"by hand: {line}" for line in plan.by_hand)):
        out.print(escape(line), highlight=False, soft_wrap=True)


def _require_clean_tree() -> None:
    """End the command if an uncommitted change could be lost with what is deleted."""
    command = ["git", "status", "--porcelain", "--untracked-files=no"]
    found = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if found.returncode:
        fail(f"git cannot tell whether the tree is clean: {found.stderr.strip()}")
    if found.stdout.strip():
        fail(f"commit or stash these changes first, so that nothing is lost:\n{found.stdout.rstrip()}")

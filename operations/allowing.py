"""`mattgpt parity accept`: put a mismatch's ways to differ on the list of accepted ones."""

from datetime import date
from typing import Annotated

import typer

from backend_clients.migration.allowed import Allowed, AllowedEntry, AllowedError
from backend_clients.migration.allowed_text import add_entries
from backend_clients.migration.differences import every_cause
from backend_clients.migration.evidence import StoredComparison
from operations.console import err, fail, out
from operations.options import DataDirOption, StoriesOption, settings_for
from operations.stored import Number, allowed_of, stored_mismatch


def accept_command(
    number: Number,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the list.")] = "",
    stories: StoriesOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Accept the ways in which a stored mismatch differs: they count as a match from now on."""
    if not reason.strip():
        fail("accepting a difference needs a --reason, which is kept in the list")
    settings = settings_for(stories, data_dir)
    entries = _entries(stored_mismatch(settings, number), reason, allowed_of(settings))
    if not entries:
        err.print(f"Comparison {number} is accepted already.")
        return
    path = settings.parity_allowed_file
    try:
        add_entries(path, entries)
    except AllowedError as error:
        fail(str(error))
    for entry in entries:
        what = f"{entry.domain}/{entry.operation} {entry.layer} {entry.path} {entry.kind}"
        out.print(f"accepted: {what}", markup=False, highlight=False, soft_wrap=True)


def _entries(found: StoredComparison, reason: str, allowed: Allowed) -> list[AllowedEntry]:
    """An entry for each way to differ that is not on the list yet."""
    causes = every_cause(found)
    if causes is None:
        fail(f"comparison {found.id} was too large to be kept whole; what else differs in it is not known")
    return [
        AllowedEntry(
            domain=found.domain,
            operation=found.operation,
            layer=cause.layer,
            path=cause.path,
            kind=cause.kind,
            reason=reason,
            date=date.today(),
        )
        for cause in causes
        if not allowed.reason_for(found.domain, found.operation, cause)
    ]

"""`mattgpt parity list`, `show` and `accept`: stored mismatches by cause, side by side, and on the allow-list."""

import json
import math
from datetime import date, timedelta
from typing import Annotated, Any, Final

import typer
from rich.console import Group as Stack
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from backend_clients.bootstrap import endpoint_of
from backend_clients.domains import DOMAINS
from backend_clients.errors import BackendError
from backend_clients.migration.mismatches.allowlist import VALID_DAYS, AllowedError, Allowlist, AllowlistEntry
from backend_clients.migration.mismatches.allowlist_editor import add_entries
from backend_clients.migration.mismatches.causes import all_signatures
from backend_clients.migration.mismatches.curl import asked_address, curl_line, key_hint
from backend_clients.migration.mismatches.groups import Group, grouped
from backend_clients.migration.mismatches.layer_diff import Change, LayerDiff, side_by_side
from backend_clients.migration.mismatches.replay import NotReplayable, is_redacted
from backend_clients.records.reader import StoredComparison
from backend_clients.settings import Settings
from operations.shared.console import err, fail, local_time, out
from operations.shared.options import DataDirOption, DomainOption, JsonOption, StoriesOption, settings_for
from operations.shared.record_access import (
    Number,
    allowed_of,
    say_none_stored,
    stored_mismatch,
    stored_mismatches,
)

_STYLES: Final = {
    Change.SAME: ("dim", "dim", " "),
    Change.SKIPPED: ("dim italic", "", "⋯"),
    Change.CHANGED: ("red", "green", "≠"),
    Change.REMOVED: ("red", "", "-"),
    Change.ADDED: ("", "green", "+"),
}


def list_command(
    domain: DomainOption = None,
    as_json: JsonOption = False,
    stories: StoriesOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """List stored mismatches grouped by layer and cause, the most frequent first."""
    settings = settings_for(stories, data_dir)
    groups = grouped(stored_mismatches(settings, domain), allowed_of(settings))
    if groups:
        out.print(_table(groups))
    else:
        say_none_stored(settings)
    if as_json:
        print(json.dumps([_as_json(group) for group in groups], ensure_ascii=False))


def show_command(number: Number, stories: StoriesOption = None, data_dir: DataDirOption = None) -> None:
    """Show a stored mismatch: the request, both answers side by side, and a curl command for the Lambda side."""
    settings = settings_for(stories, data_dir)
    found = stored_mismatch(settings, number)
    for line in _facts(found, allowed_of(settings).accepted_reason(found)):
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    out.print(_difference(found))
    out.print(_curl(found, settings), markup=False, highlight=False, soft_wrap=True)


def _table(groups: list[Group]) -> Table:
    table = Table()
    for name in ("count", "where", "kind", "latest", "when"):
        table.add_column(name, overflow="fold", no_wrap=name in ("count", "kind", "latest"))
    for group in groups:
        where = f"{group.domain}/{group.operation} {group.layer} {group.path}"
        where += f"\naccepted: {group.accepted}" if group.accepted else ""
        cells = (str(group.count), where, group.kind, str(group.latest.id), local_time(group.latest.at))
        table.add_row(*map(escape, cells))
    return table


def _as_json(group: Group) -> dict[str, Any]:
    names = ("domain", "operation", "layer", "path", "kind", "count", "numbers", "accepted")
    return {**{name: getattr(group, name) for name in names}, "latest": group.latest.id, "latest_at": group.latest.at}


def _facts(found: StoredComparison, accepted: str) -> list[str]:
    cold = ", a cold start" if found.cold_start else ""
    facts = [
        f"comparison {found.id}: {found.domain}/{found.operation} differs at {found.layer}",
        f"seen {local_time(found.at)} in stage {found.stage}",
        f"latency: legacy {_ms(found.legacy_ms)}, lambda {_ms(found.lambda_ms)}{cold}",
        f"versions: {', '.join(f'{name} {value}' for name, value in found.versions.items()) or 'not kept'}",
        f"request: {json.dumps(found.request, ensure_ascii=False)}",
    ]
    facts += ["the stored request is redacted"] if is_redacted(found.request) else []
    return facts + ([f"accepted: {accepted}"] if accepted else [])


def _difference(found: StoredComparison) -> Stack:
    """Both answers by layer, or the recorded differences if the answers were not stored."""
    if not (isinstance(found.legacy, dict) and isinstance(found.remote, dict)):
        return Stack(Text(f"\n{found.layer} differs:", style="bold"), *map(Text, found.differences))
    layers = side_by_side(found.legacy, found.remote)
    return Stack(*(_layer(layer) for layer in layers))


def _layer(diff: LayerDiff) -> Text | Table:
    if not diff.rows:
        return Text(f"\n{diff.layer}: alike", style="dim")
    table = Table(title=f"\n{diff.layer}: different", title_justify="left", expand=True)
    table.add_column("", width=1)
    for side in ("legacy", "lambda"):
        table.add_column(side, ratio=1, overflow="fold")
    for row in diff.rows:
        left, right, sign = _STYLES[row.change]
        table.add_row(sign, Text(row.left, style=left), Text(row.right, style=right))
    return table


def _curl(found: StoredComparison, settings: Settings) -> str:
    try:
        endpoint = endpoint_of(found.domain, found.operation)
        address = asked_address(found, DOMAINS[endpoint.domain].api_url(settings))
        return f"\n{key_hint(endpoint.domain, address)}\n{curl_line(endpoint, found.request, address)}"
    except (NotReplayable, BackendError) as error:
        return f"\nno curl command: {error}"


def _ms(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.1f} ms"


def accept_command(
    number: Number,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the list.")] = "",
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="Days until it counts again.")] = VALID_DAYS,
    stories: StoriesOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Add the differences of a stored mismatch to the allow-list: they count as a match until they expire.

    Numbers are accepted up to the distance at which they differ here.
    """
    if not reason.strip():
        fail("accepting a difference needs a --reason, which is kept in the list")
    settings = settings_for(stories, data_dir)
    entries = _entries(stored_mismatch(settings, number), reason, days, allowed_of(settings))
    if not entries:
        err.print(f"Comparison {number} is accepted already.")
        return
    path = settings.parity_allowed_file
    try:
        add_entries(path, entries)
    except AllowedError as error:
        fail(str(error))
    for entry in entries:
        until = f"until {entry.last_day}"
        out.print(f"accepted {until}: {entry.words()}", markup=False, highlight=False, soft_wrap=True)


def _entries(found: StoredComparison, reason: str, days: int, allowed: Allowlist) -> list[AllowlistEntry]:
    """Entries for each cause that is not accepted yet: one for its numbers, one for what else differs."""
    causes = all_signatures(found)
    if causes is None:
        fail(f"comparison {found.id} was too large to store completely; it may have other differences")
    if any(cause.delta is not None and math.isinf(cause.delta) for cause in causes):
        fail(f"comparison {found.id} has an infinite number or none at all on one side; no tolerance covers that")
    return [
        AllowlistEntry(
            domain=found.domain,
            operation=found.operation,
            layer=cause.layer,
            path=cause.path,
            kind=cause.kind,
            tolerance=tolerance,
            reason=reason,
            date=date.today(),
            expires=date.today() + timedelta(days),
        )
        for cause in causes
        if not allowed.reason_for(found.domain, found.operation, cause)
        for tolerance in ([] if cause.delta is None else [cause.delta]) + ([None] if cause.worded else [])
    ]

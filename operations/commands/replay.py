"""`mattgpt parity replay`: repeats the requests of stored mismatches with the current code."""

import json
from collections.abc import Sequence
from typing import Annotated

import typer

from backend_clients.domains import Domain
from backend_clients.migration.mismatches.allowlist import Allowlist
from backend_clients.migration.mismatches.replay import NotReplayable, is_redacted, operation_of, request_of
from backend_clients.records.reader import StoredComparison
from backend_clients.settings import Settings
from backend_clients.stages import Outcome
from operations.commands.recorded_requests import copy_conversations
from operations.parity.runner import GeneratedRequest, ask_all
from operations.parity.tally import finding
from operations.shared.console import fail, out
from operations.shared.options import ApiPortOption, DataDirOption, DomainOption, StoriesOption, settings_for
from operations.shared.record_access import (
    allowed_of,
    say_none_stored,
    stored_mismatch,
    stored_mismatches,
)
from operations.stack.clients import StackClients, stack_clients


def replay_command(
    number: Annotated[int | None, typer.Argument(metavar="ID", help="The number of a stored mismatch.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every stored mismatch, each request once.")] = False,
    domain: DomainOption = None,
    api_port: ApiPortOption = None,
    stories: StoriesOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Repeat stored mismatches on both sides; exit 1 if any still differs in a way that is not accepted."""
    if (number is None) is not everything:
        fail("name the ID of one mismatch, or --all")
    settings = settings_for(stories, data_dir)
    allowed = allowed_of(settings)
    wanted = [stored_mismatch(settings, number)] if number is not None else _all(settings, domain)
    if not wanted:
        say_none_stored(settings)
        return
    with stack_clients(settings, api_port) as both:
        fine = _replay(both, wanted, allowed)
    if fine < len(wanted):
        raise typer.Exit(1)


def _all(settings: Settings, domain: Domain | None) -> list[StoredComparison]:
    """The newest mismatch of each request."""
    newest: dict[str, StoredComparison] = {}
    for item in stored_mismatches(settings, domain):
        newest.setdefault(f"{item.domain}/{item.operation} {json.dumps(item.request, sort_keys=True)}", item)
    return list(newest.values())


def _replay(both: StackClients, wanted: Sequence[StoredComparison], allowed: Allowlist) -> int:
    """Print the result of each; returns the number of matches and accepted mismatches."""
    items: list[tuple[StoredComparison, GeneratedRequest]] = []
    for stored in wanted:
        try:
            operation = operation_of(both.clients.operations(stored.domain), stored.domain, stored.operation)
            request = request_of(operation.endpoint, stored.request)
        except NotReplayable as error:
            _print_line(stored, f"cannot be replayed: {error}")
            continue
        items.append((stored, GeneratedRequest(operation, request)))
    if both.own:
        copy_conversations(both.clients.conversation_sides, [item for _, item in items])
    fine = 0
    for (stored, _), (item, asked) in zip(items, ask_all(item for _, item in items), strict=True):
        now = finding(item.operation, item.request, asked)
        fine += _print_result(stored, now, allowed.accepted_reason(now) if now.outcome == Outcome.MISMATCH else "")
    return fine


def _print_result(stored: StoredComparison, now: StoredComparison, accepted: str) -> bool:
    redacted = " (the stored request is redacted)" if is_redacted(stored.request) else ""
    if now.outcome in (Outcome.MATCH, Outcome.IGNORED):
        _print_line(stored, f"matches now{redacted}")
        return True
    if accepted:
        _print_line(stored, f"differs as accepted: {accepted}{redacted}")
        return True
    result = "still differs" if now.outcome == Outcome.MISMATCH else now.outcome
    _print_line(stored, f"{result} at {now.layer}{redacted}")
    for line in now.differences:
        out.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
    return False


def _print_line(stored: StoredComparison, what: str) -> None:
    out.print(f"{stored.id} {stored.domain}/{stored.operation}: {what}", markup=False, highlight=False, soft_wrap=True)

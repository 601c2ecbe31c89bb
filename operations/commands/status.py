"""`mattgpt status`: each domain's stage, its figures, and the gate of its next step."""

import json
from typing import Annotated, Final

import typer
from rich.markup import escape
from rich.table import Table

from backend_clients.domains import DOMAINS
from backend_clients.migration.gate.conditions import moment
from backend_clients.migration.gate.report import GateReport, Verdict
from backend_clients.migration.service import DomainStatus
from operations.shared.console import out
from operations.shared.options import ApiPortOption, DataDirOption, OptionalDomain, StoriesOption, settings_for
from operations.shared.record_access import translate_errors
from operations.stack.clients import migration_service

_COLOURS: Final = {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.INCONCLUSIVE: "yellow"}


def status_command(
    domain: OptionalDomain = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document and nothing else.")] = False,
    stories: StoriesOption = None,
    data_dir: DataDirOption = None,
    api_port: ApiPortOption = None,
) -> None:
    """Show each domain's stage, and the verdict on its next step with every figure."""
    service = migration_service(settings_for(stories, data_dir), api_port)
    with translate_errors():
        domains = [domain.value] if domain else list(DOMAINS)
        found = [service.status(name) for name in domains]
    if as_json:
        print(json.dumps({"domains": [status.as_json() for status in found]}, ensure_ascii=False))
        return
    for status in found:
        _show(status)


def _show(status: DomainStatus) -> None:
    out.print(f"[bold]{status.domain}[/bold]: {escape(status.shares)}", highlight=False)
    for line in _seen(status):
        out.print(f"  {line}", highlight=False, soft_wrap=True)
    for problem in status.problems:
        out.print(f"  {escape(problem)}", style="red", highlight=False, soft_wrap=True)
    if status.gate is not None:
        verdict = status.gate.verdict
        out.print(f"  to {status.gate.target.value}: [{_COLOURS[verdict]}]{verdict.value}[/]", highlight=False)
        out.print(_conditions(status.gate))
        for line in (*_seen_in(status.gate), *_advice(status.gate)):
            out.print(f"  {escape(line)}", highlight=False, soft_wrap=True)
    if status.retirement is not None:
        _show_retirement(status)
    out.print()


def _seen(status: DomainStatus) -> tuple[str, str]:
    window = status.window
    handed_off = f" ({window.hand_offs} writes handed off to legacy)" if window.hand_offs else ""
    since = f"since {moment(window.since)}" if window.since is not None else "so far"
    return (
        f"{since}: {window.calls} calls, {sum(window.outcomes.values())} comparisons, {window.fallbacks} fallbacks"
        f"{handed_off}",
        f"pending repairs: {status.open_repairs}; auto-rollback {'on' if status.auto_rollback else 'off'}",
    )


def _conditions(gate: GateReport) -> Table:
    table = Table()
    for name in ("condition", "verdict", "figure", "threshold"):
        table.add_column(name, overflow="fold")
    for item in gate.conditions:
        verdict = f"[{_COLOURS[item.verdict]}]{item.verdict.value}[/]"
        table.add_row(item.name, verdict, escape(item.figure), escape(item.threshold))
    return table


def _seen_in(gate: GateReport) -> list[str]:
    """The stage and period of the figures, one line for all conditions that share it."""
    windows: dict[str, list[str]] = {}
    for item in gate.conditions:
        windows.setdefault(item.window, []).append(item.name)
    return [f"{', '.join(names)}: records of {window}" for window, names in windows.items() if window != "now"]


def _advice(gate: GateReport) -> list[str]:
    return [f"{item.name}: {item.advice}" for item in gate.conditions if item.advice]


def _show_retirement(status: DomainStatus) -> None:
    plan = status.retirement
    if plan is None:
        return
    summary = "the legacy side can be deleted" if plan.ready else "the legacy side cannot be deleted yet"
    out.print(f"  {summary}", highlight=False)
    for line in (*plan.reasons, *map(str, plan.deletions), *(f"by hand: {line}" for line in plan.by_hand)):
        out.print(f"    {escape(line)}", highlight=False, soft_wrap=True)

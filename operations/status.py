"""`mattgpt status`: how far each domain is, what was seen of it, and what its next step needs."""

import json
from typing import Annotated, Final

import typer
from rich.markup import escape
from rich.table import Table

from backend_clients.migration.conditions import moment
from backend_clients.migration.desk import DomainStatus
from backend_clients.migration.flag_editor import known_domain
from backend_clients.migration.gates import GateReport, Verdict
from backend_clients.routing.stages import DOMAIN_STAGES
from operations.console import out
from operations.desk import desk_for, explained
from operations.options import ApiPortOption, DataDirOption

_COLOURS: Final = {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.INCONCLUSIVE: "yellow"}


def status_command(
    domain: Annotated[str | None, typer.Argument(help="One domain alone.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document and nothing else.")] = False,
    data_dir: DataDirOption = None,
    api_port: ApiPortOption = 3000,
) -> None:
    """Show how far each domain is, and the verdict on its next step with every figure."""
    desk = desk_for(data_dir, api_port)
    with explained():
        domains = [known_domain(domain)] if domain else list(DOMAIN_STAGES)
        found = [desk.status(name) for name in domains]
    if as_json:
        print(json.dumps({"domains": [status.as_json() for status in found]}, ensure_ascii=False))
        return
    for status in found:
        _show(status)


def _show(status: DomainStatus) -> None:
    out.print(f"[bold]{status.domain}[/bold]: {escape(status.shares)}", highlight=False)
    out.print(f"  {_seen(status)}", highlight=False, soft_wrap=True)
    for problem in status.problems:
        out.print(f"  {escape(problem)}", style="red", highlight=False, soft_wrap=True)
    if status.gate is not None:
        verdict = status.gate.verdict
        out.print(f"  to {status.gate.target.value}: [{_COLOURS[verdict]}]{verdict.value}[/]", highlight=False)
        out.print(_conditions(status.gate))
        for line in status.gate.reasons:
            out.print(f"  {escape(line)}", highlight=False, soft_wrap=True)
    if status.retirement is not None:
        _show_retirement(status)
    out.print()


def _seen(status: DomainStatus) -> str:
    window = status.window
    since = f"since {moment(window.since)}" if window.since is not None else "so far"
    told = f"{since}: {window.calls} calls, {sum(window.outcomes.values())} comparisons, {window.fallbacks} fallbacks"
    return f"{told}; repairs owed: {status.open_repairs}; auto-rollback {'on' if status.auto_rollback else 'off'}"


def _conditions(gate: GateReport) -> Table:
    table = Table("condition", "verdict", "figure", "threshold", "seen in")
    for item in gate.conditions:
        verdict = f"[{_COLOURS[item.verdict]}]{item.verdict.value}[/]"
        table.add_row(item.name, verdict, escape(item.figure), escape(item.threshold), escape(item.window))
    return table


def _show_retirement(status: DomainStatus) -> None:
    plan = status.retirement
    if plan is None:
        return
    out.print("  the legacy side can go" if plan.ready else "  the legacy side stays for now", highlight=False)
    for line in (*plan.reasons, *map(str, plan.deletions), *(f"by hand: {line}" for line in plan.by_hand)):
        out.print(f"    {escape(line)}", highlight=False, soft_wrap=True)

"""The HTML report of a parity run: a self-contained file, for a pull request."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from backend_clients.migration.mismatches.allowlist import Allowlist
from backend_clients.migration.mismatches.groups import Group, grouped
from backend_clients.migration.mismatches.layer_diff import LayerDiff, side_by_side
from backend_clients.records.reader import StoredComparison
from backend_clients.stages import Outcome
from operations.parity import latency_chart
from operations.parity.runner import ParityTally
from operations.shared.console import err, fail

_TEMPLATE: Final = "parity_report.html.j2"
_MOST_EXAMPLES: Final = 8


@dataclass(frozen=True)
class DomainView:
    """One domain's figures and charts."""

    name: str
    counts: dict[str, Any]
    operations: list[tuple[str, list[dict[str, Any]]]]
    latency: latency_chart.Distribution

    @property
    def rate(self) -> str:
        """The match rate over the comparisons in which neither side failed."""
        judged = self.counts["matched"] + self.counts["mismatched"]
        return percent(self.counts["matched"], judged) if judged else "-"


@dataclass(frozen=True)
class Example:
    """A mismatch side by side, and the groups whose latest it is."""

    finding: StoredComparison
    groups: list[Group]
    layers: tuple[LayerDiff, ...]


def require_report_folder(path: Path) -> None:
    """End the command before its run if the report could not be written after it."""
    if not os.access(path.parent, os.W_OK) or path.is_dir():
        fail(f"--html: {path}: nothing can be written there")


def write_report(path: Path, tallies: Sequence[ParityTally], allowed: Allowlist, command: str) -> None:
    """Write the report; ends the command if that fails."""
    try:
        path.write_text(report(tallies, allowed, command, datetime.now().astimezone()), "utf-8")
    except OSError as error:
        fail(f"--html: {path}: {error.strerror}")
    err.print(f"report written to {path}", markup=False, soft_wrap=True)


def report(tallies: Sequence[ParityTally], allowed: Allowlist, command: str, made_at: datetime) -> str:
    """Render the report's HTML; text from answers and requests is escaped."""
    findings = [item for tally in tallies for item in tally.findings]
    groups = grouped([item for item in findings if item.outcome == Outcome.MISMATCH], allowed)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": percent, "milliseconds": latency_chart.milliseconds}
    return environment.get_template(_TEMPLATE).render(
        command=command,
        made_at=made_at,
        domains=[_domain(tally) for tally in tallies],
        clean=all(tally.clean for tally in tallies),
        examples=_examples([group for group in groups if not group.accepted]),
        accepted=[group for group in groups if group.accepted],
        errors_found=_errors(findings),
        cold_starts=sum(tally.latencies.cold_starts for tally in tallies),
        chart=latency_chart,
    )


def percent(part: int, whole: int) -> str:
    """Format a share; rounds to 100 % only if it is exact."""
    share = 100 * part / whole if whole else 0.0
    return "100 %" if part == whole else f"{min(share, 99.99):.2f} %"


def _domain(tally: ParityTally) -> DomainView:
    counts = tally.as_json()
    layers = sorted(counts["layers"], key=lambda row: row["operation"])  # stable: layers stay in their order
    operations = [(name, list(rows)) for name, rows in groupby(layers, key=lambda row: row["operation"])]
    sides = (("legacy", tally.latencies.legacy), ("lambda", tally.latencies.remote))
    return DomainView(tally.domain, counts, operations, latency_chart.distribution(sides))


def _examples(groups: Sequence[Group]) -> list[Example]:
    """The latest mismatch of each of the largest groups, without duplicates."""
    members: dict[int, tuple[StoredComparison, list[Group]]] = {}
    for group in groups:
        if id(group.latest) in members or len(members) < _MOST_EXAMPLES:
            members.setdefault(id(group.latest), (group.latest, []))[1].append(group)
    return [Example(finding, found, _layers(finding)) for finding, found in members.values()]


def _layers(finding: StoredComparison) -> tuple[LayerDiff, ...]:
    if isinstance(finding.legacy, dict) and isinstance(finding.remote, dict):
        return side_by_side(finding.legacy, finding.remote)
    return ()


def _errors(findings: Sequence[StoredComparison]) -> list[tuple[str, str, str, int]]:
    """Failures other than mismatches, the most frequent first: operation, outcome, differences, count."""
    counted = Counter(
        (f"{item.domain}/{item.operation}", item.outcome, "; ".join(item.differences))
        for item in findings
        if item.outcome != Outcome.MISMATCH
    )
    return [(*what, count) for what, count in counted.most_common(_MOST_EXAMPLES)]

"""Selects and evaluates the conditions of a step; a step to a stage that Lambda answers needs evidence."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backend_clients.domains import DomainSpec
from backend_clients.flags.file import RolloutShare
from backend_clients.migration.gate import conditions, thresholds
from backend_clients.migration.gate.report import Condition, GateReport, Verdict
from backend_clients.records.reader import Latency, Window
from backend_clients.routed import Origin
from backend_clients.stages import READS, Stage

_NOW = "now"


@dataclass(frozen=True, slots=True)
class GateInput:
    """The state of a domain that a step is evaluated on.

    `windows` returns a stage's records since the flag last changed, `legacy` the latency of legacy's latest answers.
    `unverified` is the reason why the sides' data may differ, "" if verified equal; `problem` is the flag's problem.
    """

    domain: DomainSpec
    shares: tuple[RolloutShare, ...]
    windows: Callable[[Stage], Window]
    legacy: Callable[[], Latency]
    address: str
    open_repairs: int
    unverified: str
    problem: str = ""


def evaluate_gate(gate_input: GateInput, target: Stage) -> GateReport:
    """Evaluate the step to `target` for all visitors in earlier stages. Steps back need no evidence."""
    order = gate_input.domain.stages
    in_force = sorted({share.stage for share in gate_input.shares}, key=order.index) or [order[0]]
    least = in_force[0]
    if order.index(target) <= order.index(least):
        return GateReport(gate_input.domain.name, least, target, ())
    found = [_flag(gate_input), _stage_order(gate_input, least, target), _address(gate_input)]
    if READS[target].answers is Origin.LAMBDA:
        found += _measured(gate_input, in_force, target if target in in_force else least)
        found += [_repairs(gate_input), _verified(gate_input)] if gate_input.domain.writes else []
    return GateReport(gate_input.domain.name, least, target, tuple(found))


def next_stage(domain: DomainSpec, shares: tuple[RolloutShare, ...]) -> Stage | None:
    """The stage after the least advanced one in force; None at the last stage."""
    order = domain.stages
    least = min((order.index(share.stage) for share in shares), default=0)
    return order[least + 1] if least + 1 < len(order) else None


def _measured(gate_input: GateInput, in_force: list[Stage], seen_in: Stage) -> Iterator[Condition]:
    """Conditions on the records of the stage that gains visitors, or else of the stage they leave."""
    comparing = [stage for stage in in_force if READS[stage].compared]
    compared_in = seen_in if READS[seen_in].compared or not comparing else comparing[-1]
    if READS[compared_in].compared:
        window = gate_input.windows(compared_in)
        yield conditions.comparisons(window)
        yield conditions.match_rate(window)
    if Origin.LAMBDA in (READS[seen_in].answers, READS[seen_in].compared):
        window = gate_input.windows(seen_in)
        yield conditions.error_rate(window)
        yield conditions.p95_latency(window, gate_input.legacy)


def _flag(gate_input: GateInput) -> Condition:
    verdict = Verdict.FAIL if gate_input.problem else Verdict.PASS
    return Condition("flag", verdict, gate_input.problem or "well-formed", "well-formed", _NOW)


def _stage_order(gate_input: GateInput, least: Stage, target: Stage) -> Condition:
    order = gate_input.domain.stages
    needed = order[order.index(target) - 1]
    skips = order.index(least) < order.index(needed)
    after = order[order.index(least) + 1]
    return Condition(
        "stage order",
        Verdict.FAIL if skips else Verdict.PASS,
        " and ".join(f"{share.percent:g}% in {share.stage.value}" for share in gate_input.shares) or least.value,
        f"everyone in {needed.value} or later",
        _NOW,
        f"first put everyone into {after.value}" if skips else "",
    )


def _address(gate_input: GateInput) -> Condition:
    name = gate_input.domain.api_url_setting.upper()
    return Condition(
        "Lambda address",
        Verdict.PASS if gate_input.address else Verdict.FAIL,
        gate_input.address or "none",
        "an address",
        _NOW,
        "" if gate_input.address else f"set {name}, or start the local stack with `mattgpt up`",
    )


def _repairs(gate_input: GateInput) -> Condition:
    pending = gate_input.open_repairs
    return Condition(
        "open repairs",
        Verdict.FAIL if pending else Verdict.PASS,
        str(pending),
        f"0 older than {thresholds.SETTLING_SECONDS:g} s",
        _NOW,
        "replay them with `mattgpt repairs run`" if pending else "",
    )


def _verified(gate_input: GateInput) -> Condition:
    return Condition(
        "verified",
        Verdict.FAIL if gate_input.unverified else Verdict.PASS,
        gate_input.unverified or f"both sides hold the same {gate_input.domain.stored}",
        "both sides verified alike",
        _NOW,
        f"run `mattgpt backfill {gate_input.domain.name}`" if gate_input.unverified else "",
    )

"""Routes a read: evaluates the visitor's stage and calls the side or sides that the stage names."""

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Generic, Protocol, TypeVar

from pydantic import BaseModel

from backend_clients.flags.client import NO_LEGACY, StageDecision
from backend_clients.flags.definitions import SHADOW_SAMPLE
from backend_clients.http.endpoint import Endpoint
from backend_clients.http.session import ApiResponse
from backend_clients.records.rows import ADDRESS, ComparisonRecord
from backend_clients.routed import Origin, Routed
from backend_clients.routing.comparison import Comparison, Layers, compare
from backend_clients.routing.observation import Observation, fault_text, ms_since, observe, versions_of
from backend_clients.routing.router_parts import RouterParts
from backend_clients.routing.shadow import InFlightRequests
from backend_clients.stages import READS, Outcome, ReadRule, Stage

_log = logging.getLogger(__name__)

_PATIENCE_SECONDS: Final = 0.25  # a comparison yields to visitors for so long at most, before each of its two parts

Q = TypeVar("Q", bound=BaseModel)
A = TypeVar("A", bound=BaseModel)
Q_contra = TypeVar("Q_contra", bound=BaseModel, contravariant=True)


class LambdaSide(Protocol[Q_contra, A]):
    def __call__(self, request: Q_contra, /, *, shadow: bool = False) -> ApiResponse[A]: ...


@dataclass(frozen=True, slots=True)
class Operation(Generic[Q, A]):
    """One operation of a domain: its two sides, and the view that normalises their answers for comparison.

    `answering_legacy` is the legacy function for answers to visitors, if it differs from the compared one. `key` gives
    the ordering key of writes: a side with pending writes under it does not answer while the other side can.

    Without a legacy side, as after a finished migration, Lambda answers in every stage.
    """

    endpoint: Endpoint[Q, A]
    legacy: Callable[[Q], A] | None
    remote: LambdaSide[Q, A]
    layers: Callable[[A], Layers]
    answering_legacy: Callable[[Q], A] | None = None
    key: Callable[[Q], str] | None = None

    @property
    def domain(self) -> str:
        return self.endpoint.domain

    @property
    def name(self) -> str:
        return self.endpoint.name


class Router:
    """Routes reads by stage.

    The compared side never delays or breaks an answer. Where the stage allows, reads fall back to legacy if Lambda is
    down, late, rate-limited or violates its contract; a rejected request (4xx) is an answer and is returned.
    """

    def __init__(self, parts: RouterParts) -> None:
        self._parts = parts
        self._visits = InFlightRequests()

    def read(self, operation: Operation[Q, A], request: Q, visitor: str) -> Routed[A]:
        """Answer a visitor's read; raises `BackendError` if no side in charge can answer."""
        with self._visits:
            started = time.perf_counter()
            decision = self._parts.flags.stage(operation.domain, visitor) if operation.legacy else NO_LEGACY
            rule, reason = self._rule(operation, request, decision)
            answer = self._observe(operation, request, rule.answers)
            origin, fallback = rule.answers, None
            if rule.falls_back and answer.failed:
                fallback = self._observe(operation, request, Origin.LEGACY)
                origin, reason = Origin.LEGACY, fault_text(answer.error)
            served = fallback or answer
        routed = Routed(
            served.value, origin, decision.stage, reason, ms_since(started), fallback is not None, served.cold_start
        )
        self._parts.record_call(operation.domain, operation.name, routed, failed=served.failed, request=request)
        if fallback is not None:
            self._compare(operation, request, decision, fallback, answer)
        elif rule.compared is not None and self._sampled(operation.domain, visitor):
            self._compare_later(operation, request, decision, rule.compared, answer)
        if served.error is not None:
            raise served.error
        return routed  # type: ignore[return-value]  # without an error there is a value

    def _rule(self, operation: Operation[Q, A], request: Q, decision: StageDecision) -> tuple[ReadRule, str]:
        if operation.legacy is None:
            return READS[Stage.LAMBDA], decision.reason
        rule = READS[decision.stage]
        if rule.answers in self._lagging_sides(operation, request):
            other = Origin.LEGACY if rule.answers is Origin.LAMBDA else Origin.LAMBDA
            # A partial conversation from legacy is better than none.
            return ReadRule(other, falls_back=other is Origin.LAMBDA), f"writes pending on {rule.answers.value}"
        return rule, decision.reason

    def _lagging_sides(self, operation: Operation[Q, A], request: Q) -> frozenset[Origin]:
        """The sides with pending writes under the request's key."""
        if operation.key is None:
            return frozenset()
        return self._parts.lagging_sides(operation.domain, operation.key(request))

    def _observe(self, operation: Operation[Q, A], request: Q, side: Origin, *, shadow: bool = False) -> Observation[A]:
        legacy = operation.legacy if shadow else operation.answering_legacy or operation.legacy
        if side is Origin.LEGACY and legacy:
            return observe(lambda: ApiResponse(legacy(request)), contain=shadow)
        breaker = self._parts.breakers[operation.domain]
        return observe(
            lambda: breaker.call(lambda: operation.remote(request, shadow=shadow), shadow=shadow), contain=shadow
        )

    def _sampled(self, domain: str, visitor: str) -> bool:
        """Whether this call is in the sample to compare."""
        percent = self._parts.flags.value(SHADOW_SAMPLE, visitor, domain)
        return percent >= 100 or random.random() * 100.0 < percent

    def _compare_later(
        self, operation: Operation[Q, A], request: Q, decision: StageDecision, other: Origin, first: Observation[A]
    ) -> None:
        def run() -> None:
            self._visits.wait_until_idle(_PATIENCE_SECONDS)
            if self._lagging_sides(operation, request):
                self._keep(operation, request, decision, Comparison(Outcome.IGNORED, "pending"), None, None)
                return
            second = self._observe(operation, request, other, shadow=True)
            self._visits.wait_until_idle(_PATIENCE_SECONDS)
            legacy, remote = (first, second) if other is Origin.LAMBDA else (second, first)
            self._compare(operation, request, decision, legacy, remote)

        def drop() -> None:
            self._keep(operation, request, decision, Comparison(Outcome.DROPPED), None, None)

        self._parts.pool.submit(run, drop)

    def _compare(
        self,
        operation: Operation[Q, A],
        request: Q,
        decision: StageDecision,
        legacy: Observation[A],
        remote: Observation[A],
    ) -> None:
        try:
            comparison = compare(operation.layers, legacy, remote)
        except Exception as error:  # noqa: BLE001  a broken comparer is recorded as a mismatch
            _log.exception("comparing %s %s failed", operation.domain, operation.name)
            comparison = Comparison(Outcome.MISMATCH, "comparer", (f"{type(error).__name__}: {error}",))
        self._keep(operation, request, decision, comparison, legacy, remote)

    def _keep(
        self,
        operation: Operation[Q, A],
        request: Q,
        decision: StageDecision,
        comparison: Comparison,
        legacy: Observation[A] | None,
        remote: Observation[A] | None,
    ) -> None:
        record = comparison_record(operation, request, decision.stage, comparison, legacy, remote)
        if remote and (address := self._parts.addresses.get(operation.domain)):
            record = replace(record, versions={**record.versions, ADDRESS: address})
        self._parts.recorder.record(record)


def comparison_record(
    operation: Operation[Q, A],
    request: Q,
    stage: str,
    comparison: Comparison,
    legacy: Observation[A] | None,
    remote: Observation[A] | None,
) -> ComparisonRecord:
    """The record of a comparison; None for a side that was not called."""
    return ComparisonRecord(
        domain=operation.domain,
        operation=operation.name,
        stage=stage,
        outcome=comparison.outcome,
        layer=comparison.layer,
        legacy_ms=legacy.latency_ms if legacy else None,
        lambda_ms=remote.latency_ms if remote else None,
        cold_start=bool(remote and remote.cold_start),
        request=request,
        differences=comparison.differences,
        views=comparison.views,
        versions=versions_of(legacy, remote),
    )

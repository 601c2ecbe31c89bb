"""Stand-ins for what surrounds the router: a domain of one question, its two sides, the flag, the pool, the records."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from backend_clients.errors import Unavailable
from backend_clients.flags.client import StageDecision
from backend_clients.flags.definitions import FlagDefinition
from backend_clients.http.endpoint import Endpoint
from backend_clients.http.session import ApiResponse
from backend_clients.records.rows import CallRecord, ComparisonRecord
from backend_clients.routed import Origin
from backend_clients.routing.breaker import Breaker
from backend_clients.routing.read_router import Operation, Router
from backend_clients.routing.router_parts import RouterParts
from backend_clients.stages import Stage


class Question(BaseModel):
    text: str = "?"


class Answer(BaseModel):
    text: str = "yes"
    corpus_version: str = "v1"


def endpoint(domain: str = "quiz", name: str = "ask") -> Endpoint[Any, Any]:
    """An endpoint of an operation that a test makes up."""
    return Endpoint(domain, name, Question, Answer, "POST", f"/api/{domain}/{name}")


@dataclass
class FakeSide:
    """Answers or fails as configured, and records each call. With a `gate`, waits for it first."""

    outcome: Answer | BaseException = field(default_factory=Answer)
    gate: threading.Event | None = None
    calls: list[Question] = field(default_factory=list)
    entered: threading.Event = field(default_factory=threading.Event)

    def answer(self, request: Question) -> Answer:
        self.calls.append(request)
        self.entered.set()
        if self.gate:
            self.gate.wait(10)
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome

    def __call__(self, request: Question) -> Answer:
        return self.answer(request)


@dataclass
class FakeLambda(FakeSide):
    """The Lambda side: it also learns whether a call is a shadow, and may say that it started cold."""

    shadows: list[bool] = field(default_factory=list)
    cold_start: bool = False

    def __call__(self, request: Question, /, *, shadow: bool = False) -> ApiResponse[Answer]:
        self.shadows.append(shadow)
        return ApiResponse(self.answer(request), cold_start=self.cold_start)


@dataclass
class FakeFlags:
    """Puts every visitor in one stage, and leaves every other flag at its default but for `chosen`."""

    current: Stage
    reason: str = "default"
    generation: int = 0
    chosen: dict[str, Any] = field(default_factory=dict)

    def stage(self, domain: str, visitor: str) -> StageDecision:
        return StageDecision(self.current, self.reason)

    def value(self, definition: FlagDefinition[Any], visitor: str, domain: str = "") -> Any:
        return self.chosen.get(definition.flag, definition.default)


@dataclass
class InlinePool:
    """Runs each task immediately, or drops it if configured so."""

    full: bool = False
    submitted: int = 0

    def submit(self, task: Callable[[], None], on_drop: Callable[[], None]) -> None:
        self.submitted += 1
        (on_drop if self.full else task)()


@dataclass
class MemoryRecords:
    """Keeps records in a list."""

    kept: list[CallRecord | ComparisonRecord] = field(default_factory=list)

    def record(self, record: CallRecord | ComparisonRecord) -> None:
        self.kept.append(record)

    @property
    def calls(self) -> list[CallRecord]:
        return [record for record in self.kept if isinstance(record, CallRecord)]

    @property
    def comparisons(self) -> list[ComparisonRecord]:
        return [record for record in self.kept if isinstance(record, ComparisonRecord)]


@dataclass
class FakeLedger:
    """Names the sides with pending writes, or cannot be read."""

    owed: frozenset[Origin] = frozenset()
    readable: bool = True

    def lagging_sides(self, domain: str, key: str) -> frozenset[Origin]:
        if not self.readable:
            raise Unavailable("the repair ledger cannot be read")
        return self.owed


@dataclass
class RoutedDomain:
    """A router over fakes, every part within reach."""

    stage: Stage
    legacy: FakeSide | None = field(default_factory=FakeSide)
    remote: FakeLambda = field(default_factory=FakeLambda)
    pool: Any = field(default_factory=InlinePool)
    records: MemoryRecords = field(default_factory=MemoryRecords)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    layers: Callable[[Answer], dict[str, Any]] = lambda answer: {"text": answer.text}
    options: dict[str, Any] = field(default_factory=dict)
    failures: int = 5
    reset: float = 30.0

    def __post_init__(self) -> None:
        self.flags = FakeFlags(self.stage)
        self.breaker = Breaker("quiz", self.failures, self.reset)
        parts: Any = RouterParts(self.flags, {"quiz": self.breaker}, self.pool, self.records, self.ledger)
        self.router = Router(parts)
        self.operation = Operation(endpoint(), self.legacy, self.remote, self.layers, **self.options)

    def read(self, text: str = "?") -> Any:
        return self.router.read(self.operation, Question(text=text), "visitor")


def eventually(condition: Callable[[], Any], within: float = 5.0) -> bool:
    """Wait for a condition; False if it did not come true in time."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return bool(condition())

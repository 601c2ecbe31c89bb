"""An invocation of a function, from acceptance to its outcome."""

import asyncio
import json
import os
import time
import uuid
from dataclasses import dataclass, field
from enum import StrEnum


class Failure(StrEnum):
    """Why an invocation has no result; the values are Lambda's own error types."""

    FUNCTION = "Function.Error"
    TIMEOUT = "Sandbox.Timedout"
    CRASH = "Runtime.ExitError"
    INIT = "Runtime.InitError"


class Throttled(Exception):
    """All processes are busy and the queue is full."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of an invocation: the function's JSON, or an error description in Lambda's format."""

    payload: bytes
    failure: Failure | None = None
    cold: bool = False


def failed(failure: Failure, message: str) -> Outcome:
    payload = json.dumps({"errorType": failure.value, "errorMessage": message})
    return Outcome(payload.encode(), failure)


def new_trace_id() -> str:
    return f"Root=1-{int(time.time()):08x}-{os.urandom(12).hex()};Sampled=0"


@dataclass(slots=True, eq=False)
class Invocation:
    """A payload for a function; `cold` if it had to wait for a new process."""

    payload: bytes
    done: asyncio.Future[Outcome]
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    trace_id: str = field(default_factory=new_trace_id)
    cold: bool = False

    def finish(self, outcome: Outcome) -> None:
        if not self.done.done():
            self.done.set_result(Outcome(outcome.payload, outcome.failure, self.cold))

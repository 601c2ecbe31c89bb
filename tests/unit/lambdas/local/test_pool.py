"""A pool of real processes: size, queueing, and recovery from failures."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from lambdas.local.runtime.invocation import Failure, Outcome, Throttled
from lambdas.local.runtime.pool import QUEUE_LIMIT, FunctionPool
from lambdas.local.stack.functions import FunctionSpec

HANDLER = """
import os, time

def handler(event, context):
    if event.get("touch"):
        open(event["touch"], "w").close()
    time.sleep(event.get("sleep", 0))
    if event.get("large"):
        return "x" * event["large"]
    if event.get("exit"):
        os._exit(event["exit"])
    if event.get("raise"):
        raise ValueError(event["raise"])
    return {"pid": os.getpid(), "event": event}
"""


def spec(folder: Path, code: str = HANDLER, timeout: float = 10) -> FunctionSpec:
    (folder / "app.py").write_text(code, encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return FunctionSpec("fn", "Fn", "stack", "arn:fn", "app.handler", folder, timeout, None, environment)


@asynccontextmanager
async def pool_of(function: FunctionSpec, cap: int = 2) -> AsyncIterator[FunctionPool]:
    pool = FunctionPool(function, cap)
    try:
        yield pool
    finally:
        await pool.close()
        assert pool.processes == 0


def event(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


def pid(outcome: Outcome) -> int:
    assert outcome.failure is None, outcome
    return int(json.loads(outcome.payload)["pid"])


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scenario())  # type: ignore[arg-type]


def test_a_warm_process_is_reused(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with pool_of(spec(tmp_path)) as pool:
            outcomes = [await pool.invoke(event(n=n)) for n in range(5)]
            assert [outcome.cold for outcome in outcomes] == [True, False, False, False, False]
            assert len({pid(outcome) for outcome in outcomes}) == 1
            assert pool.processes == 1

    run(scenario)


def test_processes_are_limited_by_the_cap(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with pool_of(spec(tmp_path), cap=2) as pool:
            outcomes = await asyncio.gather(*(pool.invoke(event(sleep=0.3)) for _ in range(5)))
            assert len({pid(outcome) for outcome in outcomes}) == 2
            assert sum(outcome.cold for outcome in outcomes) == 2
            assert pool.processes == 2

    run(scenario)


def test_a_full_queue_throttles(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with pool_of(spec(tmp_path), cap=1) as pool:
            calls = [asyncio.ensure_future(pool.invoke(event())) for _ in range(QUEUE_LIMIT)]
            await asyncio.sleep(0)
            with pytest.raises(Throttled):
                await pool.invoke(event())
            assert all(outcome.failure is None for outcome in await asyncio.gather(*calls))

    run(scenario)


def test_reserved_concurrency_of_zero_throttles(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with pool_of(spec(tmp_path), cap=0) as pool:
            with pytest.raises(Throttled):
                await pool.invoke(event())

    run(scenario)


@pytest.mark.parametrize(
    ("fields", "failure", "message"),
    [
        ({"exit": 3}, Failure.CRASH, "Runtime exited with status 3"),
        ({"sleep": 30}, Failure.TIMEOUT, "Task timed out after 1.00 seconds"),
        ({"raise": "why"}, Failure.FUNCTION, "why"),
        ({"large": 7_000_000}, Failure.CRASH, "Runtime exited with status 1"),
    ],
)
def test_a_failure_ends_only_its_own_call(
    tmp_path: Path, fields: dict[str, Any], failure: Failure, message: str
) -> None:
    async def scenario() -> None:
        async with pool_of(spec(tmp_path, timeout=1)) as pool:
            await pool.invoke(event())
            outcome = await pool.invoke(event(**fields))
            assert (outcome.failure, json.loads(outcome.payload)["errorMessage"]) == (failure, message)
            assert (await pool.invoke(event())).failure is None

    run(scenario)


def test_a_large_response_arrives_whole(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with pool_of(spec(tmp_path)) as pool:
            outcome = await pool.invoke(event(large=5_000_000))
            assert len(json.loads(outcome.payload)) == 5_000_000

    run(scenario)


def test_killed_processes_are_replaced(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with pool_of(spec(tmp_path)) as pool:
            first = pid(await pool.invoke(event()))
            running = tmp_path / "running"
            busy = asyncio.ensure_future(pool.invoke(event(sleep=30, touch=str(running))))
            while not running.exists():
                await asyncio.sleep(0.01)
            assert pool.kill() == 1
            after = await pool.invoke(event())
            assert (pid(after) != first, after.cold) == (True, True)
            assert (await busy).failure is Failure.CRASH

    run(scenario)


def test_a_function_that_cannot_start_is_not_restarted_at_once(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    code = f"open({str(starts)!r}, 'a').write('x')\nraise RuntimeError('broken on purpose')"

    async def scenario() -> None:
        async with pool_of(spec(tmp_path, code), cap=2) as pool:
            outcomes = await asyncio.gather(*(pool.invoke(event()) for _ in range(20)))
            outcomes += [await pool.invoke(event()) for _ in range(20)]
            assert {outcome.failure for outcome in outcomes} == {Failure.INIT}
            assert json.loads(outcomes[0].payload)["errorMessage"] == "broken on purpose"
            assert len(starts.read_text()) == 2

            (tmp_path / "app.py").write_text(HANDLER, encoding="utf-8")
            await asyncio.sleep(1.1)
            assert (await pool.invoke(event())).failure is None

    run(scenario)


def test_edited_code_is_run_by_new_processes_and_a_busy_one_finishes(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with pool_of(spec(tmp_path), cap=2) as pool:
            touched = tmp_path / "running"
            slow = asyncio.create_task(pool.invoke(event(sleep=0.5, touch=str(touched))))
            idle = pid(await pool.invoke(event()))
            while not touched.exists():
                await asyncio.sleep(0.01)
            (tmp_path / "app.py").write_text(HANDLER.replace('"event": event', '"event": "edited"'), encoding="utf-8")
            pool.renew()
            edited = await pool.invoke(event())
            assert json.loads(edited.payload)["event"] == "edited"
            assert pid(edited) != idle
            assert json.loads((await slow).payload)["event"]["sleep"] == 0.5
            later = [await pool.invoke(event()) for _ in range(3)]
            assert {json.loads(outcome.payload)["event"] for outcome in later} == {"edited"}

    run(scenario)

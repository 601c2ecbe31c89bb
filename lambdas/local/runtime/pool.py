"""The processes of one function: started on demand, kept warm, bounded in number."""

import asyncio
import logging
from collections import deque

from lambdas.local.runtime.invocation import Failure, Invocation, Outcome, Throttled, failed
from lambdas.local.runtime.worker import Worker
from lambdas.local.stack.functions import FunctionSpec

QUEUE_LIMIT = 100
INIT_RETRY_SECONDS = 1.0

log = logging.getLogger(__name__)


class FunctionPool:
    """Gives each invocation an idle process, a new one up to the cap, or a place in the queue."""

    def __init__(self, spec: FunctionSpec, cap: int) -> None:
        self.spec = spec
        self._cap = cap
        self._loop = asyncio.get_running_loop()
        self._workers: set[Worker] = set()
        self._idle: list[Worker] = []
        self._outdated: set[Worker] = set()
        self._waiting: deque[Invocation] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._init_failure: Outcome | None = None
        self._retry_at = 0.0

    @property
    def processes(self) -> int:
        return len(self._workers)

    async def invoke(self, payload: bytes) -> Outcome:
        """Run the function once.

        Raises
        ------
        Throttled
            The queue is full, or the function's reserved concurrency is 0.
        """
        invocation = Invocation(payload, self._loop.create_future())
        if self._idle:
            self._idle.pop().take(invocation)
        elif self._init_failure is not None and self._loop.time() < self._retry_at:
            return self._init_failure
        elif len(self._waiting) >= QUEUE_LIMIT or not self._cap:
            raise Throttled
        else:
            self._waiting.append(invocation)
            self._grow()
        return await invocation.done

    def kill(self) -> int:
        """SIGKILL every process of the function; returns how many there were."""
        self._idle.clear()
        for worker in self._workers:
            worker.kill()
        return len(self._workers)

    def renew(self) -> None:
        """Let new processes answer from now on: others end, busy ones after their invocation."""
        self._idle.clear()
        self._init_failure = None
        for worker in self._workers:
            if worker.busy:
                self._outdated.add(worker)
            else:
                worker.kill()

    async def close(self) -> None:
        self._waiting.clear()
        self.kill()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)

    def worker_ready(self, worker: Worker) -> None:
        if worker in self._outdated:
            worker.kill()
        if worker.killed:
            return
        self._init_failure = None
        while self._waiting:
            invocation = self._waiting.popleft()
            if not invocation.done.done():
                invocation.cold = not worker.started
                worker.take(invocation)
                return
        self._idle.append(worker)

    def worker_gone(self, worker: Worker) -> None:
        self._workers.discard(worker)
        self._outdated.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        if not worker.started and not worker.killed:
            self._note_init_failure(worker)
        if worker.started or worker.killed:
            self._grow()
        elif not self._workers:
            self._fail_waiting()

    def _grow(self) -> None:
        # Starting processes, and those about to request their next invocation, take one waiting call each.
        coming = sum(not worker.busy and not worker.killed for worker in self._workers)
        if coming < len(self._waiting) and len(self._workers) < self._cap:
            worker = Worker(self.spec, self)
            self._workers.add(worker)
            task = self._loop.create_task(worker.run())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _note_init_failure(self, worker: Worker) -> None:
        message = f"{self.spec.name} could not start"
        self._init_failure = failed(Failure.INIT, message)
        if worker.init_error is not None:
            self._init_failure = Outcome(worker.init_error, Failure.INIT)
        self._retry_at = self._loop.time() + INIT_RETRY_SECONDS
        log.error("%s; it is tried again on the next call", message)

    def _fail_waiting(self) -> None:
        assert self._init_failure is not None
        while self._waiting:
            invocation = self._waiting.popleft()
            invocation.cold = True
            invocation.finish(self._init_failure)

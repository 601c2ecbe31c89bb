"""A worker: one process of a function under awslambdaric, with its runtime API."""

import asyncio
import logging
import sys
import time
from typing import Protocol

from contracts.rules.secrets import without_secrets
from lambdas.local.child_processes import die_with_parent, kill_group
from lambdas.local.runtime.api import RuntimeConnection
from lambdas.local.runtime.invocation import Failure, Invocation, Outcome, failed
from lambdas.local.stack.functions import FunctionSpec

INIT_SECONDS = 30
METRICS_MARK = '{"_aws":'  # CloudWatch's embedded metric format: an account makes metrics of these lines

_function_log = logging.getLogger("function")


class Owner(Protocol):
    """Receives a worker's events and gives it its next invocation."""

    def worker_ready(self, worker: "Worker") -> None: ...

    def worker_gone(self, worker: "Worker") -> None: ...


class Worker:
    """Runs one invocation at a time; an expired deadline kills the process."""

    def __init__(self, spec: FunctionSpec, owner: Owner) -> None:
        self.started = False
        self.killed = False
        self.init_error: bytes | None = None
        self._spec = spec
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._pid: int | None = None
        self._current: Invocation | None = None
        self._poll: RuntimeConnection | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        return self._current is not None

    async def run(self) -> None:
        """Start the process, serve its runtime API and return once it has ended."""
        server = await self._loop.create_server(lambda: RuntimeConnection(self), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            await self._run_process({**self._spec.environment, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}"})
        finally:
            self._stop_timer()
            server.close()
            self._owner.worker_gone(self)

    def take(self, invocation: Invocation) -> None:
        """Pass an invocation to the waiting process; allowed only after `worker_ready`."""
        assert self._poll is not None
        self._current = invocation
        self._timer = self._loop.call_later(self._spec.timeout, self._expire)
        deadline = time.time() + self._spec.timeout
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": self._spec.arn,
            "Lambda-Runtime-Trace-Id": invocation.trace_id,
        }
        self._poll.send_next(headers, invocation.payload)

    def asks_next(self, connection: RuntimeConnection) -> None:
        self._stop_timer()
        self._poll = connection
        self._owner.worker_ready(self)
        self.started = True

    def sends_response(self, body: bytes) -> None:
        self._finish(Outcome(body))

    def sends_error(self, body: bytes) -> None:
        self._finish(Outcome(body, Failure.FUNCTION))

    def sends_init_error(self, body: bytes) -> None:
        self.init_error = body

    def kill(self) -> None:
        self.killed = True
        self._end_process()

    async def _run_process(self, environment: dict[str, str]) -> None:
        self._timer = self._loop.call_later(INIT_SECONDS, self._end_process)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "awslambdaric", self._spec.handler),
            cwd=self._spec.task_root,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        self._pid = process.pid
        if self.killed:
            self._end_process()
        assert process.stdout is not None
        relay = asyncio.create_task(self._relay(process.stdout))
        try:
            code = await process.wait()
            self._fail(Failure.CRASH, f"Runtime exited with status {code}")
        finally:
            self._end_process()
            self._pid = None
            await asyncio.wait({relay}, timeout=1)

    async def _relay(self, output: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await output.read(65536):
            # awslambdaric keeps a traceback on one line by separating its rows with carriage returns.
            *lines, rest = (rest + chunk).replace(b"\r", b"\n").split(b"\n")
            for line in filter(None, lines):
                self._log(line.decode(errors="replace"))
        if rest:
            self._log(rest.decode(errors="replace"))

    def _log(self, line: str) -> None:
        level = logging.DEBUG if line.startswith(METRICS_MARK) else logging.INFO
        if _function_log.isEnabledFor(level):
            shown = without_secrets(line, self._spec.environment)  # the runtime itself prints what a handler raises
            _function_log.log(level, "[%s] %s", self._spec.name, shown)

    def _fail(self, failure: Failure, message: str) -> None:
        if self._current is not None:
            self._log(message)
            self._finish(failed(failure, message))

    def _finish(self, outcome: Outcome) -> None:
        self._stop_timer()
        if self._current is not None:
            self._current.finish(outcome)
            self._current = None

    def _expire(self) -> None:
        self._fail(Failure.TIMEOUT, f"Task timed out after {self._spec.timeout:.2f} seconds")
        self.kill()

    def _end_process(self) -> None:
        if self._pid is not None:
            kill_group(self._pid)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

"""The `/-/` endpoints: health, stacks and direct invocation of functions."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from lambdas.local.gateway.documents import document
from lambdas.local.runtime.invocation import Throttled
from lambdas.local.runtime.pool import FunctionPool
from lambdas.local.sources import Sources

log = logging.getLogger(__name__)


class Admin:
    """Health, stacks, the OpenAPI document and a page to try it, and per function `kill` and `invocations`."""

    def __init__(
        self,
        summary: Mapping[str, Any],
        stacks: Mapping[str, Any],
        pools: Mapping[str, FunctionPool],
        sources: Sources | None = None,
    ) -> None:
        self._sources = sources
        self._summary = summary
        self._stacks = stacks
        self._pools = pools
        self._names = _short_names(pools)
        self._background: set[asyncio.Task[Any]] = set()

    async def handle(self, request: web.BaseRequest, path: str) -> web.Response:
        match request.method, path.split("/")[2:]:
            case "GET", ["health"]:
                return web.json_response(self._health())
            case "GET", ["stacks"]:
                sources = await asyncio.to_thread(self._sources.current) if self._sources else ""
                return web.json_response({**self._stacks, "sources": sources})
            case "GET", [name] if (found := document(name)) is not None:
                return found
            case "POST", ["functions", name, action] if pool := self._pools.get(self._full(name)):
                if action == "kill":
                    return web.json_response({"killed": pool.kill()})
                if action == "invocations":
                    return await self._invoke(pool, request)
        return web.json_response({"message": "Not Found"}, status=404)

    def _full(self, name: str) -> str:
        return self._names.get(unquote(name), "")

    def _health(self) -> dict[str, Any]:
        functions = [
            {"name": name, "stack": pool.spec.stack, "handler": pool.spec.handler, "processes": pool.processes}
            for name, pool in self._pools.items()
        ]
        return {"status": "ready", "functions": functions, **self._summary}

    async def _invoke(self, pool: FunctionPool, request: web.BaseRequest) -> web.Response:
        """Like Lambda's Invoke: 200 with the result, or with the error and a header that marks it."""
        payload = await request.read() or b"{}"
        if request.query.get("type") == "Event":
            task = asyncio.create_task(_invoke_later(pool, payload))
            self._background.add(task)
            task.add_done_callback(self._background.discard)
            return web.Response(status=202)
        try:
            outcome = await pool.invoke(payload)
        except Throttled:
            return web.json_response({"message": "Rate Exceeded."}, status=429)
        headers = {"X-Cold-Start": "1"} if outcome.cold else {}
        if outcome.failure:
            headers["X-Amz-Function-Error"] = "Unhandled"
        return web.Response(body=outcome.payload, headers=headers, content_type="application/json")


async def _invoke_later(pool: FunctionPool, payload: bytes) -> None:
    try:
        await pool.invoke(payload)
    except Throttled:  # Lambda would retry for hours; a developer wants the error now
        log.warning("%s: an event was dropped: every process is busy and the queue is full", pool.spec.name)


def _short_names(pools: Mapping[str, FunctionPool]) -> dict[str, str]:
    """Full names, and logical ids that are unique across stacks."""
    logical_ids = [pool.spec.logical_id for pool in pools.values()]
    short = {p.spec.logical_id: name for name, p in pools.items() if logical_ids.count(p.spec.logical_id) == 1}
    return {**short, **{name: name for name in pools}}

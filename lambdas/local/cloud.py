"""Deploys the stacks and serves them until a signal stops it."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Iterable
from contextlib import suppress

from lambdas.local.gateway.admin import Admin
from lambdas.local.gateway.routes import RouteConflict, RouteTable
from lambdas.local.gateway.server import Gateway
from lambdas.local.moto import MotoError, MotoProcess
from lambdas.local.options import Options
from lambdas.local.runtime.pool import FunctionPool
from lambdas.local.runtime.queues import QueuePoller
from lambdas.local.sources import POLL_SECONDS, Sources
from lambdas.local.stack.deployment import Deployment, deploy
from lambdas.local.stack.functions import FunctionSpec
from lambdas.local.stack.resources import Aws
from lambdas.local.stack.template import TemplateError

NOT_SERVABLE = (MotoError, RouteConflict, TemplateError)


def run(options: Options, listener: socket.socket, moto: MotoProcess, started: float) -> None:
    """Serve on a listening socket until SIGINT or SIGTERM.

    Raises
    ------
    MotoError, RouteConflict, TemplateError
        Nothing can be served.
    """
    host, port = listener.getsockname()[:2]
    gateway_url = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
    aws = Aws(moto.url(), os.environ.get("AWS_REGION", "us-east-1"))
    deployment = deploy(options, aws, gateway_url)
    routes = RouteTable(deployment.triggers.routes)
    asyncio.run(_serve(options, listener, deployment, routes, started))


async def _serve(
    options: Options, listener: socket.socket, deployment: Deployment, routes: RouteTable, started: float
) -> None:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    pools = {spec.name: _pool(spec, options.concurrency) for spec in deployment.functions}
    pollers = [QueuePoller(source, pools[source.function], deployment.aws) for source in deployment.triggers.queues]

    def renew() -> None:
        loop.call_soon_threadsafe(_renew, pools.values())

    sources = Sources(options.source_root, renew)
    admin = Admin(deployment.summary(), deployment.describe_stacks(), pools, sources)
    gateway = Gateway(routes, pools, admin, options.host)
    manager = gateway.server()
    server = await loop.create_server(manager, sock=listener, backlog=1024)
    for poller in pollers:
        poller.start()
    _announce(deployment, time.monotonic() - started)
    following = loop.create_task(_follow(sources))
    await stopping.wait()
    following.cancel()
    for poller in pollers:
        poller.stop()
    server.close()
    await asyncio.gather(*(pool.close() for pool in pools.values()))
    await manager.shutdown(timeout=1)


def _renew(pools: Iterable[FunctionPool]) -> None:
    for pool in pools:
        pool.renew()


async def _follow(sources: Sources) -> None:
    while True:
        await asyncio.sleep(POLL_SECONDS)
        with suppress(OSError):  # a file was removed while it was read
            await asyncio.to_thread(sources.current)


def _pool(spec: FunctionSpec, cap: int) -> FunctionPool:
    return FunctionPool(spec, cap if spec.reserved is None else min(cap, spec.reserved))


def _announce(deployment: Deployment, seconds: float) -> None:
    lines = [f"gateway {deployment.gateway_url}", f"aws     {deployment.aws.endpoint}"]
    for stack in deployment.stacks:
        functions = sum(function.stack == stack.name for function in deployment.functions)
        lines.append(f"stack   {stack.name}: {functions} functions, {len(stack.resources)} resources")
    print(*lines, f"ready   in {seconds:.1f} s", sep="\n", flush=True)

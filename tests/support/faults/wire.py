"""Faults of the wire between the site and the gateway, as a proxy plays them on each request."""

import itertools
import json
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from typing import Any

from tests.support.faults.proxy import Answer, Exchange, Fault, passing

_LONGEST_WAIT = 10.0  # seconds; every client here gives up sooner
_TRICKLE_PAUSE = 0.05


async def reset_mid_body(exchange: Exchange) -> None:
    """The server has done what was asked; its answer breaks off with a reset."""
    answer = await exchange.forward()
    exchange.writer.write(answer.head() + answer.body[: len(answer.body) // 2])
    await exchange.writer.drain()
    raw = exchange.writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.writer.transport.abort()


async def slow_first_byte(exchange: Exchange) -> None:
    """The server has done what was asked, and says nothing for as long as the client waits."""
    await exchange.forward()
    await exchange.client_gone(_LONGEST_WAIT)
    exchange.writer.close()


async def trickle(exchange: Exchange) -> None:
    """The head comes at once, then a byte now and then."""
    answer = await exchange.forward()
    exchange.writer.write(answer.head(length=10_000))
    for _ in range(int(_LONGEST_WAIT / _TRICKLE_PAUSE)):
        exchange.writer.write(b" ")
        await exchange.writer.drain()
        if await exchange.client_gone(_TRICKLE_PAUSE):
            break
    exchange.writer.close()


def failing(*statuses: int) -> Fault:
    """Nothing is done, and every request fails: with these statuses in turn."""
    turn = itertools.cycle(statuses)

    async def fault(exchange: Exchange) -> None:
        await exchange.answer(_failure(next(turn)))

    return fault


async def gateway_timeout(exchange: Exchange) -> None:
    """The gateway gives up on a function that does what was asked all the same."""
    await exchange.forward()
    await exchange.answer(_failure(504))


def failing_twice(status: int) -> Fault:
    """Each request's first two tries fail with this status; tries of one request share its id."""
    tries: Counter[str] = Counter()

    async def fault(exchange: Exchange) -> None:
        request_id = exchange.headers.get("x-request-id", "")
        tries[request_id] += 1
        await (exchange.answer(_failure(status)) if tries[request_id] <= 2 else passing(exchange))

    return fault


async def too_many_requests(exchange: Exchange) -> None:
    await exchange.answer(replace(_failure(429), headers={"Content-Type": "application/json", "Retry-After": "2"}))


def _failure(status: int) -> Answer:
    return Answer(status, b'{"message": "as a gateway says it"}')


async def html(exchange: Exchange) -> None:
    await exchange.answer(Answer(200, b"<html><body>Back soon</body></html>", {"Content-Type": "text/html"}))


async def truncated_json(exchange: Exchange) -> None:
    """Whole to HTTP, half to JSON; what was asked is done."""
    answer = await exchange.forward()
    await exchange.answer(replace(answer, body=answer.body[: len(answer.body) // 2]))


async def delivered_twice(exchange: Exchange) -> None:
    """The server gets the request twice; the client sees what it says to the second."""
    await exchange.forward()
    await passing(exchange)


def altered(alter: Callable[[Any], Any]) -> Fault:
    """The JSON of answers that succeeded is altered."""

    async def fault(exchange: Exchange) -> None:
        answer = await exchange.forward()
        if answer.status == 200:
            answer = replace(answer, body=json.dumps(alter(json.loads(answer.body))).encode())
        await exchange.answer(answer)

    return fault


def wrong_types(answer: Any) -> Any:
    """Every field of an answer is of another type."""
    return {name: {"value": value} if isinstance(value, list | str) else str(value) for name, value in answer.items()}


def doubled_turns(answer: Any) -> Any:
    turns = answer.get("turns")
    return {**answer, "turns": [turn for turn in turns for _ in range(2)]} if isinstance(turns, list) else answer


def reversed_turns(answer: Any) -> Any:
    turns = answer.get("turns")
    return {**answer, "turns": turns[::-1]} if isinstance(turns, list) else answer


def dated(skew: float) -> Fault:
    """Answers are dated so many seconds off."""

    async def fault(exchange: Exchange) -> None:
        answer = await exchange.forward()
        date = formatdate(time.time() + skew, usegmt=True)
        await exchange.answer(replace(answer, headers={**answer.headers, "Date": date}))

    return fault

"""Measures answers on both sides relative to one search, and conversations of several lengths."""

import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from backend_clients.bootstrap import Clients, build_clients
from backend_clients.settings import Settings
from bench.timing import MILLISECOND, Finding, median_seconds, paired_medians, shown
from contracts.ask import AnswerMode, AskRequest, Modes
from contracts.conversations import HistoryRequest, Turn
from contracts.search import SearchRequest
from lambdas.ask.conversations.items import BY_PLACE, KEY, session_key, turn_item
from lambdas.local.launcher import running_cloud
from operations.stack.loaders import load_into
from operations.stack.local_stack import Stacks, aws_client, site_settings, stacks_of

LENGTHS: Final = (10, 10_000)
SEARCHES: Final = 3  # a generate may cost so many searches, and:
ALLOWANCE: Final = 5 * MILLISECOND
_QUESTION: Final = "How did you modernise payments at a bank?"
_ROUNDS: Final = 60
_FILLED_AT_ONCE: Final = 25


@dataclass(frozen=True, slots=True)
class Bench:
    """Clients of both sides, and the resources of the Lambda side."""

    clients: Clients
    dynamodb: Any
    table: str


def measure() -> list[Finding]:
    with _both() as bench:
        findings = [*_answers(bench.clients)]
        for length in LENGTHS:
            findings += _conversation(bench, length)
        return findings


@contextmanager
def _both() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as folder, running_cloud() as cloud:
        stack = stacks_of(cloud)
        settings = site_settings(Settings(data_dir=Path(folder)), stack)
        load_into(stack, settings)
        clients = build_clients(settings)
        try:
            yield _bench(clients, stack)
        finally:
            clients.close()


def _bench(clients: Clients, stack: Stacks) -> Bench:
    return Bench(clients, aws_client(stack, "dynamodb"), stack.output("ask", "TableName"))


def _answers(clients: Clients) -> Iterator[Finding]:
    """Measure an extractive answer and its search, alternating."""
    generate = _operation(clients, "ask", "generate")
    hybrid = _operation(clients, "search", "hybrid")
    search = SearchRequest(query=_QUESTION, limit=10)
    asked = AskRequest(question=_QUESTION, session_id=f"bench-{uuid.uuid4().hex}", turn_id="bench-turn-0000")
    sides: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "legacy": (lambda: generate.legacy(asked), lambda: hybrid.legacy(search)),
        "lambda, through the local cloud": (lambda: generate.remote(asked), lambda: hybrid.remote(search)),
    }
    for side, (answer, find) in sides.items():
        whole, one = paired_medians(answer, find, _ROUNDS)
        budget = SEARCHES * one + ALLOWANCE
        figure = f"{shown(whole)}, {whole / one:.1f}x one search ({shown(one)})"
        yield Finding(f"extractive answer, {side}", figure, f"≤ {shown(budget)}", whole <= budget)


def _conversation(bench: Bench, length: int) -> Iterator[Finding]:
    """Measure appending to and reading a conversation of this many turns, and the bare table calls."""
    session = f"bench-{uuid.uuid4().hex}"
    turns = [_turn(session, number) for number in range(length)]
    for turn in turns:
        bench.clients.conversations.append(turn)
    _fill(bench, turns)
    append, read = bench.clients.ask.writes[0], _operation(bench.clients, "ask", "history")
    numbers = iter(range(length, length + 10_000))
    page = HistoryRequest(session_id=session)
    calls: dict[str, dict[str, Callable[[], object]]] = {
        "append": {
            "legacy": lambda: append.legacy and append.legacy(_turn(session, next(numbers))),
            "lambda": lambda: append.remote(_turn(session, next(numbers))),
            "of which its table": lambda: _put(bench, _turn(session, next(numbers))),
        },
        "read of 20": {
            "legacy": lambda: read.legacy(page),
            "lambda": lambda: read.remote(page),
            "of which its table": lambda: _query(bench, session, page.limit + 1),
        },
    }
    rounds = 20 if length > 1000 else _ROUNDS
    for name, sides in calls.items():
        medians = ", ".join(f"{side} {shown(median_seconds(call, rounds))}" for side, call in sides.items())
        yield Finding(f"history {name} at {length:,} turns", medians)


def _operation(clients: Clients, domain: str, name: str) -> Any:
    return next(operation for operation in clients.operations(domain) if operation.name == name)


def _fill(bench: Bench, turns: list[Turn]) -> None:
    for start in range(0, len(turns), _FILLED_AT_ONCE):
        puts = [{"PutRequest": {"Item": turn_item(turn)}} for turn in turns[start : start + _FILLED_AT_ONCE]]
        bench.dynamodb.batch_write_item(RequestItems={bench.table: puts})


def _put(bench: Bench, turn: Turn) -> None:
    bench.dynamodb.put_item(
        TableName=bench.table, Item=turn_item(turn), ConditionExpression=f"attribute_not_exists({KEY})"
    )


def _query(bench: Bench, session: str, limit: int) -> None:
    bench.dynamodb.query(
        TableName=bench.table,
        IndexName=BY_PLACE,
        KeyConditionExpression=f"{KEY} = :session",
        ExpressionAttributeValues={":session": session_key(session)},
        ScanIndexForward=False,
        ConsistentRead=True,
        Limit=limit,
    )


def _turn(session: str, number: int) -> Turn:
    text = f"An answer of ordinary length, number {number}. [1] " * 8
    return Turn(
        session_id=session,
        turn_id=f"bench-turn-{number:06d}",
        asked_at=1_750_000_000_000 + number,
        question=_QUESTION,
        answer=text,
        mode=AnswerMode.NARRATIVE,
        modes=Modes(narrative=text, key_points=text, deep_dive=text),
    )

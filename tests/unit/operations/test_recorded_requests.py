"""Kept requests as they are asked again: what a stack started for it must hold, and what cannot be asked."""

from types import SimpleNamespace
from typing import Any

import pytest

from backend_clients.bootstrap import endpoint_of
from backend_clients.routed import Origin
from backend_clients.routing.read_router import Operation
from contracts.ask import AnswerMode, AskRequest, Modes
from contracts.conversations import Turn
from contracts.stories import StoryRequest
from operations.commands.recorded_requests import KeptRequest, copy_conversations, replayable
from operations.parity.runner import GeneratedRequest
from tests.support.sides.conversations import FakeConversations
from tests.support.sides.routed import FakeLambda, FakeSide

GET: Operation[Any, Any] = Operation(endpoint_of("stories", "get"), FakeSide(), FakeLambda(), lambda _: {})
GENERATE: Operation[Any, Any] = Operation(endpoint_of("ask", "generate"), FakeSide(), FakeLambda(), lambda _: {})


def turn(session: str, number: int) -> Turn:
    return Turn(
        session_id=session,
        turn_id=f"turn-{number:04d}",
        asked_at=number,
        question="why?",
        answer=f"answer {number}",
        mode=AnswerMode.NARRATIVE,
        modes=Modes(),
    )


def asks(session: str) -> GeneratedRequest:
    return GeneratedRequest(GENERATE, AskRequest(question="and why?", session_id=session, turn_id="turn-9999"))


def test_a_stack_of_ones_own_is_given_the_conversations_that_are_asked_about_and_no_other() -> None:
    first, second = "first-session-00", "second-session-0"
    legacy, remote = FakeConversations(), FakeConversations()
    for session in (first, second):
        for number in range(3):
            legacy.append(turn(session, number))
    items = [asks(first), asks(first), asks("unknown-session-0"), GeneratedRequest(GET, StoryRequest(id="a"))]
    copy_conversations({Origin.LEGACY: legacy, Origin.LAMBDA: remote}, items)
    assert remote.turns(first) == legacy.turns(first) != []
    assert remote.turns(second) == []
    assert len(legacy.turns(second)) == 3


def test_requests_of_another_domain_are_skipped_and_removed_operations_reported(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clients: Any = SimpleNamespace(operations=lambda _: (GET,))
    kept = [
        KeptRequest(domain="stories", operation="get", request={"id": "[number]"}),
        KeptRequest(domain="stories", operation="get", request={"name": "x"}),
        KeptRequest(domain="stories", operation="rename", request={}),
        KeptRequest(domain="search", operation="get", request={"id": "b"}),
    ]
    assert replayable(clients, "stories", kept) == [GeneratedRequest(GET, StoryRequest(id="[number]"))]
    told = " ".join(capsys.readouterr().err.split())
    assert told.count("left out: ") == 2
    assert "stories/get: recorded by another version of the code; the request has no field name now" in told
    assert "stories has no operation 'rename'" in told
    assert "stories: 1 of 3 requests are redacted" in told

"""Conversations written to both sides for the duration of a comparison."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

from backend_clients.bootstrap import Clients
from backend_clients.domains import Domain
from backend_clients.errors import BackendError
from contracts.ask import MAX_QUESTION, AskRequest
from contracts.conversations import FeedbackRequest, Turn
from contracts.rules.questions.interview_questions import interview_questions
from operations.parity.question_requests import SEED, SEEDED_SESSIONS
from operations.shared.console import err


@contextmanager
def seeded_conversations(clients: Clients) -> Iterator[None]:
    """Write the same turns to both sides, with feedback on each last one, and delete them at the end."""
    _forget(clients)
    try:
        for number, session in enumerate(SEEDED_SESSIONS):
            turns = list(_turns(clients, number, session))
            for side in clients.conversation_sides.values():
                for turn in turns:
                    side.append(turn)
                side.rate(_verdict(turns[-1]))
        yield
    finally:
        _forget(clients)


def _turns(clients: Clients, number: int, session: str) -> Iterator[Turn]:
    """One to eight answered questions, so that some sessions exceed the history that an answer uses."""
    rng = random.Random(f"{SEED}-{session}")
    generate = next(item for item in clients.operations(Domain.ASK) if item.name == "generate")
    if generate.legacy is None:
        raise ValueError("ask has no legacy side to compare with")
    for turn_number in range(1 + number % 8):
        story = rng.choice(clients.corpus.stories)
        question = rng.choice([*interview_questions(story), "tell me a joke", story.title or "more"])[:MAX_QUESTION]
        turn_id = f"{session}-{turn_number:03d}"
        answer = generate.legacy(AskRequest(question=question, session_id=session, turn_id=turn_id))
        yield Turn(
            session_id=session,
            turn_id=turn_id,
            asked_at=1_700_000_000_000 + turn_number,
            question=question,
            answer=answer.answer,
            mode=answer.mode,
            modes=answer.modes,
            sources=answer.sources,
            refused=answer.gate.reason,
        )


def _verdict(turn: Turn) -> FeedbackRequest:
    return FeedbackRequest(
        session_id=turn.session_id, turn_id=turn.turn_id, helpful=turn.asked_at % 2 == 0, rated_at=turn.asked_at + 1
    )


def _forget(clients: Clients) -> None:
    for side in clients.conversation_sides.values():
        for session in SEEDED_SESSIONS:
            try:
                side.forget(session)
            except BackendError as error:
                err.print(f"a seeded conversation could not be forgotten: {error}", markup=False)
                break

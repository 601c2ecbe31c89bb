"""Bringing a conversation to agreement: a merge loses nothing, a replacement takes one side for right."""

import logging
from collections.abc import Iterable, Mapping

from backend_clients.ask.conversations import Conversation, Conversations
from backend_clients.errors import Conflict, NotFound
from backend_clients.routed import Origin
from contracts.conversations import FeedbackRequest, Rating, Turn

_log = logging.getLogger(__name__)
_NAMED = 3

Sides = Mapping[Origin, Conversations]


def overwrite(session_id: str, source: Conversations, target: Conversations) -> int:
    """Make a session on `target` what it is on `source`, where something was forgotten; returns the turns written."""
    there = target.read(session_id)  # first, so that a turn written meanwhile is not taken for a forgotten one
    wanted = source.read(session_id)
    rated = {verdict.turn_id for verdict in wanted.verdicts}
    if any(turn not in wanted.turns for turn in there.turns) or any(it.turn_id not in rated for it in there.verdicts):
        target.forget(session_id)
        there = Conversation()
    return _copy_missing(session_id, there, wanted, target)


def merge(session_id: str, sides: Sides, keep: Origin | None = None) -> int:
    """Give each side what the other has, and the latest verdicts; returns how many turns were written.

    Parameters
    ----------
    keep
        The side whose turn stays where both have one of the same id with other content.

    Raises
    ------
    Conflict
        There are such turns, and nobody said whose are to stay; all else is merged.
    """
    order = sorted(sides, key=lambda origin: origin is not keep)  # what is to stay is whole before the other forgets
    found = {origin: sides[origin].read(session_id) for origin in order}
    clash = conflicts(*found.values())
    wanted = _union(found.values())
    written = 0
    for origin in order:
        there = found[origin]
        if clash and keep not in (None, origin):
            sides[origin].forget(session_id)
            there = Conversation()
        written += _copy_missing(session_id, there, wanted, sides[origin])
    if written:
        _follow_forgetting(session_id, found, sides)
    if clash and keep is None:
        named = ", ".join(clash[:_NAMED])
        raise Conflict(f"the sides have different turns of the same id ({named}); say with --keep whose are to stay")
    return written


def conflicts(one: Conversation, other: Conversation) -> tuple[str, ...]:
    """Ids of the turns that both have, with different content."""
    turns = {turn.turn_id: turn for turn in one.turns}
    return tuple(turn.turn_id for turn in other.turns if turns.get(turn.turn_id, turn) != turn)


def _union(found: Iterable[Conversation]) -> Conversation:
    """All turns and the latest verdicts; of two with the same id, or of the same moment, the first one's."""
    turns: dict[str, Turn] = {}
    verdicts: dict[str, Rating] = {}
    for conversation in found:
        turns = {turn.turn_id: turn for turn in conversation.turns} | turns
        for verdict in conversation.verdicts:
            known = verdicts.get(verdict.turn_id)
            if known is None or known.rated_at < verdict.rated_at:
                verdicts[verdict.turn_id] = verdict
    ordered = sorted(turns.values(), key=lambda turn: turn.place)
    return Conversation(tuple(ordered), tuple(verdicts.values()))


def _copy_missing(session_id: str, there: Conversation, wanted: Conversation, side: Conversations) -> int:
    """Write what is missing; returns the turns written."""
    known = {turn.turn_id for turn in there.turns}
    missing = [turn for turn in wanted.turns if turn.turn_id not in known]
    for turn in missing:
        side.append(turn)
    for verdict in wanted.verdicts:
        if verdict not in there.verdicts:
            _rate(session_id, verdict, side)
    return len(missing)


def _rate(session_id: str, verdict: Rating, side: Conversations) -> None:
    try:
        side.rate(FeedbackRequest(session_id=session_id, **verdict.model_dump()))
    except NotFound:
        _log.info("a rated turn was forgotten meanwhile")


def _follow_forgetting(session_id: str, found: Mapping[Origin, Conversation], sides: Sides) -> None:
    """Take back what was copied from a side that the visitor had forget it meanwhile."""
    for origin, other in ((Origin.LEGACY, Origin.LAMBDA), (Origin.LAMBDA, Origin.LEGACY)):
        there = {turn.turn_id for turn in found[other].turns}
        copied = {turn.turn_id for turn in found[origin].turns} - there
        if copied and not copied <= {turn.turn_id for turn in sides[origin].read(session_id).turns}:
            overwrite(session_id, sides[origin], sides[other])

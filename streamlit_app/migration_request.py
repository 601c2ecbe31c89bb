"""What of a stored comparison is shown to whom: a conversation's id opens it, so only who is signed in sees one."""

from dataclasses import replace
from typing import Any, Final

from backend_clients.migration.evidence import StoredComparison

HIDDEN: Final = "(hidden)"
_OPENS_A_CONVERSATION: Final = "session_id"
_CONVERSATIONS: Final = ("ask", "history")


def for_everyone(comparison: StoredComparison) -> StoredComparison:
    """The comparison without ids of conversations and, where it is one, without the conversation."""
    secret = comparison.request.get(_OPENS_A_CONVERSATION)
    if not isinstance(secret, str) or not secret:
        return comparison
    is_conversation = (comparison.domain, comparison.operation) == _CONVERSATIONS
    return replace(
        comparison,
        request=_without(secret, comparison.request),
        differences=() if is_conversation else tuple(_without(secret, list(comparison.differences))),
        legacy=None if is_conversation else _without(secret, comparison.legacy),
        remote=None if is_conversation else _without(secret, comparison.remote),
    )


def _without(secret: str, value: Any) -> Any:
    """A JSON value with every occurrence of `secret` hidden."""
    if isinstance(value, str):
        return value.replace(secret, HIDDEN)
    if isinstance(value, list):
        return [_without(secret, item) for item in value]
    if isinstance(value, dict):
        return {_without(secret, key): _without(secret, item) for key, item in value.items()}
    return value

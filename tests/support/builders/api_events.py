"""REST-proxy events: recorded ones from tests/events, and small ones made on the spot."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

_FOLDER = Path(__file__).resolve().parents[2] / "events"


def recorded(name: str, **changes: Any) -> dict[str, Any]:
    """A recorded event with some members changed."""
    return {**json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8")), **changes}


def get_event(story_id: str | None = None, headers: dict[str, str] | None = None, **query: Any) -> dict[str, Any]:
    """A GET with an id in its path, if given, and query parameters of one value or a list of them.

    The id is percent-encoded, as a REST API leaves it.
    """
    values = {key: value if isinstance(value, list) else [str(value)] for key, value in query.items()}
    return recorded(
        "stories_list",
        multiValueHeaders={name: [value] for name, value in (headers or {}).items()},
        headers=headers or None,
        queryStringParameters=None,
        multiValueQueryStringParameters=values or None,
        pathParameters=None if story_id is None else {"id": quote(story_id, safe="")},
    )

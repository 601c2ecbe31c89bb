"""What records say, without records."""

from typing import Any

from backend_clients.records.reader import Latency, Window

NOTHING = Latency(None, None, 0)


def window(stage: str | None = "shadow", **found: Any) -> Window:
    """A window in which nothing was seen but what is given; `matched` and `mismatched` are comparisons."""
    outcomes = {"match": found.pop("matched", 0), "mismatch": found.pop("mismatched", 0), **found.pop("others", {})}
    empty: dict[str, Any] = {
        "domain": "stories",
        "stage": stage,
        "since": 1_000_000_000.0,
        "outcomes": {name: count for name, count in outcomes.items() if count},
        "accepted": 0,
        "calls": 0,
        "lambda_calls": 0,
        "lambda_errors": 0,
        "fallbacks": 0,
        "hand_offs": 0,
        "cold_starts": 0,
        "legacy": NOTHING,
        "remote": NOTHING,
        "first_at": None,
        "last_at": None,
    }
    return Window(**(empty | found))


def healthy(stage: str | None = "shadow", count: int = 300, **found: Any) -> Window:
    """A window that every condition of a gate would pass, but for what is given."""
    fine = {"matched": count, "calls": count, "lambda_calls": count, "remote": Latency(20.0, 80.0, count)}
    return window(stage, **(fine | found))

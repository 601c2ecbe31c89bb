"""Some of many generated requests, the same ones each time, and all of them where the run has the time."""

import os
import random
from collections.abc import Callable, Sequence
from typing import Final

from operations.parity.runner import GeneratedRequest

FULL: Final = os.environ.get("FULL", "") not in ("", "0")  # `make faults` sets it
ONE_IN: Final = 3
_SEED: Final = 7


def sampled(
    requests: Sequence[GeneratedRequest], is_edge: Callable[[GeneratedRequest], bool], full: bool = FULL
) -> list[GeneratedRequest]:
    """Every edge case, and of each operation's other requests one in three; all of them in a full run."""
    if full:
        return list(requests)
    others: dict[str, list[int]] = {}
    for number, item in enumerate(requests):
        if not is_edge(item):
            others.setdefault(item.operation.name, []).append(number)
    rng = random.Random(_SEED)
    left_out: set[int] = set()
    for numbers in others.values():
        left_out.update(rng.sample(numbers, len(numbers) * (ONE_IN - 1) // ONE_IN))
    return [item for number, item in enumerate(requests) if number not in left_out]

"""Shadow workers compare at the same time; what they use to find differences is not made for that."""

import threading
from typing import Any

import deepdiff
import pytest

from backend_clients.routing import comparison


def test_differences_are_sought_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = threading.Semaphore(1)
    overlaps: list[str] = []

    class Diff:
        def __init__(self, *_: Any, **__: Any) -> None:
            self.alone = inside.acquire(blocking=False)
            if not self.alone:
                overlaps.append(threading.current_thread().name)
            threading.Event().wait(0.02)

        def to_json(self) -> str:
            if self.alone:
                inside.release()
            return "{}"

    monkeypatch.setattr(deepdiff, "DeepDiff", Diff)
    workers = [threading.Thread(target=comparison.differences, args=([1], [2])) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert overlaps == []

"""Live version: polling, switching, and keeping the last good version on errors."""

import pytest

from lambdas.common.http.problems import DependencyDown
from lambdas.common.live_version import MAX_REFRESH_SECONDS, REFRESH_SECONDS, LiveVersion


class FakeSource:
    """A pointer and versions by name; either can be down."""

    def __init__(self) -> None:
        self.now = 100.0
        self.pointer = "one"
        self.pointer_down = self.version_down = False
        self.pointer_reads = 0
        self.loads: list[str] = []
        self.current = LiveVersion[str, str](self._read, self._load, clock=lambda: self.now)

    def _read(self) -> str:
        self.pointer_reads += 1
        if self.pointer_down:
            raise ConnectionError
        return self.pointer

    def _load(self, pointer: str) -> str:
        if self.version_down:
            raise ConnectionError
        self.loads.append(pointer)
        return f"version {pointer}"


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


def test_a_version_is_loaded_once_and_its_pointer_read_seldom(source: FakeSource) -> None:
    for _ in range(50):
        assert source.current.get() == "version one"
        source.now += REFRESH_SECONDS / 10
    assert source.loads == ["one"]
    assert source.pointer_reads == pytest.approx(5, abs=1)


def test_a_switched_pointer_is_followed(source: FakeSource) -> None:
    source.current.get()
    source.pointer = "two"
    assert source.current.get() == "version one"
    source.now += REFRESH_SECONDS
    assert source.current.get() == "version two"


@pytest.mark.parametrize("down", ["pointer_down", "version_down"])
def test_the_version_at_hand_stays_while_the_next_cannot_be_had(source: FakeSource, down: str) -> None:
    source.current.get()
    source.pointer = "two"
    setattr(source, down, True)
    source.now += REFRESH_SECONDS
    assert source.current.get() == "version one"
    setattr(source, down, False)
    source.now += MAX_REFRESH_SECONDS
    assert source.current.get() == "version two"


def test_an_outage_is_looked_at_less_and_less_often(source: FakeSource) -> None:
    source.current.get()
    source.pointer_down = True
    for _ in range(600):
        source.now += 1
        source.current.get()
    assert source.pointer_reads < 600 / MAX_REFRESH_SECONDS + 8


@pytest.mark.parametrize("down", ["pointer_down", "version_down"])
def test_with_nothing_at_hand_the_dependency_is_down_until_it_is_back(source: FakeSource, down: str) -> None:
    setattr(source, down, True)
    for _ in range(2):
        with pytest.raises(DependencyDown):
            source.current.get()
    setattr(source, down, False)
    assert source.current.get() == "version one"

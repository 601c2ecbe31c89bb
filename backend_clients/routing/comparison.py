"""Compares both sides of one call, layer by layer, independent of the domain."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from backend_clients.routing.observation import Observation
from backend_clients.stages import Outcome

T = TypeVar("T")
Layers = dict[str, Any]

TOLERANCE: Final = 1e-6
MAX_DIFFERENCES: Final = 20

# DeepDiff parses paths with `ast`, which fails now and then in CPython 3.11 when several threads do so at once.
_diffing = threading.Lock()


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome, the first layer that differs, and its differences by path; `views` holds both sides' layers."""

    outcome: Outcome
    layer: str = ""
    differences: tuple[str, ...] = ()
    views: tuple[Layers, Layers] | None = field(default=None, compare=False, repr=False)

    def raise_on_mismatch(self) -> None:
        """Fail a test with the differences in its message."""
        if self.outcome not in (Outcome.MATCH, Outcome.IGNORED):
            raise AssertionError(f"{self.outcome} at {self.layer}: " + "; ".join(self.differences))


def compare(view: Callable[[T], Layers], legacy: Observation[T], remote: Observation[T]) -> Comparison:
    """Compare two observations. `view` normalises a value into layers, in the order of comparison."""
    if legacy.failed or remote.failed:
        return Comparison(_failure(legacy, remote), "status", _messages(legacy, remote))
    same = type(legacy.error) is type(remote.error)
    if not (same and legacy.error) and len({legacy.corpus_version, remote.corpus_version} - {""}) > 1:
        versions = f"corpus versions {legacy.corpus_version} -> {remote.corpus_version}"
        return Comparison(Outcome.VERSION_SKEW, "version", (versions,))  # conversations have no corpus version
    if legacy.error or remote.error:
        return Comparison(Outcome.MATCH if same else Outcome.MISMATCH, "status", _messages(legacy, remote))
    return _by_layer(_view(view, legacy), _view(view, remote))


def _view(view: Callable[[T], Layers], side: Observation[T]) -> Layers:
    assert side.value is not None
    return view(side.value)


def _by_layer(legacy: Layers, remote: Layers) -> Comparison:
    for layer in legacy:
        if legacy[layer] == remote.get(layer):
            continue
        found = differences(legacy[layer], remote.get(layer))
        if found:
            return Comparison(Outcome.MISMATCH, layer, found[:MAX_DIFFERENCES], (legacy, remote))
    return Comparison(Outcome.MATCH)


def differences(legacy: Any, remote: Any) -> tuple[str, ...]:
    """Return one line per difference of a layer: kind, path and values, cut to 500 characters."""
    from deepdiff import DeepDiff  # noqa: PLC0415  it brings pandas, and most processes never see a difference

    with _diffing:
        diff = DeepDiff(legacy, remote, math_epsilon=TOLERANCE, ignore_numeric_type_changes=True, verbose_level=2)
        kinds = json.loads(diff.to_json())
    lines = []
    for kind, found in kinds.items():
        for path, change in found.items() if isinstance(found, dict) else ((path, None) for path in found):
            lines.append(f"{kind} {path}: {json.dumps(change, ensure_ascii=False)}"[:500])
    return tuple(lines)


def _failure(legacy: Observation[T], remote: Observation[T]) -> Outcome:
    if legacy.failed and remote.failed:
        return Outcome.BOTH_ERROR
    return Outcome.LEGACY_ERROR if legacy.failed else Outcome.LAMBDA_ERROR


def _messages(legacy: Observation[T], remote: Observation[T]) -> tuple[str, ...]:
    return tuple(
        f"{name}: {type(side.error).__name__}: {side.error}" if side.error else f"{name}: answered"
        for name, side in (("legacy", legacy), ("lambda", remote))
    )

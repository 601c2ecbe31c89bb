"""What made-up visitors get from a flag file, by the evaluation that serves real ones."""

from collections import Counter
from collections.abc import Sequence
from math import ceil, sqrt
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

from openfeature.contrib.tools.flagd.core.model import Flag
from openfeature.evaluation_context import EvaluationContext

from backend_clients.flags.definitions import FlagDefinition
from backend_clients.flags.document import FlagDocument
from backend_clients.flags.evaluation import Evaluated, details_of, stage_of, value_problem
from backend_clients.flags.provider import FlagFileProvider
from backend_clients.stages import Stage

VISITORS: Final = 1000
_MOST: Final = 20_000
_SEEN: Final = 10  # a share is sampled by so many visitors that about this many are in it
_DEVIATIONS: Final = 4.5  # a sample further from a share than this many standard deviations contradicts it


class FlagSample:
    """Evaluates the flags of one document for visitors with ids like those of real ones."""

    def __init__(self, document: FlagDocument) -> None:
        self._flags = document.flags
        self._provider = FlagFileProvider.of(document)

    def stages(self, domain: str, stages: Sequence[Stage], smallest: float = 100.0) -> Counter[Evaluated]:
        """Count what visitors get; `smallest` is the smallest share, in percent, that the sample must show."""
        return Counter(
            stage_of(
                details_of(self._provider.resolve_string_details, domain, Stage.LEGACY.value, EvaluationContext(name)),
                stages,
            )
            for name in _visitors(self._flags.get(domain), ceil(100.0 * _SEEN / smallest))
        )

    def value_problems(self, definition: FlagDefinition[Any], domains: Sequence[str]) -> list[str]:
        """The distinct problems of a flag other than a stage, over visitors and domains."""
        kind = {str: "string", int: "integer", bool: "boolean"}[type(definition.default)]
        resolve = getattr(self._provider, f"resolve_{kind}_details")
        flag = self._flags.get(definition.flag)
        found = (
            value_problem(
                details_of(resolve, definition.flag, definition.default, EvaluationContext(name, {"domain": domain})),
                definition,
            )
            for domain in domains
            for name in _visitors(flag, VISITORS)[:: 1 + len(domains)]
        )
        return [problem for problem in dict.fromkeys(found) if problem]


def contradicts(observed: float, expected: float, count: int) -> bool:
    """Whether a share observed among `count` visitors is too far from the expected one, both from 0 to 1."""
    if not observed and expected:
        return expected * count >= _SEEN
    return abs(observed - expected) * count > _DEVIATIONS * sqrt(count * expected * (1.0 - expected))


def _visitors(flag: Flag | None, needed: int) -> list[str]:
    """Ids for a sample; one where no rule looks at the visitor."""
    count = min(max(VISITORS, needed), _MOST) if flag is not None and flag.targeting else 1
    return [uuid5(NAMESPACE_OID, str(number)).hex for number in range(count)]

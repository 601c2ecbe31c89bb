"""Evaluates a visitor's stage and other flags, through OpenFeature and flagd's evaluator."""

import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from openfeature import api
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import EventDetails, ProviderEvent
from openfeature.exception import OpenFeatureError

from backend_clients.domains import DOMAINS, Registry
from backend_clients.flags.definitions import FlagDefinition, T
from backend_clients.flags.evaluation import stage_of, value_problem
from backend_clients.flags.file import FlagFileError, read_flag_file
from backend_clients.flags.provider import FlagFileProvider
from backend_clients.stages import Stage

_log = logging.getLogger(__name__)
_MEMO_LIMIT: Final = 10_000

# flagd's evaluator logs a line for every visitor of a rule that it ignores; `Flags` reports problems once.
logging.getLogger("openfeature.contrib").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class StageDecision:
    """The stage in force for one visitor and its reason: "default", "share", or the flag's problem."""

    stage: Stage
    reason: str


NO_LEGACY: Final = StageDecision(Stage.LAMBDA, "no legacy side")  # the flag was deleted with it


class Flags:
    """Evaluates the flags of one file, which is reloaded within a second of a change.

    If the file is broken, the last valid one stays in force. A missing flag or an unknown stage means `legacy`. A flag
    that breaks after its domain has moved means `dualwrite` if the domain has that stage, so that no writes are missing
    on Lambda once the flag is repaired. A page makes several calls for one visitor, so decisions are cached until the
    file changes, but for a second at most: a rule may go by the time.
    """

    def __init__(self, path: Path, domains: Registry = DOMAINS) -> None:
        self._path = path
        self._domains = domains
        self._generation = 0
        self._changes: Counter[str] = Counter()
        self._closed = False
        self._memo: dict[tuple[str, str, int, int], StageDecision] = {}
        self._values: dict[tuple[str, str, str, int, int], Any] = {}
        self._moved: set[str] = set()
        self._reported: set[str] = set()
        self._reporting = threading.Lock()
        scope = f"mattgpt-flags-{id(self)}"
        self._provider = FlagFileProvider(path)
        self._client = api.get_client(scope)
        try:
            api.set_provider_and_wait(self._provider, scope)
        except OpenFeatureError as error:
            self._report(f"{error.error_message}; the last good flags stay in force")
        self._client.add_handler(ProviderEvent.PROVIDER_CONFIGURATION_CHANGED, self._on_change)
        self._client.add_handler(ProviderEvent.PROVIDER_ERROR, self._on_error)

    def stage(self, domain: str, visitor: str) -> StageDecision:
        """The stage of `domain` for a visitor; sticky, so that a growing share keeps its visitors."""
        key = (domain, visitor, self._generation, int(time.monotonic()))
        decision = self._memo.get(key)
        if decision is None:
            decision = self._evaluate(domain, visitor)
            if len(self._memo) >= _MEMO_LIMIT:
                self._memo.clear()
            self._memo[key] = decision
        return decision

    def value(self, definition: FlagDefinition[T], visitor: str, domain: str = "") -> T:
        """The value of a flag other than a stage; `domain` is the evaluation context of flags that differ by domain.

        A missing or disabled flag has its default; so has a broken flag, which is logged.
        """
        key = (definition.flag, visitor, domain, self._generation, int(time.monotonic()))
        value: T | None = self._values.get(key)
        if value is None:
            value = self._evaluate_value(definition, EvaluationContext(visitor, {"domain": domain}))
            if len(self._values) >= _MEMO_LIMIT:
                self._values.clear()
            self._values[key] = value
        return value

    @property
    def generation(self) -> int:
        """The number of changes of the file's flags so far."""
        return self._generation

    def changes(self, flag: str) -> int:
        """The number of changes of one flag so far."""
        return self._changes[flag]

    def problems(self) -> list[str]:
        """The problems of the current file; empty if it is valid."""
        try:
            file = read_flag_file(self._path, self._domains)
        except FlagFileError as error:
            return [str(error)]
        return [*file.problems, *file.definition_problems]

    def close(self) -> None:
        self._closed = True  # the watcher may check the file once more
        self._provider.shutdown()

    def _evaluate(self, domain: str, visitor: str) -> StageDecision:
        details = self._client.get_string_details(domain, Stage.LEGACY.value, EvaluationContext(visitor))
        found = stage_of(details, self._stages(domain))
        if found.problem:
            return self._legacy(domain, found.problem)
        if found.stage is not Stage.LEGACY:
            self._moved.add(domain)
        return StageDecision(found.stage, "share" if found.targeted else "default")

    def _evaluate_value(self, definition: FlagDefinition[T], context: EvaluationContext) -> T:
        kind = {str: "string", int: "integer", bool: "boolean"}[type(definition.default)]
        details = getattr(self._client, f"get_{kind}_details")(definition.flag, definition.default, context)
        problem = value_problem(details, definition)
        if problem:
            says = f"flag {definition.flag!r} in {self._path.name}: "
            self._report(f"{says}{problem}; {definition.default!r} is in force")
        return details.value if not problem and details.variant is not None else definition.default

    def _legacy(self, domain: str, why: str) -> StageDecision:
        self._report(f"flag {domain!r} in {self._path.name}: {why}; legacy serves")
        both = domain in self._moved and Stage.DUALWRITE in self._stages(domain)
        return StageDecision(Stage.DUALWRITE if both else Stage.LEGACY, f"flag: {why}")

    def _stages(self, domain: str) -> tuple[Stage, ...]:
        return self._domains[domain].stages if domain in self._domains else ()

    def _on_change(self, details: EventDetails) -> None:
        self._changes.update(details.flags_changed or ())
        self._reported.clear()
        self._generation += 1
        self._memo.clear()
        self._values.clear()

    def _on_error(self, details: EventDetails) -> None:
        if self._closed:
            return
        self._report(f"{details.message}; the last good flags stay in force")

    def _report(self, message: str) -> None:
        with self._reporting:
            if message in self._reported:
                return
            self._reported.add(message)
        _log.warning("%s", message)

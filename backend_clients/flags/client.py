"""Evaluates a visitor's stage and other flags, through OpenFeature and flagd's in-process file resolver."""

import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from openfeature import api
from openfeature.contrib.provider.flagd import FlagdProvider
from openfeature.contrib.provider.flagd.config import ResolverType
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import EventDetails, ProviderEvent
from openfeature.exception import ErrorCode, OpenFeatureError

from backend_clients.domains import DOMAINS, Registry
from backend_clients.flags.definitions import FlagDefinition, T
from backend_clients.flags.file import FlagFileError, read_flag_file
from backend_clients.stages import Stage

_log = logging.getLogger(__name__)
_MEMO_LIMIT: Final = 10_000

# flagd's watcher logs a traceback for a broken file twice a second; `Flags` reports it once.
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
    on Lambda once the flag is repaired. Decisions are cached until the file changes, because a page makes several calls
    for one visitor.
    """

    def __init__(self, path: Path, domains: Registry = DOMAINS) -> None:
        self._path = path
        self._domains = domains
        self._generation = 0
        self._closed = False
        self._memo: dict[tuple[str, str, int], StageDecision] = {}
        self._values: dict[tuple[str, str, str, int], Any] = {}
        self._moved: set[str] = set()
        self._reported: set[str] = set()
        self._reporting = threading.Lock()
        self._refused = ""
        scope = f"mattgpt-flags-{id(self)}"
        self._provider = FlagdProvider(resolver_type=ResolverType.FILE, offline_flag_source_path=str(path))
        self._client = api.get_client(scope)
        try:
            api.set_provider_and_wait(self._provider, scope)
        except OpenFeatureError:
            self._report_file()
        self._client.add_handler(ProviderEvent.PROVIDER_CONFIGURATION_CHANGED, self._on_change)
        self._client.add_handler(ProviderEvent.PROVIDER_ERROR, self._on_error)

    def stage(self, domain: str, visitor: str) -> StageDecision:
        """The stage of `domain` for a visitor; sticky, so that a growing share keeps its visitors."""
        key = (domain, visitor, self._generation)
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
        key = (definition.flag, visitor, domain, self._generation)
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

    def problems(self) -> list[str]:
        """The problems of the current file; empty if it is valid."""
        flag_problems, file_problem = self._look()
        return [*flag_problems, file_problem] if file_problem else flag_problems

    def close(self) -> None:
        self._closed = True  # the watcher may check the file once more
        self._provider.shutdown()

    def _evaluate(self, domain: str, visitor: str) -> StageDecision:
        details = self._client.get_string_details(domain, Stage.LEGACY.value, EvaluationContext(visitor))
        if details.error_code is not None:
            return self._legacy(domain, details.error_message or details.error_code.value)
        if details.variant is None:
            return self._legacy(domain, "it is disabled" if details.reason == "DISABLED" else "it names no variant")
        try:
            stage = Stage(details.value)
        except ValueError:
            return self._legacy(domain, f"unknown stage {details.value!r}")
        if stage not in self._stages(domain):
            return self._legacy(domain, f"stage {stage.value!r} is not one of this domain's")
        if stage is not Stage.LEGACY:
            self._moved.add(domain)
        return StageDecision(stage, "share" if details.reason == "TARGETING_MATCH" else "default")

    def _evaluate_value(self, definition: FlagDefinition[T], context: EvaluationContext) -> T:
        kind = {str: "string", int: "integer", bool: "boolean"}[type(definition.default)]
        details = getattr(self._client, f"get_{kind}_details")(definition.flag, definition.default, context)
        if details.error_code is ErrorCode.FLAG_NOT_FOUND or details.reason == "DISABLED":
            return definition.default
        if details.error_code is None and details.variant is not None and definition.allows(details.value):
            return details.value  # type: ignore[no-any-return]
        if details.error_code is not None:
            why = details.error_message or details.error_code.value
        else:
            why = "it names no variant" if details.variant is None else f"{details.value!r} is not allowed"
        self._report(f"flag {definition.flag!r} in {self._path.name}: {why}; {definition.default!r} is in force")
        return definition.default

    def _legacy(self, domain: str, why: str) -> StageDecision:
        self._report(f"flag {domain!r} in {self._path.name}: {why}; legacy serves")
        both = domain in self._moved and Stage.DUALWRITE in self._stages(domain)
        return StageDecision(Stage.DUALWRITE if both else Stage.LEGACY, f"flag: {why}")

    def _stages(self, domain: str) -> tuple[Stage, ...]:
        return self._domains[domain].stages if domain in self._domains else ()

    def _on_change(self, _: EventDetails) -> None:
        self._refused = ""
        self._reported.clear()
        self._generation += 1
        self._memo.clear()
        self._values.clear()

    def _on_error(self, details: EventDetails) -> None:
        if self._closed:
            return
        self._refused = details.message or self._refused
        self._report_file()

    def _look(self) -> tuple[list[str], str]:
        """The problems of single flags, and of the whole file."""
        try:
            file = read_flag_file(self._path, self._domains)
        except FlagFileError as error:
            return [], str(error)
        return file.problems + file.definition_problems, f"{self._path}: {self._refused}" if self._refused else ""

    def _report_file(self) -> None:
        _, problem = self._look()
        if problem:
            self._report(f"{problem}; the last good flags stay in force")

    def _report(self, message: str) -> None:
        with self._reporting:
            if message in self._reported:
                return
            self._reported.add(message)
        _log.warning("%s", message)

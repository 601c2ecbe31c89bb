"""An OpenFeature provider that evaluates one flag file by flagd's rules and loads it again when its content changes."""

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from openfeature.contrib.tools.flagd.core import FlagdCore
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEventDetails
from openfeature.exception import ErrorCode, OpenFeatureError, ParseError
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType
from openfeature.provider import AbstractProvider
from openfeature.provider.metadata import Metadata

from backend_clients.flags.document import FlagDocument, FlagFileError, parse_document, read_bytes

T = TypeVar("T")
Context = EvaluationContext | None

POLL_SECONDS: Final = 0.5


class FlagFileProvider(AbstractProvider):
    """Evaluates the flags of one file through `FlagdCore`, the evaluator of flagd's own providers.

    flagd's file watcher goes by the file's time, and so never reads a file that is older than the last one, such as a
    backup moved back; this provider goes by the content. A file that cannot be parsed leaves the last good flags in
    force and is an error event.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._core = FlagdCore()
        self._content: bytes | None = None
        self._failed = False
        self._stopped = threading.Event()

    @classmethod
    def of(cls, document: FlagDocument) -> "FlagFileProvider":
        """A provider of these definitions, which follows no file."""
        provider = cls(Path())
        provider._core.set_flags(document.text)
        return provider

    def initialize(self, evaluation_context: EvaluationContext) -> None:  # noqa: ARG002  the SDK passes it
        """Load the file and follow it; raises `OpenFeatureError` if it cannot be loaded yet."""
        threading.Thread(target=self._follow, name="flag-file", daemon=True).start()
        try:
            self._load()
        except FlagFileError as error:
            self._failed = True
            raise OpenFeatureError(ErrorCode.PARSE_ERROR, str(error)) from error

    def shutdown(self) -> None:
        self._stopped.set()

    def get_metadata(self) -> Metadata:
        return Metadata("flagd file")

    def _follow(self) -> None:
        while not self._stopped.wait(POLL_SECONDS):
            try:
                self._load()
            except FlagFileError as error:
                self._failed = True
                self.emit_provider_error(ProviderEventDetails(message=str(error), error_code=ErrorCode.PARSE_ERROR))

    def _load(self) -> None:
        """Put the file's flags in force if its content changed, or could not be read the last time."""
        content = read_bytes(self._path)
        changed: list[str] = []
        if content != self._content:
            changed = self._core.set_flags_and_get_changed_keys(parse_document(content, self._path).text)
            self._content = content
        elif not self._failed:
            return
        if self._failed:
            self._failed = False
            self.emit_provider_ready(ProviderEventDetails(message="the flag file can be read again"))
        self.emit_provider_configuration_changed(ProviderEventDetails(flags_changed=changed))

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: Context = None
    ) -> FlagResolutionDetails[bool]:
        return _resolved(self._core.resolve_boolean_value, flag_key, default_value, evaluation_context)

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: Context = None
    ) -> FlagResolutionDetails[str]:
        return _resolved(self._core.resolve_string_value, flag_key, default_value, evaluation_context)

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: Context = None
    ) -> FlagResolutionDetails[int]:
        return _resolved(self._core.resolve_integer_value, flag_key, default_value, evaluation_context)

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: Context = None
    ) -> FlagResolutionDetails[float]:
        return _resolved(self._core.resolve_float_value, flag_key, default_value, evaluation_context)

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Sequence[FlagValueType] | Mapping[str, FlagValueType],
        evaluation_context: Context = None,
    ) -> FlagResolutionDetails[Sequence[FlagValueType] | Mapping[str, FlagValueType]]:
        return _resolved(self._core.resolve_object_value, flag_key, default_value, evaluation_context)


def _resolved(
    resolve: Callable[[str, T, Context], FlagResolutionDetails[T]], flag_key: str, default: T, context: Context
) -> FlagResolutionDetails[T]:
    """Resolve a flag; a rule that cannot be evaluated is a `ParseError` that says why."""
    try:
        return resolve(flag_key, default, context)
    except OpenFeatureError as error:
        if isinstance(error.__cause__, ReferenceError):
            raise ParseError(f"targeting: {str(error.__cause__).replace('operation', 'operator')}") from error
        raise
    except Exception as error:
        raise ParseError(f"targeting cannot be evaluated: {error}") from error

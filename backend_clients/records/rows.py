"""Records of calls and comparisons, and their database rows."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel

from backend_clients.records.redaction import redact_json

ADDRESS: Final = "lambda_address"  # among the versions of a comparison: where the Lambda side was asked
MAX_PAYLOAD: Final = 65_536  # characters of JSON, for each side

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One routed call as seen by the visitor. The redacted request is stored only while requests are recorded."""

    domain: str
    operation: str
    stage: str
    origin: str
    reason: str
    fell_back: bool
    failed: bool
    latency_ms: float
    cold_start: bool
    request: BaseModel | None = None
    at: float = field(default_factory=time.time)

    def row(self) -> Row:
        return (
            self.at, self.domain, self.operation, self.stage, self.origin, self.reason, self.fell_back, self.failed,
            self.latency_ms, self.cold_start,
        )  # fmt: skip

    def request_row(self) -> Row:
        return self.at, self.domain, self.operation, _request_json(self.request)


@dataclass(frozen=True, slots=True)
class ComparisonRecord:
    """One comparison of both sides; visitors' input is redacted when it is written.

    `views` are the layers of both answers if they differ, legacy's first. Neither is stored if one is too large.
    """

    domain: str
    operation: str
    stage: str
    outcome: str
    layer: str
    legacy_ms: float | None
    lambda_ms: float | None
    cold_start: bool
    request: BaseModel
    differences: tuple[str, ...] = ()
    views: tuple[Mapping[str, Any], Mapping[str, Any]] | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    at: float = field(default_factory=time.time)

    def row(self) -> Row:
        views = self.views or ()
        cut = any(len(_json(view)) > MAX_PAYLOAD for view in views)
        legacy, remote = (None, None) if cut or not views else (_json(redact_json(view)) for view in views)
        return (
            self.at, self.domain, self.operation, self.stage, self.outcome, self.layer, self.legacy_ms,
            self.lambda_ms, self.cold_start, _request_json(self.request), _json(redact_json(list(self.differences))),
            legacy, remote, _json(self.versions), cut,
        )  # fmt: skip


Record = CallRecord | ComparisonRecord


def _request_json(request: BaseModel | None) -> str:
    """The request as recorded: redacted, without fields that no record may hold."""
    if request is None:
        return "{}"
    unrecorded = set(getattr(request, "unrecorded", ()))
    return _json(redact_json(request.model_dump(mode="json", exclude_defaults=True, exclude=unrecorded)))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)

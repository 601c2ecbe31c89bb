"""Whether a mismatch that was just found is one that was accepted."""

import logging
from pathlib import Path

from backend_clients.migration.allowed import Allowed, AllowedError
from backend_clients.migration.evidence import StoredComparison
from backend_clients.routing.records import ComparisonRecord

_log = logging.getLogger(__name__)


class Accepting:
    """Reads the list of accepted differences again when its file changes; a list that cannot be read accepts none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._allowed = Allowed()

    def __call__(self, record: ComparisonRecord) -> bool:
        self._read_again()
        if not self._allowed.entries:
            return False
        legacy, remote = record.views or (None, None)
        found = StoredComparison(
            id=0,
            at=record.at,
            domain=record.domain,
            operation=record.operation,
            stage=record.stage,
            outcome=record.outcome,
            layer=record.layer,
            legacy_ms=record.legacy_ms,
            lambda_ms=record.lambda_ms,
            cold_start=record.cold_start,
            request={},
            differences=record.differences,
            legacy=legacy,
            remote=remote,
            versions={},
        )
        return bool(self._allowed.reason(found))

    def _read_again(self) -> None:
        try:
            stat = self._path.stat()
            seen = (stat.st_mtime_ns, stat.st_size)
        except OSError:
            seen = None
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._allowed = Allowed.read(self._path)
        except AllowedError as error:
            self._allowed = Allowed()
            _log.warning("no difference is accepted: %s", error)

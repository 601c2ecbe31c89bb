"""The allow-list: accepted differences between the sides, each with a reason and a date."""

import logging
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError

from backend_clients.domains import DOMAINS, Registry
from backend_clients.errors import MigrationError
from backend_clients.migration.mismatches.causes import Signature, all_signatures, signatures
from backend_clients.records.reader import StoredComparison
from backend_clients.records.rows import ComparisonRecord


class AllowedError(MigrationError):
    """The allow-list cannot be used; the message names the file, the entry's number and the field."""


def _specific(value: str) -> str:
    if set(value) <= {"*", "."}:
        raise ValueError(f"{value!r} would match everything; name one thing exactly")
    return value


Text = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1)]
Exact = Annotated[Text, AfterValidator(_specific)]


class AllowlistEntry(BaseModel):
    """One accepted difference, by exact names; without an operation it covers all operations of the domain."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    domain: Text
    operation: Exact | None = None
    layer: Exact
    path: Exact
    kind: Exact
    reason: Text
    date: date

    def matches(self, domain: str, operation: str, cause: Signature) -> bool:
        same = (self.domain, self.layer, self.path, self.kind) == (domain, cause.layer, cause.path, cause.kind)
        return same and self.operation in (None, operation)


class Allowlist:
    """The accepted differences of one file."""

    def __init__(self, entries: Iterable[AllowlistEntry] = ()) -> None:
        self.entries = tuple(entries)

    @classmethod
    def read(cls, path: Path, domains: Registry = DOMAINS) -> Self:
        """Read the list; a missing file accepts nothing.

        Raises
        ------
        AllowedError
        """
        try:
            text = path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            return cls()
        except (OSError, UnicodeDecodeError) as error:
            raise AllowedError(f"{path}: cannot be read: {error}") from error
        return cls(entries_of(text, path, domains))

    def accepted_reason(self, comparison: StoredComparison) -> str:
        """The reasons why a mismatch is accepted; "" unless all its differences are on the list."""
        first = signatures(comparison.layer, comparison.differences)
        if not all(self.reason_for(comparison.domain, comparison.operation, cause) for cause in first):
            return ""  # skips the slower comparison of all layers
        found = all_signatures(comparison) or ()
        reasons = [self.reason_for(comparison.domain, comparison.operation, cause) for cause in found]
        return "; ".join(dict.fromkeys(reasons)) if all(reasons) else ""

    def reason_for(self, domain: str, operation: str, cause: Signature) -> str:
        """The reason why a cause is accepted, "" if it is not."""
        return next((entry.reason for entry in self.entries if entry.matches(domain, operation, cause)), "")


def entries_of(text: str, path: Path, domains: Registry = DOMAINS) -> list[AllowlistEntry]:
    """The entries of a file's text; raises `AllowedError`."""
    try:
        rows = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        raise AllowedError(f"{path}: is not YAML: {error}") from error
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise AllowedError(f"{path}: must hold a list of entries")
    return [_entry(path, number, row, domains) for number, row in enumerate(rows, 1)]


def _entry(path: Path, number: int, row: Any, domains: Registry) -> AllowlistEntry:
    try:
        entry = AllowlistEntry.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        what = f"entry {number}" + (f", {field}" if field else "")
        raise AllowedError(f"{path}: {what}: {first['msg'].removeprefix('Value error, ')}") from error
    if entry.domain not in domains:
        known = ", ".join(domains)
        raise AllowedError(f"{path}: entry {number}, domain: there is no domain {entry.domain!r}; it is one of {known}")
    return entry


_log = logging.getLogger(__name__)


class ReloadingAllowlist:
    """Reloads the allow-list when its file changes; a list that cannot be read accepts nothing."""

    def __init__(self, path: Path, domains: Registry = DOMAINS) -> None:
        self._path = path
        self._domains = domains
        self._seen: tuple[int, int] | None = None
        self._allowed = Allowlist()

    def __call__(self, record: ComparisonRecord) -> bool:
        self._read_again()
        if not self._allowed.entries:
            return False
        return bool(self._allowed.accepted_reason(StoredComparison.of(record)))

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
            self._allowed = Allowlist.read(self._path, self._domains)
        except AllowedError as error:
            self._allowed = Allowlist()
            _log.warning("no difference is accepted: %s", error)

"""The allow-list: accepted differences between the sides, each with a reason and a date."""

import logging
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from backend_clients.domains import DOMAINS, Registry
from backend_clients.errors import MigrationError
from backend_clients.migration.mismatches.causes import Signature, all_signatures, signatures
from backend_clients.records.reader import StoredComparison
from backend_clients.records.rows import ComparisonRecord

Day = date  # `AllowlistEntry` has a field named `date`

_ROUNDING: Final = 1e-9
VALID_DAYS: Final = 30  # of an entry that names no day on which it expires


class AllowedError(MigrationError):
    """The allow-list cannot be used; the message names the file, the entry's number and the field."""


def _specific(value: str) -> str:
    if set(value) <= {"*", "."}:
        raise ValueError(f"{value!r} would match everything; name one thing exactly")
    return value


Text = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1)]
Exact = Annotated[Text, AfterValidator(_specific)]


class AllowlistEntry(BaseModel):
    """One accepted difference, by exact names; without an operation it covers all operations of the domain.

    An entry with a `tolerance` accepts numbers that differ by that much at most, one without any change but a number's.
    It counts until the day `expires`, or else for `VALID_DAYS`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    domain: Text
    operation: Exact | None = None
    layer: Exact
    path: Exact
    kind: Exact
    tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    reason: Text
    date: Day
    expires: Day | None = None

    @property
    def last_day(self) -> Day:
        return self.expires or self.date + timedelta(VALID_DAYS)

    @property
    def expired(self) -> bool:
        return Day.today() > self.last_day

    def matches(self, domain: str, operation: str, cause: Signature) -> bool:
        same = (self.domain, self.layer, self.path, self.kind) == (domain, cause.layer, cause.path, cause.kind)
        return same and self.operation in (None, operation)

    def words(self) -> str:
        """The entry's names: "search/hybrid scores [*][*] values_changed up to 0.001"."""
        bound = "" if self.tolerance is None else f" up to {self.tolerance:g}"
        return f"{self.domain}/{self.operation or 'all'} {self.layer} {self.path} {self.kind}{bound}"


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
        """The reasons why a cause is accepted, "" if it is not: all numbers within a tolerance, and anything else."""
        valid = [entry for entry in self.entries if entry.matches(domain, operation, cause) and not entry.expired]
        reasons = []
        if cause.delta is not None:
            within = (entry.reason for entry in valid if _covers(entry.tolerance, cause.delta))
            reasons.append(next(within, ""))
        if cause.worded:
            reasons.append(next((entry.reason for entry in valid if entry.tolerance is None), ""))
        return "; ".join(dict.fromkeys(reasons)) if all(reasons) else ""

    def expired(self, domain: str) -> list[str]:
        """What counts as a mismatch of a domain again because its entry expired."""
        valid = [entry for entry in self.entries if not entry.expired]
        return [
            f"{entry.words()} was accepted until {entry.last_day}: {entry.reason}"
            for entry in self.entries
            if entry.domain == domain and entry.expired and not any(_renews(other, entry) for other in valid)
        ]


def _covers(tolerance: float | None, delta: float) -> bool:
    return tolerance is not None and delta <= tolerance * (1 + _ROUNDING)


def _renews(entry: AllowlistEntry, expired: AllowlistEntry) -> bool:
    names = {"domain", "operation", "layer", "path", "kind"}
    same = entry.model_dump(include=names) == expired.model_dump(include=names)
    return same and (entry.tolerance is None) == (expired.tolerance is None)


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

"""Changes a domain's stage in the flag file: keeps comments, writes atomically, logs the change."""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import yaml

from backend_clients.domains import DOMAINS, DomainSpec, Registry
from backend_clients.errors import MigrationError
from backend_clients.flags.audit_log import Audit, AuditError, FlagChange, user
from backend_clients.flags.file import FlagFile, FlagFileError, Rollout, RolloutShare, format_rollout, read_flag_file
from backend_clients.flags.hand_edits import furthest_gaining_stage
from backend_clients.flags.text_edits import NotEditable, with_variants
from backend_clients.stages import Stage

_PATIENCE_GOING_BACK_SECONDS: Final = 1.0


class FlagEditError(MigrationError):
    """A change that cannot be made; the message names the flag and the reason. The file is unchanged."""


@dataclass(frozen=True, slots=True)
class GateDecision:
    """The gate's result for a step forward, logged with the change."""

    forced: bool = False
    evidence: dict[str, Any] = field(default_factory=dict)


GateCheck = Callable[[Rollout, Stage], GateDecision]  # takes the shares in force and the stage that gains visitors


def _no_gate(_: Rollout, __: Stage) -> GateDecision:
    return GateDecision()


class FlagEditor:
    """Edits one flag file; concurrent editors wait for each other.

    A step forward is not made if it cannot be logged. A step back is made first, then logged if possible. A change that
    changes nothing is neither made nor logged; its `before` equals its `after`.

    Parameters
    ----------
    stepped_back
        Called after every change by which visitors only move back; must not wait.
    """

    def __init__(
        self,
        path: Path,
        audit: Audit,
        domains: Registry = DOMAINS,
        stepped_back: Callable[[FlagChange], None] = lambda _: None,
    ) -> None:
        self._path = path
        self._domains = domains
        self._audit = audit
        self._stepped_back = stepped_back

    def shares(self, domain: str) -> Rollout:
        """The stages in force and their shares of visitors, read from the file."""
        return self._read(domain).shares[domain]

    def _read(self, domain: str) -> FlagFile:
        file = read_flag_file(self._path, {domain: self.spec(domain)})
        if domain not in file.shares:
            raise FlagEditError(file.problems[0])
        return file

    def set_stage(
        self, domain: str, stage: Stage, percent: int, *, reason: str = "", who: str = "", judge: GateCheck = _no_gate
    ) -> FlagChange:
        """Put `percent` of the visitors into `stage`; the others stay in the stage that most visitors are in now.

        Calls `judge` if any visitor moves forward, with the most advanced stage that gains visitors: if the share of
        `stage` shrinks, that may be the other stage. If `judge` raises, the file is unchanged; the file stays locked
        from before `judge` until after the change.
        """
        spec = self.spec(domain)
        allowed = spec.stages
        if stage not in allowed:
            raise FlagEditError(f"flag {domain!r} has no stage {stage.value!r}; it is one of {', '.join(allowed)}")
        if not 1 <= percent <= 100:
            raise FlagEditError(f"flag {domain!r}: the share must be 1 to 100 percent, not {percent}")
        with self._locked():
            file = self._read(domain)
            after = _after(spec, file.shares[domain], stage, percent)
            change = FlagChange(domain, file.words(domain), format_rollout(after), reason, who=who or user())
            if change.before == change.after and not file.problems:
                return change
            known = file.shares[domain] or self.earliest_targeted_stage(domain)
            gaining = furthest_gaining_stage(allowed, known, after)
            judgement = judge(known, gaining) if gaining else GateDecision()
            change = replace(change, forced=judgement.forced, evidence=judgement.evidence)
            written = self._write(change, after, record_first=gaining is not None)
        if gaining is None:
            self._stepped_back(written)
        return written

    def rollback(self, domain: str, reason: str = "", who: str = "") -> FlagChange:
        """Undo a partial rollout or a custom rule, or move all visitors one stage back."""
        spec = self.spec(domain)
        allowed = spec.stages
        with self._locked():
            file = self._read(domain)
            in_force = {share.stage for share in file.shares[domain]} or file.reachable[domain]
            stages = sorted(allowed.index(stage) for stage in in_force)
            target = stages[0] if len(stages) > 1 else stages[0] - 1
            if target < 0:
                raise FlagEditError(f"flag {domain!r} is at {allowed[0].value!r}, the first stage, already")
            after = (RolloutShare(allowed[target], 100.0),)
            who = who or user()
            change = FlagChange(domain, file.words(domain), format_rollout(after), reason or "rollback", who=who)
            written = self._write(change, after, record_first=False)
        self._stepped_back(written)
        return written

    def earliest_targeted_stage(self, domain: str) -> Rollout:
        """The least advanced stage that a custom rule can give a visitor, as if all visitors were in it."""
        reachable = read_flag_file(self._path, {domain: self.spec(domain)}).reachable[domain]
        return tuple(RolloutShare(stage, 100.0) for stage in reachable)[:1]

    def spec(self, domain: str) -> DomainSpec:
        """The domain's entry in the registry; raises `FlagEditError` if there is none."""
        if domain not in self._domains:
            raise FlagEditError(f"there is no domain {domain!r}; it is one of {', '.join(self._domains)}")
        return self._domains[domain]

    def _write(self, change: FlagChange, after: Rollout, *, record_first: bool) -> FlagChange:
        text = self._path.read_bytes().decode("utf-8")
        domain = change.domain
        try:
            changed = with_variants(text, domain, _weighted(text, domain, after))
        except NotEditable as error:
            raise FlagEditError(f"{self._path}: flag {domain!r} must be changed by hand: {error}") from error
        if record_first:
            with self._audit.recording(change):
                _replace(self._path, changed)
            return change
        _replace(self._path, changed)
        try:
            with self._audit.recording(change, patience=_PATIENCE_GOING_BACK_SECONDS):
                return change
        except AuditError as error:
            return replace(change, unrecorded=str(error))

    @contextmanager
    def settled(self) -> Iterator[None]:
        """Wait until no change is between the file and the audit log, and keep editors out."""
        with self._locked():
            yield

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Lock out other editors of this file. The lock is on its folder, since the file itself is replaced."""
        try:
            folder = os.open(self._path.resolve().parent, os.O_RDONLY)
        except OSError as error:
            raise FlagFileError(f"{self._path}: cannot read the flag file: {error.strerror}") from error
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def _after(domain: DomainSpec, before: Rollout, stage: Stage, percent: int) -> Rollout:
    if percent == 100:
        return (RolloutShare(stage, 100.0),)
    if not before:
        raise FlagEditError(f"flag {domain.name!r} has a rule of its own; change that by hand, or set 100 percent")
    others = [share for share in before if share.stage is not stage]
    if not others:
        raise FlagEditError(f"flag {domain.name!r} is at {stage.value!r} for everyone already")
    base = max(others, key=lambda share: share.percent).stage
    spread = (RolloutShare(stage, float(percent)), RolloutShare(base, 100.0 - percent))
    # The most advanced stage comes first in every case: visitors then keep their bucket as shares grow.
    return tuple(sorted(spread, key=lambda share: domain.stages.index(share.stage), reverse=True))


def _flag(text: str, domain: str) -> dict[str, Any]:
    return dict(yaml.safe_load(text)["flags"][domain])


def _weighted(text: str, domain: str, shares: Sequence[RolloutShare]) -> list[tuple[str, int]]:
    """The flag's variant names of the shares' stages, with weights in percent."""
    names = {str(stage): str(name) for name, stage in _flag(text, domain)["variants"].items()}
    for share in shares:
        if share.stage.value not in names:
            raise NotEditable(f"it defines no variant for stage {share.stage.value!r}; add it to its `variants`")
    return [(names[share.stage.value], round(share.percent)) for share in shares]


def _replace(path: Path, text: str) -> None:
    """Replace the file atomically: write a temporary file in its folder and rename it."""
    target = path.resolve()
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(target.stat().st_mode & 0o777)
            Path(temporary).replace(target)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise FlagFileError(f"{path}: cannot write the flag file: {error.strerror}") from error

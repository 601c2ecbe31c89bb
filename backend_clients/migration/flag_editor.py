"""Changing a domain's stage in the flag file: comments survive, the write is atomic, the change is audited."""

import fcntl
import io
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from backend_clients.migration.audit import Audit, FlagChange
from backend_clients.routing.flag_file import FlagFileError, Share, read_flag_file
from backend_clients.routing.stages import DOMAIN_STAGES, Stage

BUCKETING_SEED: Final = "mattgpt"


class FlagEditError(ValueError):
    """A change that cannot be made; the message names the flag and says why. The file is as it was."""


class FlagEditor:
    """Edits one flag file; two editors at once wait for each other."""

    def __init__(self, path: Path, lock_file: Path, audit: Audit) -> None:
        self._path = path
        self._lock_file = lock_file
        self._audit = audit

    def shares(self, domain: str) -> tuple[Share, ...]:
        """The stages in force and their shares of visitors, as the file says."""
        file = read_flag_file(self._path, [_known(domain)])
        if file.problems:
            raise FlagEditError(file.problems[0])
        return file.shares[domain]

    def set_stage(
        self, domain: str, stage: Stage, percent: int, *, reason: str = "", forced: bool = False
    ) -> FlagChange:
        """Put `percent` of the visitors into `stage`; the others stay in the stage that most visitors are in now."""
        allowed = DOMAIN_STAGES[_known(domain)]
        if stage not in allowed:
            raise FlagEditError(f"flag {domain!r} has no stage {stage.value!r}; it is one of {', '.join(allowed)}")
        if not 1 <= percent <= 100:
            raise FlagEditError(f"flag {domain!r}: the share must be 1 to 100 percent, not {percent}")
        with self._locked():
            before = self.shares(domain)
            base = _base(before, but=stage)
            if percent < 100 and base is None:
                raise FlagEditError(f"flag {domain!r} is at {stage.value!r} for everyone already")
            after: tuple[Share, ...] = (Share(stage, 100.0),)
            if percent < 100 and base is not None:
                after = (Share(stage, float(percent)), Share(base, 100.0 - percent))
            return self._write(domain, before, after, reason, forced)

    def rollback(self, domain: str, reason: str = "") -> FlagChange:
        """Undo a partial move, or take everyone one stage back."""
        allowed = DOMAIN_STAGES[_known(domain)]
        with self._locked():
            before = self.shares(domain)
            stages = sorted({allowed.index(share.stage) for share in before}) or [0]
            target = stages[0] if len(stages) > 1 else stages[0] - 1
            if target < 0:
                raise FlagEditError(f"flag {domain!r} is at {allowed[0].value!r}, the first stage, already")
            return self._write(domain, before, (Share(allowed[target], 100.0),), reason or "rollback", False)

    def _write(
        self, domain: str, before: Sequence[Share], after: Sequence[Share], reason: str, forced: bool
    ) -> FlagChange:
        yaml = YAML()
        yaml.preserve_quotes = True
        yaml.width = 120
        document = yaml.load(self._path.read_text("utf-8"))
        _apply(document["flags"][domain], after)
        text = io.StringIO()
        yaml.dump(document, text)
        _replace(self._path, text.getvalue())
        change = FlagChange(domain, describe(before), describe(after), reason, forced)
        self._audit.add(change)
        return change

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._lock_file.parent.mkdir(parents=True, exist_ok=True)
        with self._lock_file.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def describe(shares: Sequence[Share]) -> str:
    """Shares in words: "live", or "live 10%, shadow 90%"."""
    if len(shares) == 1:
        return shares[0].stage.value
    return ", ".join(f"{share.stage.value} {share.percent:g}%" for share in shares) or "a rule of its own"


def _known(domain: str) -> str:
    if domain not in DOMAIN_STAGES:
        raise FlagEditError(f"there is no domain {domain!r}; it is one of {', '.join(DOMAIN_STAGES)}")
    return domain


def _base(shares: Sequence[Share], but: Stage) -> Stage | None:
    others = [share for share in shares if share.stage is not but]
    return max(others, key=lambda share: share.percent).stage if others else None


def _apply(flag: Any, shares: Sequence[Share]) -> None:
    variants = {value: name for name, value in flag["variants"].items()}
    missing = [share.stage.value for share in shares if share.stage.value not in variants]
    if missing:
        raise FlagEditError(f"the flag defines no variant for stage {missing[0]!r}; add it to its `variants`")
    flag["defaultVariant"] = variants[shares[-1].stage.value]
    flag.pop("targeting", None)
    if len(shares) > 1:
        pairs = [_flow([variants[share.stage.value], round(share.percent)]) for share in shares]
        key = CommentedMap({"var": "targetingKey"})
        key.fa.set_flow_style()
        bucket = {"cat": _flow([BUCKETING_SEED, key])}
        flag["targeting"] = {"fractional": [bucket, *pairs]}


def _flow(items: list[Any]) -> CommentedSeq:
    sequence = CommentedSeq(items)
    sequence.fa.set_flow_style()
    return sequence


def _replace(path: Path, text: str) -> None:
    """Write beside the file and rename over it, so that a reader sees the old text or the new, never half."""
    target = path.resolve()
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(target.stat().st_mode & 0o777)
        Path(temporary).replace(target)
    except OSError as error:
        raise FlagFileError(f"{path}: cannot write the flag file: {error.strerror}") from error

"""Reads a flag file as the site serves it: each domain's stages by evaluation, and every problem by its flag."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from openfeature.contrib.tools.flagd.core.model import Flag

from backend_clients.domains import DOMAINS, DomainSpec, Registry
from backend_clients.flags.definitions import DEFINITIONS
from backend_clients.flags.document import FlagDocument, FlagFileError, read_document
from backend_clients.flags.evaluation import Evaluated
from backend_clients.flags.rules import ATTRIBUTES, IgnoredRule, Weighted, missing_attributes, stated_weights, strings
from backend_clients.flags.sample import FlagSample, contradicts
from backend_clients.stages import Stage

__all__ = ["FlagFile", "FlagFileError", "Rollout", "RolloutShare", "format_rollout", "read_flag_file"]

_SIMILAR: Final = 0.8
OWN_RULE: Final = "a rule of its own"


@dataclass(frozen=True, slots=True)
class RolloutShare:
    """A stage and the share of visitors in it, in percent."""

    stage: Stage
    percent: float


Rollout = tuple[RolloutShare, ...]


@dataclass(frozen=True, slots=True)
class FlagFile:
    """The stages that visitors get, by domain, and the problems of stage flags and of other flags.

    `shares` are those the flag states if a sample of visitors confirms them, or else those of the sample; empty for any
    rule other than plain percentages. A domain is missing from it if its flag gives nobody a stage. `sampled` is always
    what the sample got, `reachable` every stage that a visitor may get, in order.
    """

    shares: dict[str, Rollout]
    problems: list[str]
    definition_problems: list[str] = field(default_factory=list)
    sampled: dict[str, Rollout] = field(default_factory=dict)
    reachable: dict[str, tuple[Stage, ...]] = field(default_factory=dict)

    def words(self, domain: str) -> str:
        """What visitors get: "live 10%, shadow 90%"; for a rule of its own, what a sample gets."""
        shares = self.shares.get(domain)
        if shares:
            return format_rollout(shares)
        return f"{OWN_RULE}, sampled: {format_rollout(self.sampled[domain])}"


def format_rollout(shares: Sequence[RolloutShare]) -> str:
    """Shares in words: "live", or "live 10%, shadow 90%"."""
    if len(shares) == 1:
        return shares[0].stage.value
    return ", ".join(f"{share.stage.value} {share.percent:g}%" for share in shares) or OWN_RULE


def read_flag_file(path: Path, domains: Registry) -> FlagFile:
    """Read the flags of `domains` and evaluate them for a sample of visitors.

    Raises
    ------
    FlagFileError
        The file is missing, or the site would reject it and keep the last good flags.
    """
    document = read_document(path)
    sample = FlagSample(document)
    file = FlagFile({}, [], [f"{path}: {problem}" for problem in _definition_problems(document, sample, domains)])
    for spec in domains.values():
        _add(file, spec, document.flags.get(spec.name), sample, f"{path}: flag {spec.name!r}: ")
    return file


def _add(file: FlagFile, spec: DomainSpec, flag: Flag | None, sample: FlagSample, says: str) -> None:
    """Add one domain's flag to the file."""
    targeting = flag.targeting if flag else None
    ignored, weighted = "", None
    try:
        weighted = stated_weights(targeting)
    except IgnoredRule as error:
        ignored = str(error)
    stated = _stated(spec, flag, weighted) if flag and weighted else None
    seen = sample.stages(spec.name, spec.stages, min((share.percent for share in stated or ()), default=100.0))
    sampled = file.sampled[spec.name] = _sampled(spec, seen)
    served = [share.stage for share in (*sampled, *(stated or ()))]
    named = [flag.default[1], *(flag.variants.get(name) for name in strings(targeting))] if flag else []
    file.reachable[spec.name] = tuple(stage for stage in spec.stages if stage in served or stage.value in named)
    file.problems.extend(says + problem for problem in _unserved(seen))
    if missing := missing_attributes(targeting, ATTRIBUTES):
        file.problems.append(f"{says}its rule reads {' and '.join(map(repr, missing))}, which the site does not pass")
    if all(found.problem for found in seen):
        return
    if not targeting or stated is None:
        own_rule = bool(targeting) and not ignored and weighted is None
        file.shares[spec.name] = () if own_rule else sampled
    else:
        confirmed = _confirmed(stated, sampled, seen.total())
        file.shares[spec.name] = stated if confirmed else sampled
        if not confirmed and not missing:
            ignored = f"targeting.fractional states {format_rollout(stated)}"
    if ignored:
        file.problems.append(f"{says}{ignored}; {_serves(sampled)}")


def _serves(sampled: Rollout) -> str:
    if len(sampled) == 1:
        return f"{sampled[0].stage.value} serves everyone"
    return f"visitors get {format_rollout(sampled)}"


def _stated(spec: DomainSpec, flag: Flag, weighted: Weighted) -> Rollout | None:
    """The shares of a plain `fractional` rule, in its order; None if it names anything but stages."""
    total = sum(weight for _, weight in weighted)
    shares: dict[Stage, float] = {}
    for variant, weight in weighted:
        value = flag.variants.get(variant) if isinstance(variant, str) else None
        if value not in spec.stages:
            return None
        if weight:
            shares[Stage(value)] = shares.get(Stage(value), 0.0) + 100.0 * weight / total
    return tuple(RolloutShare(stage, percent) for stage, percent in shares.items())


def _sampled(spec: DomainSpec, seen: Counter[Evaluated]) -> Rollout:
    """What the sample got, the most advanced stage first, in percent to one place."""
    counts = Counter[Stage]()
    for found, count in seen.items():
        counts[found.stage] += count
    return tuple(
        RolloutShare(stage, round(100.0 * counts[stage] / seen.total(), 1))
        for stage in reversed(spec.stages)
        if counts[stage]
    )


def _confirmed(stated: Rollout, sampled: Rollout, count: int) -> bool:
    observed = {share.stage: share.percent / 100.0 for share in sampled}
    expected = {share.stage: share.percent / 100.0 for share in stated}
    return not any(
        contradicts(observed.get(stage, 0.0), expected.get(stage, 0.0), count) for stage in {*observed, *expected}
    )


def _unserved(seen: Counter[Evaluated]) -> Iterator[str]:
    """Each problem that leaves visitors to legacy, with their share unless that is everyone."""
    counts = Counter[str]()
    for found, count in seen.items():
        counts[found.problem] += count
    for problem, count in counts.items():
        if problem:
            share = "" if count == seen.total() else f" {100.0 * count / seen.total():.1f}%"
            yield f"{problem}; legacy serves{share}"


def _definition_problems(document: FlagDocument, sample: FlagSample, domains: Registry) -> Iterator[str]:
    """Yield the problems of flags other than stages; a missing or disabled flag has its default."""
    for definition in DEFINITIONS:
        flag = document.flags.get(definition.flag)
        says = f"flag {definition.flag!r}: "
        if flag is None or flag.state == "DISABLED":
            continue
        problems: list[Any] = sample.value_problems(definition, tuple(domains) or ("",))
        yield from (f"{says}{problem}; {definition.default!r} is in force" for problem in problems)
        if missing := missing_attributes(flag.targeting, (*ATTRIBUTES, "domain")):
            yield f"{says}its rule reads {' and '.join(map(repr, missing))}, which the site does not pass"
        yield from (
            f"{says}variant {name!r} is {value!r}, which is not allowed"
            for name, value in flag.variants.items()
            if not definition.allows(value)
        )
    known = [*DOMAINS, *domains, *(definition.flag for definition in DEFINITIONS)]
    for name in document.flags:
        if name not in known and (meant := get_close_matches(name, known, 1, _SIMILAR)):
            yield f"flag {name!r} is not one of this site's; {meant[0]!r} was probably meant"

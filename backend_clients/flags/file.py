"""Reads and validates a flag definition file; problems name the line or the flag."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from backend_clients.domains import DomainSpec, Registry
from backend_clients.errors import MigrationError
from backend_clients.flags.definitions import DEFINITIONS
from backend_clients.stages import Stage


class FlagFileError(MigrationError):
    """The file cannot be read as flag definitions; the message names the file and, if known, the line."""


@dataclass(frozen=True, slots=True)
class RolloutShare:
    """A stage and the share of visitors in it, in percent."""

    stage: Stage
    percent: float


@dataclass(frozen=True, slots=True)
class FlagFile:
    """The shares of every valid stage flag, the problems of stage flags, and the problems of other flags."""

    shares: dict[str, tuple[RolloutShare, ...]]
    problems: list[str]
    definition_problems: list[str] = field(default_factory=list)


class _NoFractions(ValueError):
    """A rule for which flagd finds no variant."""


class _RuleIgnored(ValueError):
    """A rule that flagd ignores; everyone gets the default variant."""

    def __init__(self, message: str, default: tuple[RolloutShare, ...]) -> None:
        super().__init__(message)
        self.default = default


def read_flag_file(path: Path, domains: Registry) -> FlagFile:
    """Read and validate the flags of `domains`.

    Raises
    ------
    FlagFileError
        The file is missing, is not YAML, or holds no `flags` mapping.
    """
    flags = _flags_of(path)
    shares: dict[str, tuple[RolloutShare, ...]] = {}
    problems: list[str] = []
    for domain, spec in domains.items():
        try:
            shares[domain] = _shares(spec, flags)
        except _RuleIgnored as error:
            shares[domain] = error.default
            problems.append(f"{path}: flag {domain!r}: {error}; {error.default[0].stage.value} serves everyone")
        except ValueError as error:
            problems.append(f"{path}: flag {domain!r}: {error}")
    return FlagFile(shares, problems, [f"{path}: {problem}" for problem in _choice_problems(flags)])


def _flags_of(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise FlagFileError(f"{path}: cannot read the flag file: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FlagFileError(f"{path}: not UTF-8 text") from error
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise FlagFileError(f"{path}: {line}not YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FlagFileError(f"{path}: not YAML: {error}") from error
    flags = document.get("flags") if isinstance(document, dict) else None
    if not isinstance(flags, dict):
        raise FlagFileError(f"{path}: holds no `flags` mapping")
    return flags


def _shares(domain: DomainSpec, flags: dict[str, Any]) -> tuple[RolloutShare, ...]:
    flag = flags.get(domain.name)
    if not isinstance(flag, dict):
        raise ValueError("is missing; legacy serves")
    if flag.get("state") != "ENABLED":
        raise ValueError(f"state is {flag.get('state')!r}, not 'ENABLED'; legacy serves")
    variants = flag.get("variants")
    if not isinstance(variants, dict):
        raise ValueError("holds no `variants` mapping")
    default = _stage(domain, variants, flag.get("defaultVariant"), "defaultVariant")
    everyone = (RolloutShare(default, 100.0),)
    targeting = flag.get("targeting")
    if not targeting:
        return everyone
    try:
        return _fractions(domain, variants, targeting)
    except _NoFractions as error:
        raise _RuleIgnored(str(error), everyone) from error


def _choice_problems(flags: dict[str, Any]) -> Iterator[str]:
    """Yield the problems of flags other than stages; a missing or disabled flag has its default."""
    for definition in DEFINITIONS:
        flag = flags.get(definition.flag, {"state": "DISABLED"})
        if isinstance(flag, dict) and flag.get("state") == "DISABLED":
            continue
        says = f"flag {definition.flag!r}: "
        variants = flag.get("variants") if isinstance(flag, dict) else None
        if not isinstance(variants, dict):
            yield f"{says}holds no `variants` mapping; {definition.default!r} is in force"
            continue
        if flag.get("state") != "ENABLED":
            yield f"{says}state is {flag.get('state')!r}, not 'ENABLED'; {definition.default!r} is in force"
        default = flag.get("defaultVariant")
        if not isinstance(default, str) or default not in variants:
            yield f"{says}defaultVariant names the variant {default!r}, which is not defined"
        yield from (
            f"{says}variant {name!r} is {value!r}, which is not allowed"
            for name, value in variants.items()
            if not definition.allows(value)
        )


def _fractions(domain: DomainSpec, variants: dict[str, Any], targeting: Any) -> tuple[RolloutShare, ...]:
    """The shares of a plain `fractional` rule; none for any other rule, which is custom."""
    rule = targeting.get("fractional") if isinstance(targeting, dict) else None
    if not isinstance(rule, list):
        return ()
    weighted = [_weighted(item) for item in rule if isinstance(item, list)]
    if not weighted:
        raise _NoFractions("targeting.fractional names no variants")
    total = sum(weight for _, weight in weighted)
    if total <= 0:
        raise _NoFractions("targeting.fractional: the weights add up to nothing")
    return tuple(
        RolloutShare(_stage(domain, variants, variant, "targeting.fractional"), 100.0 * weight / total)
        for variant, weight in weighted
        if weight
    )


def _weighted(item: list[Any]) -> tuple[Any, int]:
    """A variant and its weight as flagd reads them: 1 if there is none, 0 if it is negative."""
    if len(item) == 1:
        return item[0], 1
    if len(item) == 2 and isinstance(item[1], int) and not isinstance(item[1], bool):
        return item[0], max(0, item[1])
    raise _NoFractions(f"targeting.fractional: {item!r} is not a variant with a whole number as its weight")


def _stage(domain: DomainSpec, variants: dict[str, Any], variant: Any, where: str) -> Stage:
    if not isinstance(variant, str) or variant not in variants:
        raise ValueError(f"{where} names the variant {variant!r}, which is not defined; legacy serves")
    allowed = [stage.value for stage in domain.stages]
    if variants[variant] not in allowed:
        raise ValueError(f"variant {variant!r} is {variants[variant]!r}; a stage is one of {', '.join(allowed)}")
    return Stage(variants[variant])

"""Finds changes of flags made by hand: the file, or the next logged change, is not where the last one ended."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from backend_clients.domains import Registry
from backend_clients.flags.audit_log import FlagChange
from backend_clients.flags.file import OWN_RULE, Rollout, RolloutShare
from backend_clients.stages import Stage

BY_HAND: Final = "by hand"
_SHARE: Final = re.compile(r"(?P<stage>[a-z]+)(?: (?P<percent>[0-9.]+)%)?(?:, |$)")


def with_hand_edits(
    changes: Sequence[FlagChange], now: Mapping[str, str], saved: float, domains: Registry, *, complete: bool
) -> list[FlagChange]:
    """The changes with those made by hand before, between and after them, newest first.

    A change by hand between two logged ones has the time of the later one, before which it was made.

    Parameters
    ----------
    changes
        Logged changes, newest first.
    now, saved
        The stages in force by domain, in words, and when their file was saved, in Unix seconds.
    complete
        Whether `changes` goes back to the first change of every domain, before which its first stage was in force.
    """
    found: list[FlagChange] = []
    later = {domain: (words, saved) for domain, words in now.items()}
    for change in changes:
        if change.domain in later:
            words, at = later[change.domain]
            found.extend(_by_hand(domains, change.domain, change.after, words, max(at, change.at)))
        found.append(change)
        later[change.domain] = change.before, change.at
    if complete:
        for domain, (words, at) in later.items():
            if domain in domains:
                first = domains[domain].stages[0].value
                found.extend(_by_hand(domains, domain, first, words, at, " (or with another data folder)"))
    return sorted(found, key=lambda change: change.at, reverse=True)


def is_forward(domains: Registry, domain: str, before: str, after: str) -> bool:
    """Whether a change in words lets any visitor move forward."""
    order = domains[domain].stages
    return furthest_gaining_stage(order, parse_rollout(before, order), parse_rollout(after, order)) is not None


def parse_rollout(words: str, order: Sequence[Stage]) -> Rollout:
    """The shares that `format_rollout` put into words; of a rule of its own, those that a sample got."""
    parts = _SHARE.finditer(words.rpartition(": ")[2])
    known = {stage.value: stage for stage in order}
    return tuple(
        RolloutShare(known[part["stage"]], float(part["percent"] or 100.0)) for part in parts if part["stage"] in known
    )


def furthest_gaining_stage(order: Sequence[Stage], before: Rollout, after: Rollout) -> Stage | None:
    """The most advanced stage that more visitors reach than before; None if no visitor moves forward."""

    def at_least(shares: Rollout, stages: Sequence[Stage]) -> float:
        return sum(share.percent for share in shares if share.stage in stages)

    gaining = (
        order[at] for at in range(len(order) - 1, 0, -1) if at_least(after, order[at:]) > at_least(before, order[at:])
    )
    return next(gaining, None)


def _by_hand(
    domains: Registry, domain: str, before: str, after: str, at: float, note: str = ""
) -> Iterator[FlagChange]:
    if domain not in domains or before == after or OWN_RULE in {before, after}:
        return
    forward = is_forward(domains, domain, before, after)
    reason = "changed by hand past its gate" if forward else "changed by hand"
    yield FlagChange(domain, before, after, reason + note, forced=forward, who=BY_HAND, at=at)

"""Groups stored mismatches by layer and cause."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from backend_clients.migration.mismatches.allowlist import Allowlist
from backend_clients.migration.mismatches.causes import Signature, merged, signatures
from backend_clients.records.reader import StoredComparison


@dataclass(frozen=True, slots=True)
class Group:
    """Mismatches with the same cause; a mismatch with several causes is in several groups."""

    domain: str
    operation: str
    layer: str
    path: str
    kind: str
    count: int
    latest: StoredComparison
    numbers: tuple[int, ...]
    accepted: str


def grouped(found: Sequence[StoredComparison], allowed: Allowlist) -> list[Group]:
    """Group by domain, operation and cause, the largest first; `numbers` are newest first."""
    members: dict[tuple[str, str, Signature], list[StoredComparison]] = defaultdict(list)
    causes: dict[tuple[str, str, Signature], list[Signature]] = defaultdict(list)
    for item in found:
        for cause in signatures(item.layer, item.differences):
            members[item.domain, item.operation, cause].append(item)
            causes[item.domain, item.operation, cause].append(cause)
    groups = [_group(key[0], key[1], merged(causes[key])[0], items, allowed) for key, items in members.items()]
    return sorted(groups, key=lambda group: (-group.count, group.domain, group.operation, group.layer, group.path))


def _group(domain: str, operation: str, cause: Signature, items: list[StoredComparison], allowed: Allowlist) -> Group:
    newest = sorted(items, key=lambda item: (item.at, item.id), reverse=True)
    return Group(
        domain=domain,
        operation=operation,
        layer=cause.layer,
        path=cause.path,
        kind=cause.kind,
        count=len(items),
        latest=newest[0],
        numbers=tuple(item.id for item in newest),
        accepted=allowed.reason_for(domain, operation, cause),
    )

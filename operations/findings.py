"""What a comparison of this run found, in the shape of a stored one, so that the same code shows and groups both."""

import time
from typing import Any, Final

from pydantic import BaseModel

from backend_clients.migration.evidence import StoredComparison
from backend_clients.migration.replay import Asked
from backend_clients.routing.router import Operation

STAGE: Final = "parity run"


def finding(operation: Operation[Any, Any], request: BaseModel, asked: Asked) -> StoredComparison:
    """A comparison that is stored nowhere: its number is 0."""
    legacy, remote = asked.comparison.views or (None, None)
    return StoredComparison(
        id=0,
        at=time.time(),
        domain=operation.domain,
        operation=operation.name,
        stage=STAGE,
        outcome=asked.comparison.outcome.value,
        layer=asked.comparison.layer,
        legacy_ms=asked.legacy.latency_ms if asked.legacy else None,
        lambda_ms=asked.remote.latency_ms if asked.remote else None,
        cold_start=bool(asked.remote and asked.remote.cold_start),
        request=request.model_dump(mode="json", exclude_defaults=True),
        differences=asked.comparison.differences,
        legacy=legacy,
        remote=remote,
        versions=versions(asked),
    )


def versions(asked: Asked) -> dict[str, str]:
    """Corpus and code of each side, as the answers say; nothing for a side that gave none."""
    found = {
        f"{side}_{part}": getattr(observed.value if observed else None, f"{part}_version", "")
        for side, observed in (("legacy", asked.legacy), ("lambda", asked.remote))
        for part in ("corpus", "code")
    }
    return {name: str(version) for name, version in found.items() if version}

"""The real site before a real local cloud with the sample in it, moved from side to side by its flag file."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend_clients.domains import DOMAINS
from backend_clients.settings import Settings
from lambdas.local.launcher import running_cloud
from operations.stack.loaders import load_into
from operations.stack.local_stack import stacks_of
from tests.support.site.server import running_site

_KEY: Final = "test-key"
_FLAG: Final = "  {domain}: {{state: ENABLED, variants: {{now: {stage}}}, defaultVariant: now}}\n"
# A conversation moves between stages that write to both sides; else one side would not know what the other was told.
_WRITTEN_TO_BOTH: Final = {"legacy": "shadow", "lambda": "live"}


@dataclass
class SiteStack:
    """A running site; `flags` is the file that decides which side serves it, `records` what it notes of every call."""

    address: str
    flags: Path
    records: Path
    side: str = "legacy"
    seen: int = 0

    def put(self, side: str, *, ask: str = "") -> None:
        """Serve every domain from one side, within a second."""
        self.side = side
        stages = dict.fromkeys(DOMAINS, side) | ({"ask": ask} if ask else {})
        text = "".join(_FLAG.format(domain=domain, stage=stage) for domain, stage in stages.items())
        draft = self.flags.with_suffix(".draft")
        draft.write_text(f"flags:\n{text}", encoding="utf-8")
        os.replace(draft, self.flags)

    def flip(self) -> None:
        """Have the other side serve."""
        other = "legacy" if self.side == "lambda" else "lambda"
        self.put(other, ask=_WRITTEN_TO_BOTH[other])

    def new_calls(self) -> list[tuple[str, str, bool]]:
        """Domain, side, and whether it failed or was stood in for, of the calls since the last look."""
        with closing(sqlite3.connect(f"file:{self.records}?mode=ro", uri=True)) as database:
            rows = database.execute(
                "SELECT id, domain, origin, failed OR fell_back FROM calls WHERE id > ? ORDER BY id", (self.seen,)
            ).fetchall()
        self.seen = rows[-1][0] if rows else self.seen
        return [(domain, origin, bool(wrong)) for _, domain, origin, wrong in rows]


@contextmanager
def running_stack(folder: Path) -> Iterator[SiteStack]:
    """Serve the sample on both sides."""
    flags = folder / "flags.yaml"
    with running_cloud(env={"API_KEY": _KEY}) as cloud:
        stack = stacks_of(cloud)
        load_into(stack, Settings())
        # A cold start on a busy machine is no failure: wait as long as API Gateway would.
        patience = {"READ_TIMEOUT": "29", "ASK_READ_TIMEOUT": "29"}
        urls = {f"{domain.upper()}_API_URL": cloud.url for domain in DOMAINS}
        with running_site(folder, API_KEY=_KEY, SHOW_MAINTAINER="1", **urls, **patience) as address:
            yield SiteStack(address, flags, folder / "migration.sqlite3")

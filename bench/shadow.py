"""Measures the cost of shadowing every call for fifty concurrent visitors, with the local cloud on the same machine."""

import os
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import SecretStr

from backend_clients.bootstrap import Clients, build_clients
from backend_clients.records.reader import Evidence
from backend_clients.settings import Settings
from backend_clients.stages import READ_ONLY_STAGES
from bench.timing import Finding, shown
from contracts.search import SearchKind, SearchRequest
from contracts.stories import RelatedRequest, StoryListRequest
from lambdas.local.launcher import running_cloud
from operations.stack.loaders import load_into
from operations.stack.local_stack import stacks_of

VISITORS: Final = 50
RATIO_BUDGET: Final = 1.05
_DOMAINS: Final = ("stories", "search", "industries")
_READING_SECONDS: Final = 2.0  # mean pause between a visitor's calls
_SECONDS: Final = 100.0
_WARM_UP_SECONDS: Final = 6.0
_TURN_SECONDS: Final = 2.0  # of alternating runs with and without shadowing, so that noise affects both
_SETTLING_SECONDS: Final = 0.3  # ignored at the start of each turn, while comparisons of the previous one may still run
_KEY: Final = "bench-key"
_NICE: Final = 15


def measure() -> list[Finding]:
    with tempfile.TemporaryDirectory() as folder, _both(Path(folder)) as (plain, shadowed):
        _visited((shadowed,), _WARM_UP_SECONDS)  # starts as many Lambda processes as this load needs
        made, dropped = _compared(shadowed), shadowed.pool.dropped
        without, within = _visited((plain, shadowed), _SECONDS)
        made = {name: count - made.get(name, 0) for name, count in _compared(shadowed).items()}
        dropped = shadowed.pool.dropped - dropped
    before, after = _p95(without), _p95(within)
    calls = f"p95 {shown(before)} of {len(without):,} calls without, {shown(after)} of {len(within):,} with"
    outcomes = ", ".join(f"{count} {name}" for name, count in sorted(made.items()) if count)
    return [
        Finding(
            f"visitors' p95 with every call shadowed, over without: {calls}",
            f"{after / before:.3f}",
            f"≤ {RATIO_BUDGET}",
            after <= RATIO_BUDGET * before,
        ),
        Finding(f"comparisons dropped; made: {outcomes}", f"{dropped}"),
    ]


@contextmanager
def _both(folder: Path) -> Iterator[tuple[Clients, Clients]]:
    """Clients of the same sides, one with every domain in `legacy`, one in `shadow`."""
    with running_cloud(env={"API_KEY": _KEY}) as cloud, ExitStack() as closing:
        # In production the Lambda side runs on other machines: here it gets low priority.
        os.setpriority(os.PRIO_PROCESS, cloud.pid, _NICE)
        stack = stacks_of(cloud)
        made: list[Clients] = []
        for stage in ("legacy", "shadow"):
            settings = _settings(folder / stage, stage, cloud.url)
            if not made:
                load_into(stack, settings)
            clients = build_clients(settings)
            closing.callback(clients.close)
            clients.search.search(SearchKind.HYBRID, SearchRequest(query="first"), "nobody")  # embeds the corpus
            made.append(clients)
        yield made[0], made[1]


def _settings(folder: Path, stage: str, url: str) -> Settings:
    folder.mkdir()
    flag = {"state": "ENABLED", "variants": {name.value: name.value for name in READ_ONLY_STAGES}}
    flags = folder / "flags.yaml"
    flags.write_text(yaml.safe_dump({"flags": {domain: flag | {"defaultVariant": stage} for domain in _DOMAINS}}))
    urls: dict[str, Any] = {f"{domain}_api_url": url for domain in _DOMAINS}
    return Settings(data_dir=folder, flags_file=flags, api_key=SecretStr(_KEY), **urls)


def _visited(by_turn: Sequence[Clients], seconds: float) -> list[list[float]]:
    """Durations of fifty visitors' calls, per client; all visitors use the clients in turn."""
    starts = time.monotonic()
    durations: list[list[float]] = [[] for _ in by_turn]
    visitors = [
        threading.Thread(target=_visit, args=(by_turn, f"visitor-{number}", starts, starts + seconds, durations))
        for number in range(VISITORS)
    ]
    for thread in visitors:
        thread.start()
    for thread in visitors:
        thread.join()
    for clients in by_turn:
        clients.pool.drain(30.0)
        clients.recorder.flush(30.0)
    return durations


def _visit(
    by_turn: Sequence[Clients], visitor: str, starts: float, ends: float, durations: Sequence[list[float]]
) -> None:
    rng = random.Random(visitor)
    calls = [cycle(_calls(clients, visitor, random.Random(visitor))) for clients in by_turn]
    wait = rng.uniform(0.0, _READING_SECONDS)
    while (now := time.monotonic()) < ends:
        time.sleep(min(wait, ends - now))
        turn, into = divmod(time.monotonic() - starts, _TURN_SECONDS)
        side = int(turn) % len(by_turn)
        call = next(calls[side])
        started = time.perf_counter()
        call()
        if into > _SETTLING_SECONDS:
            durations[side].append(time.perf_counter() - started)
        wait = rng.expovariate(1.0 / _READING_SECONDS)


def _calls(clients: Clients, visitor: str, rng: random.Random) -> Sequence[Callable[[], object]]:
    """Yield a visitor's calls: lists, stories, searches, industries, in a random order per visitor."""
    stories = rng.sample(clients.corpus.stories, 4)
    calls: list[Callable[[], object]] = [partial(clients.industries.list_industries, visitor)]
    for story in stories:
        calls += [
            partial(clients.stories.list_stories, StoryListRequest(clients=(story.client,)), visitor),
            partial(clients.stories.get_story, story.id, visitor),
            partial(clients.stories.related_stories, RelatedRequest(id=story.id), visitor),
            partial(clients.search.search, SearchKind.HYBRID, SearchRequest(query=story.title), visitor),
        ]
    rng.shuffle(calls)
    return calls


def _compared(clients: Clients) -> dict[str, int]:
    evidence = Evidence(clients.settings.records_file)
    found: dict[str, int] = {}
    for domain in _DOMAINS:
        for outcome, count in evidence.window(domain, last=1_000_000).outcomes.items():
            found[outcome] = found.get(outcome, 0) + count
    return found


def _p95(durations: Sequence[float]) -> float:
    return sorted(durations)[int(0.95 * len(durations))]

"""Clients for tests of the Migration page: a real MigrationService over a test's flag file and records."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from typing import Any, Final

from backend_clients.domains import DOMAINS
from backend_clients.migration.service import MigrationService, SiteProcess
from backend_clients.records.reader import StoredComparison
from backend_clients.records.recorder import Recorder
from backend_clients.records.rows import CallRecord, ComparisonRecord
from backend_clients.routing.comparison import Comparison, Layers, compare
from backend_clients.routing.observation import Observation
from backend_clients.settings import REPOSITORY
from backend_clients.stages import Outcome
from contracts.ask import AskRequest
from contracts.industries import IndustriesRequest
from contracts.search import SearchRequest
from contracts.stories import StoryListRequest
from tests.support.site.clients import FakeClients, fake_clients, some_stories

TOKEN = "a token of the tests"
API_URL = "http://stack.example"
SESSION = "session-of-a-visitor"
_ANSWERED_BY_LAMBDA: Final = ("live", "rampdown", "lambda")
_REQUESTS: Final = {
    "stories": ("list", StoryListRequest(q="payments")),
    "search": ("hybrid", SearchRequest(query="payments modernisation")),
    "ask": ("generate", AskRequest(question="What was saved?", session_id=SESSION, turn_id="turn-0001")),
    "industries": ("list", IndustriesRequest()),
}


@dataclass
class MigrationClients(FakeClients):
    migration: Any = None


def migration_clients(
    folder: Path,
    *,
    token: str = TOKEN,
    replay: Callable[[StoredComparison], Comparison] = lambda stored: Comparison(Outcome.MATCH),
    **settings: Any,
) -> MigrationClients:
    """Clients whose flags, a copy of the shipped ones, and records lie in `folder`."""
    flags = folder / "flags.yaml"
    if not flags.exists():
        copy(REPOSITORY / "feature_flags.yaml", flags)
    urls = {domain.api_url_setting: API_URL for domain in DOMAINS.values()}
    given = {
        "flags_file": flags,
        "data_dir": folder,
        "parity_allowed_file": folder / "allowed.yaml",
        "admin_token": token,
        "show_maintainer": True,
        **urls,
        **settings,
    }
    clients = fake_clients(*some_stories(3), **given)
    service = MigrationService(
        clients.settings, SiteProcess(counters=lambda: {"records_lost": 2, "comparisons_dropped": 7}, replay=replay)
    )
    return MigrationClients(**vars(clients), migration=service)


def seed(clients: FakeClients, domain: str, *, stage: str = "shadow", matches: int = 0, over: float = 3000.0) -> None:
    """Calls and comparisons that matched, evenly spread over the last `over` seconds; each side as fast as it is."""
    now = time.time()
    records: list[CallRecord | ComparisonRecord] = []
    for number in range(matches):
        at = now - over * (1 - number / matches)
        legacy_ms, lambda_ms = 5.0 + number % 7, 24.0 + number * 7 % 31
        latency = lambda_ms if stage in _ANSWERED_BY_LAMBDA else legacy_ms
        records.append(call(domain, stage, at=at, latency_ms=latency, request=_REQUESTS[domain][1]))
        records.append(compared(domain, stage, at=at, legacy_ms=legacy_ms, lambda_ms=lambda_ms))
    write(clients, *records)


def write(clients: FakeClients, *records: CallRecord | ComparisonRecord) -> None:
    """Put records into the clients' file, as the site does."""
    recorder = Recorder(clients.settings.records_file, 200_000, queue_size=2 * len(records) + 10)
    for record in records:
        recorder.record(record)
    recorder.close()
    assert recorder.lost == 0


def call(domain: str, stage: str, **given: Any) -> CallRecord:
    operation = _REQUESTS[domain][0]
    origin = "lambda" if stage in _ANSWERED_BY_LAMBDA else "legacy"
    whole = {"origin": origin, "reason": "default", "fell_back": False, "failed": False, "latency_ms": 6.0}
    return CallRecord(domain, operation, stage, **{**whole, "cold_start": False, **given})


def compared(domain: str, stage: str, **given: Any) -> ComparisonRecord:
    """A match by default."""
    operation, request = _REQUESTS[domain]
    whole = {"outcome": "match", "layer": "", "legacy_ms": 6.0, "lambda_ms": 30.0, "cold_start": False}
    return ComparisonRecord(domain, operation, stage, **{**whole, "request": request, **given})


def mismatch(legacy: Layers, remote: Layers, **given: Any) -> ComparisonRecord:
    """What is recorded when search's sides answer with these layers."""
    found = by_layer(legacy, remote)
    assert found.outcome is Outcome.MISMATCH
    versions = {"legacy_corpus": "a81f22c0", "lambda_corpus": "a81f22c0", "legacy_code": "dev", "lambda_code": "dev"}
    whole = {"outcome": "mismatch", "layer": found.layer, "differences": found.differences, "views": (legacy, remote)}
    return compared(**{"domain": "search", "stage": "shadow", "versions": versions, **whole, **given})


def by_layer(legacy: Layers, remote: Layers) -> Comparison:
    sides = Observation(1.0, value=legacy), Observation(1.0, value=remote)
    return compare(lambda layers: layers, *sides)


def age_changes(clients: FakeClients, days: float) -> None:
    """Put every change of a flag so many days further back."""
    with closing(sqlite3.connect(clients.settings.records_file)) as records, records:
        records.execute("UPDATE flag_changes SET at = at - ?", (86400 * days,))


def seed_every_domain(clients: MigrationClients) -> None:
    """A migration under way: each domain in a stage of its own, an hour after its flag changed."""
    service, who = clients.migration, "maintainer"
    service.set_stage("stories", "shadow", 100, reason="first look", who=who)
    service.set_stage("stories", "live", 25, reason="300 comparisons without a mismatch", who=who, force=True)
    service.set_stage("search", "shadow", 100, reason="first look", who=who)
    service.set_stage("ask", "dualwrite", 100, reason="both sides keep conversations from now on", who=who)
    age_changes(clients, days=1 / 24)
    seed(clients, "stories", stage="live", matches=420)
    seed(clients, "search", matches=900)
    write(clients, *(call("industries", "legacy", at=time.time() - 40 * number) for number in range(60)))
    now = time.time()
    slow = {"latency_ms": 21.0, "reason": "Timeout", "fell_back": True, "origin": "legacy"}
    scores = {"gate": None, "scores": [[0.7123, 0.79, 0.4], [0.6, 0.61, 0.55]], "order": [["a|b"], ["c|d"]]}
    rounded = {**scores, "scores": [[0.7111, 0.79, 0.4], [0.6, 0.61, 0.55]]}
    swapped = {**scores, "order": [["c|d"], ["a|b"]]}
    write(
        clients,
        *(mismatch(scores, rounded, at=now - 150 * number) for number in range(11)),
        *(mismatch(scores, swapped, at=now - 800 - 300 * number) for number in range(3)),
        *(call("stories", "live", at=now - 1500 - number, **slow) for number in range(4)),
        compared("search", "shadow", at=now - 700, outcome="lambda_error", layer="status", lambda_ms=None),
    )

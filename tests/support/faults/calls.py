"""What visitors do while something is broken, and what becomes of it, in the notation of the table of faults."""

import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from backend_clients.ask.conversations import LambdaReplica
from backend_clients.bootstrap import Clients
from backend_clients.domains import DOMAINS
from backend_clients.errors import BackendError
from backend_clients.migration.conversations.repairs import run_repairs
from backend_clients.routed import HANDED_OFF, Origin, Routed
from backend_clients.stages import WRITES, Stage
from contracts.ask import AskRequest
from contracts.conversations import FeedbackRequest, ForgetRequest, HistoryRequest, Turn
from contracts.search import SearchKind, SearchRequest
from tests.support.faults.catalog import Hold
from tests.support.faults.chatter import turn_of
from tests.support.faults.site import MOST_SECONDS, FaultSite, visitor_in

SIDES: Final = {Origin.LEGACY: "L", Origin.LAMBDA: "λ"}
OUTCOMES: Final = {"match": "=", "mismatch": "≠", "lambda_error": "x"}
_AT_ONCE: Final = 48
_REPAIRERS: Final = 3
TALK: Final = "talk-of-all-visitors"


@dataclass(frozen=True)
class Read:
    """One reading operation, named as the records name it."""

    domain: str
    operation: str
    ask: Callable[[Clients, str], Routed[Any]]

    @property
    def name(self) -> str:
        return f"{self.domain}.{self.operation}"


READS: Final = (
    Read("stories", "get", lambda to, visitor: to.stories.get_story(to.corpus.stories[0].id, visitor)),
    Read("search", "hybrid", lambda to, visitor: to.search.search(SearchKind.HYBRID, _SEARCH, visitor)),
    Read("ask", "generate", lambda to, visitor: to.ask.ask(_QUESTION, visitor)),
    Read("ask", "history", lambda to, visitor: to.ask.history(HistoryRequest(session_id=TALK), visitor)),
    Read("industries", "list", lambda to, visitor: to.industries.list_industries(visitor)),
)
_SEARCH: Final = SearchRequest(query="payments platform")
_QUESTION: Final = AskRequest(question="How were payments modernised?", session_id=TALK, turn_id="question-1")

WRITE_NAMES: Final = ("append", "forget", "rate")


@dataclass(frozen=True)
class Write:
    """One write of one stage's visitor, to a conversation of its own; it has a turn unless this is the first."""

    name: str
    stage: Stage
    session: str

    @property
    def turn(self) -> Turn:
        return turn_of(self.session, 0)

    @property
    def sides(self) -> tuple[Origin, ...]:
        """Who gets it in the end: what is forgotten is forgotten everywhere."""
        return tuple(Origin) if self.name == "forget" else WRITES[self.stage]

    def do(self, clients: Clients) -> Routed[Any]:
        visitor = visitor_in(self.stage)
        match self.name:
            case "append":
                return clients.ask.append(self.turn, visitor)
            case "forget":
                return clients.ask.forget(ForgetRequest(session_id=self.session), visitor)
        rated = FeedbackRequest(session_id=self.session, turn_id=self.turn.turn_id, helpful=True)
        return clients.ask.rate(rated, visitor)

    def turns_wanted(self) -> list[str]:
        """The ids of the turns that are there once this was acknowledged."""
        return [] if self.name == "forget" else [self.turn.turn_id]


@dataclass(frozen=True)
class Walked:
    """What was seen by call and stage; of the writes also which they were."""

    cells: dict[tuple[str, str], str]
    writes: list[tuple[Write, str]]


def prepare(site: FaultSite) -> None:
    """The conversation that everybody reads, the same on both sides; and what the first call alone does."""
    for read in READS:
        read.ask(site.clients, visitor_in("legacy"))
    for number in range(3):
        site.clients.conversation_sides[Origin.LEGACY].append(turn_of(TALK, number))
        site.direct.ask.append(turn_of(TALK, number))


def walk(site: FaultSite, hold: Hold, label: str) -> Walked:
    """Every read and every write in every stage while a fault is held."""
    writes = [Write(name, stage, f"{label}-{name}-{stage.value}") for name in WRITE_NAMES for stage in Stage]
    reads = [(read, stage) for read in READS for stage in DOMAINS[read.domain].stages]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(partial(_begin, site), writes))
        last = _last_comparison(site)
        with hold(site):
            done = [pool.submit(_seen, partial(write.do, site.clients)) for write in writes]
            asked = [pool.submit(_seen, partial(read.ask, site.clients, visitor_in(stage))) for read, stage in reads]
            kept = [future.result() for future in done]
            answers = [future.result() for future in asked]
            site.settle()
            outcomes = _outcomes(site, last)
            owed = [_owed(site, write) for write in writes]
    cells = {
        (read.name, stage.value): _joined(answer, outcomes.get((read.domain, read.operation, stage.value), ""))
        for (read, stage), answer in zip(reads, answers, strict=True)
    }
    cells |= {
        (f"ask.{write.name}", write.stage.value): _joined(seen, debt)
        for write, seen, debt in zip(writes, kept, owed, strict=True)
    }
    return Walked(cells, list(zip(writes, kept, strict=True)))


def repair(site: FaultSite) -> None:
    """Run repairs until no write is pending; several concurrently, as several sites would."""

    def run() -> None:
        deadline = time.monotonic() + MOST_SECONDS
        while site.clients.ledger.open_repairs():
            report = run_repairs(site.clients.ledger, site.clients.conversation_sides)
            assert time.monotonic() < deadline, report.unresolved
            time.sleep(0.05)

    with ThreadPoolExecutor(_REPAIRERS) as pool:
        for done in [pool.submit(run) for _ in range(_REPAIRERS)]:
            done.result()


def lost_or_doubled(site: FaultSite, writes: list[tuple[Write, str]]) -> list[str]:
    """What is wrong with the conversations after the repairs; a rating leaves no turn of its own."""
    with ThreadPoolExecutor(_REPAIRERS) as pool:
        looks = [pool.submit(_wrong, site, write, seen) for write, seen in writes if write.name != "rate"]
        return [wrong for look in looks if (wrong := look.result())]


def _begin(site: FaultSite, write: Write) -> None:
    if write.name == "append":
        return
    if Origin.LEGACY in write.sides:
        site.clients.conversation_sides[Origin.LEGACY].append(write.turn)
    if Origin.LAMBDA in write.sides:
        site.direct.ask.append(write.turn)


def _seen(call: Callable[[], Routed[Any]]) -> str:
    try:
        routed = call()
    except BackendError as error:
        return type(error).__name__
    fault = f"<{routed.reason.removeprefix(f'{HANDED_OFF}: ').partition(':')[0]}" if routed.fell_back else ""
    return f"{SIDES[routed.origin]}{fault}"


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _last_comparison(site: FaultSite) -> int:
    site.settle()
    with closing(sqlite3.connect(site.clients.settings.records_file)) as connection:
        return connection.execute("SELECT COALESCE(MAX(id), 0) FROM comparisons").fetchone()[0]


def _outcomes(site: FaultSite, after: int) -> dict[tuple[str, str, str], str]:
    with closing(sqlite3.connect(site.clients.settings.records_file)) as connection:
        rows = connection.execute(
            "SELECT domain, operation, stage, outcome FROM comparisons WHERE id > ?", (after,)
        ).fetchall()
    return {(domain, operation, stage): OUTCOMES.get(outcome, outcome) for domain, operation, stage, outcome in rows}


def _owed(site: FaultSite, write: Write) -> str:
    owing = site.clients.ledger.lagging_sides("ask", write.session)
    return "".join(f"+{SIDES[side]}" for side in sorted(owing))


def _wrong(site: FaultSite, write: Write, seen: str) -> str:
    """Both sides hold the same, and what was acknowledged is there once."""
    kept = {side: _turn_ids(site, side, write.session) for side in write.sides}
    if len({tuple(turns) for turns in kept.values()}) > 1:
        return f"{write.session}: the sides differ: {kept}"
    acknowledged = seen.partition("<")[0] in SIDES.values()
    for side, turns in kept.items():
        doubled = [turn for turn, count in Counter(turns).items() if count > 1]
        if doubled or (acknowledged and turns != write.turns_wanted()):
            return f"{write.session}: {seen}, and {SIDES[side]} holds {turns}"
    return ""


def _turn_ids(site: FaultSite, side: Origin, session: str) -> list[str]:
    there = site.clients.conversation_sides[side] if side is Origin.LEGACY else LambdaReplica(site.direct.ask)
    return [turn.turn_id for turn in there.read(session).turns]

"""What stands against moving a domain that writes."""

from pathlib import Path

import pytest

from backend_clients.migration.audit import Audit, FlagChange
from backend_clients.migration.backfill import BackfillLog
from backend_clients.migration.preconditions import obstacles
from backend_clients.routed import Origin
from backend_clients.routing.ledger import Ledger
from backend_clients.routing.stages import Stage

ANSWERED_BY_LAMBDA = (Stage.LIVE, Stage.RAMPDOWN, Stage.LAMBDA)


class Store:
    def __init__(self, folder: Path) -> None:
        self.audit = Audit(folder / "records.sqlite3")
        self.log = BackfillLog(folder / "records.sqlite3")
        self.ledger = Ledger(folder / "repairs.sqlite3")

    def against(self, stage: Stage, domain: str = "ask") -> str:
        return "; ".join(obstacles(domain, stage, self.audit, self.log, self.ledger))

    def change(self, after: str) -> None:
        with self.audit.recording(FlagChange("ask", "something", after)):
            pass


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.DUALWRITE, Stage.SHADOW])
def test_nothing_stands_against_stages_that_legacy_answers(store: Store, stage: Stage) -> None:
    assert store.against(stage) == ""


@pytest.mark.parametrize("stage", ANSWERED_BY_LAMBDA)
def test_without_a_verification_lambda_does_not_answer(store: Store, stage: Stage) -> None:
    assert "never verified" in store.against(stage)


@pytest.mark.parametrize("stage", ANSWERED_BY_LAMBDA)
def test_a_clean_verification_opens_the_way(store: Store, stage: Stage) -> None:
    store.change("dualwrite")
    store.log.add_verification("ask", sessions=10, different=0)
    store.change("shadow")
    assert store.against(stage) == ""


def test_differences_close_it(store: Store) -> None:
    store.log.add_verification("ask", sessions=10, different=2)
    assert "2 conversations that differ" in store.against(Stage.LIVE)


@pytest.mark.parametrize("after", ["legacy", "shadow 10%, legacy 90%"])
def test_writing_to_legacy_alone_closes_it_again(store: Store, after: str) -> None:
    store.log.add_verification("ask", sessions=10, different=0)
    store.change(after)
    store.change("dualwrite")
    assert "legacy alone" in store.against(Stage.LIVE)
    store.log.add_verification("ask", sessions=10, different=0)
    assert store.against(Stage.LIVE) == ""


def test_open_repairs_close_the_last_stage_alone(store: Store) -> None:
    store.log.add_verification("ask", sessions=10, different=0)
    entry = store.ledger.add("ask", "append", "session", Origin.LEGACY, {})
    assert store.against(Stage.RAMPDOWN) == ""
    assert "1 repairs are open" in store.against(Stage.LAMBDA)
    store.ledger.settle(entry)
    assert store.against(Stage.LAMBDA) == ""


@pytest.mark.parametrize("domain", ["stories", "search", "industries"])
def test_domains_that_only_read_have_no_preconditions(store: Store, domain: str) -> None:
    assert store.against(Stage.LAMBDA, domain) == ""

"""What a rollback leaves behind: turns that Lambda alone was given."""

from pathlib import Path

import pytest

from backend_clients.domains import DOMAINS
from backend_clients.flags.audit_log import Audit, FlagChange
from backend_clients.migration.backfill_log import BackfillLog
from backend_clients.migration.sync_state import unsynced_data


class Store:
    def __init__(self, folder: Path) -> None:
        self.audit = Audit(folder / "records.sqlite3")
        self.log = BackfillLog(folder / "records.sqlite3")

    def told(self, domain: str = "ask") -> str:
        return unsynced_data(DOMAINS[domain], self.audit, self.log)

    def change(self, after: str, domain: str = "ask", before: str = "something") -> None:
        with self.audit.recording(FlagChange(domain, before, after)):
            pass


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_nothing_is_left_behind_where_legacy_was_always_written(store: Store) -> None:
    for stage in ("legacy", "dualwrite", "shadow", "live", "rampdown", "live"):
        store.change(stage)
        assert store.told() == ""


@pytest.mark.parametrize("stage", ["lambda", "lambda 10%, rampdown 90%"])
def test_after_the_last_stage_a_backfill_is_due_until_it_was_clean(store: Store, stage: str) -> None:
    store.log.add_verification("ask", sessions=10, different=0)
    store.change(stage)
    store.change("rampdown")
    store.change("live")
    assert "`mattgpt backfill ask`" in store.told()
    store.log.add_verification("ask", sessions=10, different=1)
    assert store.told() != ""
    store.log.add_verification("ask", sessions=10, different=0)
    assert store.told() == ""


def test_a_rollback_from_the_last_stage_is_enough_to_know_of_it(store: Store) -> None:
    """The flag may have come to `lambda` by hand, which no entry of the log says."""
    store.log.add_verification("ask", sessions=10, different=0)
    store.change("rampdown", before="lambda")
    assert "`mattgpt backfill ask`" in store.told()
    store.log.add_verification("ask", sessions=10, different=0)
    assert store.told() == ""


def test_a_verification_amid_the_last_stage_does_not_count_for_what_came_after_it(store: Store) -> None:
    store.change("lambda")
    store.log.add_verification("ask", sessions=10, different=0)
    store.change("rampdown")
    assert store.told() != ""


def test_domains_that_only_read_leave_nothing(store: Store) -> None:
    store.change("lambda", "stories")
    store.change("live", "stories")
    assert store.told("stories") == ""

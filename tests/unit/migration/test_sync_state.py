"""What makes the two stores of conversations unverified."""

from pathlib import Path

import pytest

from backend_clients.domains import DOMAINS
from backend_clients.flags.audit_log import Audit, FlagChange
from backend_clients.migration.backfill_log import BackfillLog
from backend_clients.migration.sync_state import sync_problem
from backend_clients.storage.files import last_damage


class Store:
    def __init__(self, folder: Path) -> None:
        self.audit = Audit(folder / "records.sqlite3")
        self.log = BackfillLog(folder / "records.sqlite3")
        self.legacy_calls: list[float] = []
        self.folder = folder

    def against(self, domain: str = "ask") -> str:
        return sync_problem(
            DOMAINS[domain],
            self.audit,
            self.log,
            lambda since: sum(at >= since for at in self.legacy_calls),
            last_damage(self.folder),
        )

    def change(self, after: str) -> None:
        with self.audit.recording(FlagChange("ask", "something", after)):
            pass


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_without_a_verification_nothing_is_known(store: Store) -> None:
    assert store.against() == "conversations were never verified"


def test_a_clean_verification_is_enough_while_both_sides_are_written(store: Store) -> None:
    store.change("legacy")
    store.change("dualwrite")
    store.legacy_calls.append(1_000.0)
    store.log.add_verification("ask", sessions=10, different=0)
    store.change("shadow")
    assert store.against() == ""


def test_differences_are_named(store: Store) -> None:
    store.log.add_verification("ask", sessions=10, different=2)
    assert store.against().endswith(" found 2 conversations that differ")


@pytest.mark.parametrize("after", ["legacy", "shadow 10%, legacy 90%"])
def test_a_change_to_legacy_since_then_undoes_it(store: Store, after: str) -> None:
    store.log.add_verification("ask", sessions=10, different=0)
    store.change(after)
    store.change("dualwrite")
    assert store.against().startswith("visitors wrote to legacy alone after the verification of ")
    store.log.add_verification("ask", sessions=10, different=0)
    assert store.against() == ""


def test_so_does_a_call_in_legacy_however_the_flag_came_there(store: Store) -> None:
    store.log.add_verification("ask", sessions=10, different=0)
    store.legacy_calls.append(9e9)
    assert store.against().startswith("visitors wrote to legacy alone after the verification of ")


def test_conversations_set_aside_since_then_undo_it(store: Store) -> None:
    store.log.add_verification("ask", sessions=10, different=0)
    aside = store.folder / "conversations.sqlite3.damaged-20200101T000000Z"
    aside.touch()
    assert store.against() == ""
    aside.rename(store.folder / "conversations.sqlite3.damaged-29990101T000000Z")
    (store.folder / "conversations.sqlite3.damaged-29990101T000000Z-wal").touch()
    assert store.against().startswith("legacy's conversations were damaged and set aside after the verification of ")


@pytest.mark.parametrize("domain", ["stories", "search", "industries"])
def test_domains_that_only_read_have_nothing_to_verify(store: Store, domain: str) -> None:
    assert store.against(domain) == ""

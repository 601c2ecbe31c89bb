"""Steps of Migration page tests: press, sign in, read messages."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from backend_clients.migration.admin_lock import AdminLock
from streamlit_app.session import maintainer
from tests.support.site.migration import TOKEN, MigrationClients, migration_clients
from tests.support.site.pages import shown, words


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(maintainer, "_LOCK", AdminLock(clock))
    return clock


@pytest.fixture
def clients(tmp_path: Path) -> MigrationClients:
    return migration_clients(tmp_path)


def button(page: AppTest, label: str) -> Any:
    return [button for button in page.button if shown(button.label) == label][-1]


def press(page: AppTest, label: str) -> AppTest:
    button(page, label).click().run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    """The page's words without their escapes."""
    return words(page).replace("\\", "").replace("\u2060", "")


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def sign_in(page: AppTest, token: str = TOKEN) -> AppTest:
    page.text_input[0].set_value(token)
    return press(page, "Sign in")

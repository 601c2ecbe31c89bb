"""Start and end of the site: ready once it is built, start-up objects frozen, clients closed at the end."""

import gc
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from streamlit_app.server.lifespan import lifespan
from streamlit_app.server.status import ROUTES
from streamlit_app.session import site
from tests.support.builders.stories import complete_story
from tests.support.site.clients import FakeClients, fake_clients

WITHIN_SECONDS = 20.0


@pytest.fixture(autouse=True)
def unfrozen() -> Iterator[None]:
    site.forget_site()
    yield
    gc.unfreeze()
    site.forget_site()


def eventually(client: TestClient, status: int) -> bool:
    deadline = time.monotonic() + WITHIN_SECONDS
    while time.monotonic() < deadline:
        if client.get("/-/ready").status_code == status:
            return True
    return False


def served(monkeypatch: pytest.MonkeyPatch, build: Callable[[], FakeClients]) -> TestClient:
    monkeypatch.setattr(site, "build_clients", build)
    return TestClient(Starlette(routes=ROUTES, lifespan=lifespan))


def test_the_site_is_ready_once_it_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    may_go_on = threading.Event()
    clients = fake_clients(complete_story())

    def build() -> FakeClients:
        may_go_on.wait(WITHIN_SECONDS)
        return clients

    with served(monkeypatch, build) as client:
        starting = client.get("/-/ready")
        assert (starting.status_code, starting.headers["Retry-After"]) == (503, "1")
        assert client.get("/-/health").status_code == 200
        assert gc.get_freeze_count() == 0
        may_go_on.set()
        assert eventually(client, 200)
        deadline = time.monotonic() + WITHIN_SECONDS
        while gc.get_freeze_count() < 10_000 and time.monotonic() < deadline:
            client.get("/-/health")
        assert gc.get_freeze_count() >= 10_000
    assert clients.closed
    assert not site.is_site_built()


def test_a_site_that_cannot_be_built_is_not_ready_until_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[int] = []

    def build() -> FakeClients:
        attempts.append(1)
        if len(attempts) == 1:
            raise ValueError("a broken story file")
        return fake_clients(complete_story())

    with served(monkeypatch, build) as client:
        deadline = time.monotonic() + WITHIN_SECONDS
        while not attempts and time.monotonic() < deadline:
            assert client.get("/-/ready").status_code == 503
        site.build_site()  # as a visitor's retry does
        assert client.get("/-/ready").status_code == 200

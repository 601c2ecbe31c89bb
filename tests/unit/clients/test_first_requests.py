"""The first requests of a start: every read operation, valid for any story, answered in-process without a record."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.bootstrap import build_clients, endpoint_of
from backend_clients.domains import DOMAINS
from backend_clients.errors import NotFound
from backend_clients.first_requests import answer_in_process, example_story, first_requests
from backend_clients.settings import Settings
from tests.support.builders.stories import complete_story


@given(st.text(max_size=600), st.sampled_from(["", "Banking"]))
def test_any_story_makes_valid_requests(title: str, industry: str) -> None:
    for domain, name, request in first_requests(complete_story(title=title, industry=industry)):
        assert isinstance(request, endpoint_of(domain, name).request_type)


def test_every_read_operation_answers_once_and_none_is_recorded(tmp_path: Path) -> None:
    clients = build_clients(Settings(data_dir=tmp_path, flags_file=tmp_path / "none.yaml"))
    try:
        requested = {(domain.value, name) for domain, name, _ in first_requests(example_story(clients.corpus.stories))}
        assert requested == {(domain, item.name) for domain in DOMAINS for item in clients.operations(domain)}
        for domain, name, request in first_requests(example_story(clients.corpus.stories)):
            legacy = {item.name: item.legacy for item in clients.operations(domain)}[name]
            assert legacy is not None
            assert legacy(request).code_version
        answer_in_process(clients.corpus.stories, clients.operations)
    finally:
        clients.close()
    with closing(sqlite3.connect(tmp_path / "migration.sqlite3")) as records:
        assert records.execute("SELECT count(*) FROM calls").fetchone() == (0,)


def test_a_side_that_fails_keeps_no_site_from_starting() -> None:
    def gone(_request: object) -> None:
        raise NotFound("no such story")

    answered: list[str] = []
    operations: dict[str, Any] = {"stories": [SimpleNamespace(name="list", legacy=gone)]}
    operations["industries"] = [
        SimpleNamespace(name="list", legacy=lambda asked: answered.append(type(asked).__name__))
    ]
    answer_in_process([complete_story()], lambda domain: operations.get(domain, []))
    assert answered == ["IndustriesRequest"]


def test_a_slow_side_does_not_delay_the_start(caplog: pytest.LogCaptureFixture) -> None:
    may_end = threading.Event()
    ended = threading.Event()
    answered: list[str] = []

    def slow(_request: object) -> None:
        may_end.wait(20)
        ended.set()

    operations: dict[str, Any] = {"stories": [SimpleNamespace(name="get", legacy=slow)]}
    operations["industries"] = [SimpleNamespace(name="list", legacy=lambda _request: answered.append("late"))]
    answer_in_process([complete_story()], lambda domain: operations.get(domain, []), within=0.01)
    assert not ended.is_set()
    assert "stories/get, industries/list" in caplog.text
    may_end.set()
    for thread in threading.enumerate():
        if thread.name == "first-requests":
            thread.join(20)
    assert ended.is_set()
    assert answered == []

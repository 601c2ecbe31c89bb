"""The running stack is found by its port, by the data folder, or at the usual port."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from backend_clients.settings import Settings
from operations.stack import local_stack
from operations.stack.local_stack import forget_stack, note_stack, running_stack
from tests.support.servers.json_server import JsonServer, Reply

ANSWER = {"aws_endpoint": "", "dynamodb_endpoint": "", "region": "x", "stacks": {}}


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    """Two running stacks; the second is at the usual port."""
    with ExitStack() as stack:
        servers = [stack.enter_context(JsonServer(lambda _: Reply(body=ANSWER))) for _ in range(2)]
        one, usual = (int(server.url.rpartition(":")[2]) for server in servers)
        monkeypatch.setattr(local_stack, "DEFAULT_PORT", usual)
        yield one, usual


def found(settings: Settings, port: int | None = None) -> int:
    stack = running_stack(settings, port)
    return int(stack.url.rpartition(":")[2]) if stack else 0


def test_the_data_folder_names_the_port_of_its_stack(tmp_path: Path, ports: tuple[int, int]) -> None:
    one, usual = ports
    mine, other = Settings(data_dir=tmp_path), Settings(data_dir=tmp_path / "other")
    note_stack(mine, one)
    assert (found(mine), found(other), found(mine, usual)) == (one, usual, usual)
    forget_stack(mine, usual)  # another stack ended
    assert found(mine) == one
    forget_stack(mine, one)
    assert found(mine) == usual


@pytest.mark.parametrize("note", ["{", "[]", '{"port": "x"}', '{"port": 1}'])
def test_a_note_that_leads_nowhere_is_passed_over(tmp_path: Path, ports: tuple[int, int], note: str) -> None:
    (tmp_path / "stack.json").write_text(note)
    assert found(Settings(data_dir=tmp_path)) == ports[1]

"""What the tests of commands share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lambdas.local.launcher import Cloud, running_cloud
from tests.support.command import KEY, maintainer, story_file
from tests.support.servers.altering_proxy import AlteringProxy, altering_proxy


@pytest.fixture(scope="session")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A story file of eight rows."""
    return story_file(tmp_path_factory.mktemp("mine") / "mine.jsonl", 8)


@pytest.fixture(scope="session")
def cloud(mine: Path) -> Iterator[Cloud]:
    """A stack that serves the file `mine`, under the key `KEY`. Tests that load another file start their own."""
    with running_cloud(env={"API_KEY": KEY}, options=["--concurrency", "2"]) as running:
        loaded = maintainer(mine.parent).types("ingest", mine, "--api-port", running.url.rpartition(":")[2])
        assert loaded.exit_code == 0, loaded.output
        yield running


@pytest.fixture
def proxy(cloud: Cloud) -> Iterator[AlteringProxy]:
    """The stack behind a proxy that can alter its answers; a new one alters nothing."""
    with altering_proxy(cloud.url) as started:
        yield started

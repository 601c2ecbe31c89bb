"""Whatever a visitor clicks on Explore, and in whatever order: URL, widgets and result agree after every step."""

import os
import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser

from backend_clients.bootstrap import Clients, build_clients
from backend_clients.settings import Settings
from tests.support.sampling import FULL
from tests.support.site.browser import WIDE, browser, clean_page
from tests.support.site.random_walk import RandomWalk
from tests.support.site.walk import Walk
from tests.support.stacks.site import SiteStack, running_stack

__all__ = ["browser"]

SEEDS: Final = range(int(os.environ.get("WALK_SEEDS", "10" if FULL else "1")))
STEPS: Final = int(os.environ.get("WALK_STEPS", "300" if FULL else "15"))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteStack]:
    with running_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    """Legacy in this process, over the sample."""
    folder: Path = tmp_path_factory.mktemp("oracle")
    with closing(build_clients(Settings(data_dir=folder, flags_file=folder / "none.yaml"))) as clients:
        yield clients


@pytest.mark.timeout(120 + 8 * STEPS)
@pytest.mark.parametrize("side", ["legacy", "lambda"])
@pytest.mark.parametrize("seed", SEEDS)
def test_url_widgets_and_result_agree_after_every_step(
    browser: Browser, stack: SiteStack, oracle: Clients, side: str, seed: int
) -> None:
    stack.put(side)
    with (
        browser.new_context(base_url=stack.address, viewport=WIDE) as context,
        clean_page(context, stack.address) as page,
    ):
        RandomWalk(Walk(page), oracle, random.Random(seed)).run(STEPS)

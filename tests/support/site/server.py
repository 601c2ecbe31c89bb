"""Runs the site in a process, and a browser."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.site.chromium import HOW_TO, find_chromium

ROOT = Path(__file__).resolve().parents[3]
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def running_site(
    data_dir: Path, *, flags: str = "flags: {}\n", ready: str = "/-/ready", **settings: str
) -> Iterator[str]:
    """Serve the site and yield its URL when it answers at `ready`. `flags.yaml` in its data folder holds `flags`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    flags_file = data_dir / "flags.yaml"
    flags_file.write_text(flags, encoding="utf-8")
    own = {"DATA_DIR": str(data_dir), "FLAGS_FILE": str(flags_file), "STORIES_API_URL": "", **settings}
    command = [Path(sys.executable).parent / "streamlit", "run", "streamlit_app/app.py"]
    options = ["--server.address", "127.0.0.1", "--server.port", str(port)]
    environment = {**os.environ, **own}
    log = (data_dir / "site.log").open("w")
    with log, subprocess.Popen([*command, *options], cwd=ROOT, env=environment, stdout=log, stderr=log) as site:
        try:
            _wait_until_answered(f"http://127.0.0.1:{port}{ready}")
            yield f"http://127.0.0.1:{port}"
        finally:
            site.terminate()


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Start Chromium; without one the test is skipped, and fails in CI."""
    installed = find_chromium()
    if installed is None:
        without = pytest.fail if os.environ.get("CI") else pytest.skip
        without(f"no Chromium is installed; to have it: {HOW_TO}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=_FLAGS)
        yield browser
        browser.close()


def settle(page: Page) -> None:
    """Wait until the script has finished and nothing on the page is stale or loading."""
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(timeout=45_000)
    page.locator("hr").last.wait_for(timeout=45_000)
    unfinished = page.locator('[data-stale="true"], [data-testid^="stSkeleton"]')
    expect(unfinished).to_have_count(0, timeout=45_000)


def _wait_until_answered(url: str, within: float = 100.0) -> None:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            with urlopen(url, timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(f"the site did not answer at {url}")

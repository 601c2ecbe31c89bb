"""Take the pictures of the site that the documentation shows: `python docs/screenshots.py`."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.site.migration import migration_clients, seed_every_domain  # noqa: E402  found by the line above
from tests.support.site.server import settle  # noqa: E402

IMAGES: Final = ROOT / "docs" / "img"
STORY: Final = "emptying-the-swift-repair-queue-before-euro-cutoff%7Chalvern-national-bank"
SIZE: Final = (1280, 960)
PICTURES: Final = {
    "home-light": "/",
    "explore-light": "/explore?q=payments",
    "ask-light": "/ask?q=How+was+the+SWIFT+repair+queue+emptied%3F",
    "industry-light": "/industry",
    "story-light": f"/story?id={STORY}&q=payments&pos=2",
}


def main() -> None:
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]}, color_scheme="light")
        with tempfile.TemporaryDirectory() as data_dir, running_site(data_dir) as address:
            for name, path in PICTURES.items():
                take(page, address + path, IMAGES / f"{name}.png")
        take_migration(page)
        browser.close()


def take_migration(page: Page) -> None:
    """The Migration page with the records of a migration under way."""
    with tempfile.TemporaryDirectory() as data_dir:
        seed_every_domain(migration_clients(Path(data_dir)))
        urls = {f"{domain}_API_URL": "http://localhost:3000" for domain in ("STORIES", "SEARCH", "ASK", "INDUSTRIES")}
        settings = {"FLAGS_FILE": f"{data_dir}/flags.yaml", "SHOW_MAINTAINER": "1", **urls}
        with running_site(data_dir, **settings) as address:
            take(page, f"{address}/migration?domain=search", IMAGES / "migration-light.png")


def take(page: Page, address: str, picture: Path) -> None:
    page.goto(address)
    settle(page)
    if "/ask?q=" in address:
        page.get_by_test_id("stChatInputTextArea").press("Enter")
        page.get_by_text("Helpful?").wait_for()
        settle(page)
    page.wait_for_timeout(500)  # fonts, icons and charts settle
    page.screenshot(path=picture)


@contextmanager
def running_site(data_dir: str, **settings: str) -> Iterator[str]:
    """The site with its shipped sample on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    streamlit = str(Path(sys.executable).parent / "streamlit")
    command = [streamlit, "run", "streamlit_app/app.py", "--server.address", "127.0.0.1", "--server.port", str(port)]
    environment = {**os.environ, "DATA_DIR": data_dir, **settings}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as site:
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            site.terminate()


def wait_until_healthy(address: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urlopen(f"{address}/_stcore/health", timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(f"the site did not come up at {address}")


if __name__ == "__main__":
    main()

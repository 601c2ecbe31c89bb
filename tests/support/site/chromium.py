"""Chromium for the browser tests, and what a run leaves out without it.

`python -m tests.support.site.chromium` says so before a run; in CI it fails.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

TESTS: Final = Path(__file__).resolve().parents[2]
HOW_TO: Final = "apt-get install chromium, or .venv/bin/playwright install --with-deps chromium for the pinned one"


def find_chromium() -> Path | None:
    """The system's Chromium, or else the one that Playwright's release is pinned to, if it is installed."""
    if installed := shutil.which("chromium"):
        return Path(installed)
    with sync_playwright() as playwright:
        pinned = Path(playwright.chromium.executable_path)
    return pinned if pinned.exists() else None


def files_left_out() -> list[str]:
    """The test files that need a browser, as paths in `tests`."""
    using = (file for file in sorted(TESTS.rglob("test_*.py")) if "running_browser" in _code_with_fixtures(file))
    return [str(file.relative_to(TESTS)) for file in using]


def report(chromium: Path | None, *, in_ci: bool) -> tuple[str, int]:
    """What to say before a run, and the exit code: 1 where CI has no browser."""
    if chromium:
        return f"The browser tests use {chromium}.", 0
    left_out = "\n".join(f"  tests/{name}" for name in files_left_out())
    said = "needs them" if in_ci else "leaves them out"
    return f"Chromium is not installed. This run {said}, whole or in part:\n{left_out}\nTo have it: {HOW_TO}", int(
        in_ci
    )


def _code_with_fixtures(file: Path) -> str:
    """A test file's code; that of its browser fixture stands for the import of it."""
    return file.read_text("utf-8").replace("tests.support.site.browser import", "running_browser")


if __name__ == "__main__":
    message, code = report(find_chromium(), in_ci=bool(os.environ.get("CI")))
    print(message)
    sys.exit(code)

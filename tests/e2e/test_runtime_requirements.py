"""The site needs nothing but what `requirements.txt` lists, as Streamlit Community Cloud installs it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.builders.installed import installed_with

ROOT = Path(__file__).resolve().parents[2]

# Refuses to import the packages named on the command line, then opens every page of the site.
VISIT = """
import sys

class Refuse:
    names = set(sys.argv[1].split(","))

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Refuse())
from streamlit.testing.v1 import AppTest
import streamlit_app.app
from streamlit_app.routes import Route

for route in Route:
    page = AppTest.from_file("streamlit_app/main.py", default_timeout=90)
    if route is not Route.HOME:
        page.switch_page(route)
    page.run()
    assert not page.exception, (route, page.exception)
    assert page.main.children, route
    print(route.name)
"""


def listed() -> Iterator[Requirement]:
    """What `requirements.txt` asks for."""
    for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines():
        wanted = line.partition("#")[0].strip()
        if wanted and not wanted.startswith("-"):
            yield Requirement(wanted)


def refused_packages() -> set[str]:
    """Importable names that only the development requirements bring."""
    runtime = {"mattgpt", "pip", "setuptools", *installed_with(listed())}
    return {
        package
        for package, owners in packages_distributions().items()
        if not {canonicalize_name(owner) for owner in owners} & runtime
    }


def test_every_page_opens_without_what_only_development_needs(tmp_path: Path) -> None:
    refused = refused_packages()
    assert {"aiohttp", "awslambdaric", "hypothesis", "moto", "rich", "typer"} <= refused
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    visited = subprocess.run(
        [sys.executable, "-c", VISIT, ",".join(sorted(refused))],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert visited.returncode == 0, visited.stderr[-3000:]
    assert "HOME" in visited.stdout.split()

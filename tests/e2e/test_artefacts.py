"""What `sam build` makes of every stack: it is complete, it fits into Lambda, and it serves without this project."""

import json
import os
import platform
import subprocess
import sys
import venv
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from lambdas.local.launcher import Cloud, running_cloud
from lambdas.local.stack.template import SERVERLESS, Template, read_templates
from operations.commands.parity import GENERATORS
from tests.support.builders.installed import installed_with
from tests.support.command import Maintainer, generate_fewer, maintainer, story_file

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / ".aws-sam"
STACKS = sorted(path.parent.name for path in ROOT.glob("lambdas/*/template.yaml"))
MAX_UNZIPPED_BYTES = 250 * 1024 * 1024  # Lambda's quota for a function and its layers together
KEY = "artefacts-key"

runs_here = pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64"), reason="the artefacts are for Linux on x86_64"
)


def built(stack: str) -> Template:
    path = ARTEFACTS / stack / "template.yaml"
    if not path.is_file():
        pytest.fail(f"the stack {stack!r} is not built; run `make artefacts`")
    return read_templates([path])[0]


def code_of(template: Template, function: str) -> Path:
    return template.path.parent / template.properties(function)["CodeUri"]


def layers_of(template: Template, function: str) -> list[Path]:
    references = [layer["Ref"] for layer in template.properties(function).get("Layers", [])]
    return [template.path.parent / template.properties(name)["ContentUri"] for name in references]


def sources(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.py")}


def size(folder: Path) -> int:
    with os.scandir(folder) as entries:
        return sum(size(Path(entry)) if entry.is_dir() else entry.stat().st_size for entry in entries)


@pytest.mark.parametrize("stack", STACKS)
def test_the_artefacts_hold_the_code_as_it_stands(stack: str) -> None:
    template = built(stack)
    stale = "is not what lambdas holds now; remove .aws-sam and run `make artefacts`"
    functions = template.of_type(f"{SERVERLESS}Function")
    assert functions
    for function in functions:
        assert sources(code_of(template, function) / "lambdas" / stack) == sources(ROOT / "lambdas" / stack), stale
        for layer in layers_of(template, function):
            for folder in ("contracts", "lambdas/common"):
                assert sources(layer / "python" / folder) == sources(ROOT / folder), stale


@pytest.mark.parametrize("stack", STACKS)
def test_a_function_and_its_layers_fit_into_lambda(stack: str) -> None:
    template = built(stack)
    layers = {
        layer: size(layer) for name in template.of_type(f"{SERVERLESS}Function") for layer in layers_of(template, name)
    }
    for function in template.of_type(f"{SERVERLESS}Function"):
        whole = size(code_of(template, function)) + sum(layers[layer] for layer in layers_of(template, function))
        assert whole <= MAX_UNZIPPED_BYTES, f"{function} has {whole:,} bytes"


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has Lambda's runtime interface client and nothing else, as an account has it."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, symlinks=True, with_pip=False)
    (packages,) = folder.glob("lib/python*/site-packages")
    for name in installed_with([Requirement("awslambdaric")]):
        found = distribution(name)
        for part in {file.parts[0] for file in found.files or () if file.parts[0] != ".."}:
            (packages / part).symlink_to(Path(str(found.locate_file(part))))
    python = folder / "bin" / "python"
    for package in ("pydantic", "boto3", "contracts"):
        assert subprocess.run(
            [python, "-c", f"import {package}"], cwd=folder, capture_output=True, check=False
        ).returncode
    return python


@pytest.fixture(scope="module")
def me(tmp_path_factory: pytest.TempPathFactory) -> Maintainer:
    return maintainer(tmp_path_factory.mktemp("artefacts"))


@pytest.fixture(scope="module")
def mine(me: Maintainer) -> Path:
    return story_file(me.folder / "mine.jsonl", 8)


@pytest.fixture(scope="module")
def cloud(bare_python: Path, me: Maintainer, mine: Path) -> Iterator[Cloud]:
    """The artefacts, served by functions that find no package but their own; stories are in their tables."""
    for stack in STACKS:
        built(stack)
    # The cloud itself needs this environment's packages. It hands its interpreter to functions, but not this variable.
    environment = {"API_KEY": KEY, "PYTHONPATH": ":".join([str(ROOT), *(item for item in sys.path if item)])}
    options = ["--artefacts", str(ARTEFACTS), "--concurrency", "2"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", str(bare_python))
        with running_cloud(env=environment, options=options) as running:
            patch.undo()
            loaded = me.types("ingest", mine, "--api-port", running.url.rpartition(":")[2])
            assert loaded.exit_code == 0, loaded.output
            yield running


@runs_here
def test_every_function_finds_its_handler_and_its_packages(cloud: Cloud) -> None:
    functions = [name for stack in cloud.stacks.values() for name in stack["functions"].values()]
    assert len(cloud.stacks) == len(STACKS)
    assert functions
    for function in functions:
        answer = cloud.invoke(function, {})
        failure = answer.get("errorType", "") if isinstance(answer, dict) else ""
        assert not failure.startswith(("Runtime.", "ImportError", "ModuleNotFoundError")), answer


@runs_here
def test_every_domain_answers_as_legacy_does(
    cloud: Cloud, me: Maintainer, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate_fewer(monkeypatch)
    assert set(GENERATORS) <= {*STACKS}
    run = ("parity", "run", "--stories", mine, "--api-port", cloud.url.rpartition(":")[2], "--domain")
    result = me.types(*run, "all", "--json", API_KEY=KEY)
    assert result.exit_code == 0, result.output + "\n".join(cloud.lines)
    assert "starting one" not in result.stderr
    found = json.loads(result.stdout.splitlines()[-1])
    assert [item["domain"] for item in found] == list(GENERATORS)
    assert all(item["matched"] > 5 for item in found)

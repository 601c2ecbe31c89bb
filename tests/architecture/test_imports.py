"""Who may import whom: import-linter's contracts, and the rules that it cannot express."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_clients.domains import DOMAINS

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("contracts", "streamlit_app", "backend_clients", "lambdas", "operations")
LINT = """
import sys
directory, installed = sys.argv[1:]
sys.path[:] = [directory, *(path for path in sys.path if path != installed and "__editable__" not in path)]
from importlinter.cli import lint_imports
raise SystemExit(lint_imports(no_cache=True))
"""


def lint(directory: Path) -> tuple[int, str]:
    """Lint the packages of a directory, and none that is installed elsewhere; the exit code and the report."""
    command = [sys.executable, "-I", "-c", LINT, str(directory), str(ROOT)]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def modules(package: str, but: str = "") -> Iterator[tuple[str, ast.Module]]:
    """Every module of a package by its dotted name, except those whose name starts with `but`."""
    for path in sorted((ROOT / package).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if not (but and name.startswith(but)):
            yield name, ast.parse(path.read_text("utf-8"))


def imports(tree: ast.Module) -> set[str]:
    """Absolute names of what a module imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide who imports whom"
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def client_domains() -> list[str]:
    return sorted(path.parent.name for path in (ROOT / "backend_clients").glob("*/legacy.py"))


def lambda_domains() -> list[str]:
    return sorted(path.parent.name for path in (ROOT / "lambdas").glob("*/template.yaml"))


def test_every_import_contract_is_kept() -> None:
    code, report = lint(ROOT)
    assert code == 0, report
    assert " 0 broken" in report


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("contracts/story.py", "import backend_clients.errors", "Contracts know nothing of the project"),
        ("streamlit_app/session/site.py", "import backend_clients.http.session", "Pages know the typed clients alone"),
        (
            "streamlit_app/session/site.py",
            "import backend_clients.stories.legacy",
            "Pages know the typed clients alone",
        ),
        (
            "streamlit_app/migration/page.py",
            "import backend_clients.migration.gate.policy",
            "Pages know migration by its service",
        ),
        ("streamlit_app/story/page.py", "import streamlit_app.explore.results", "Pages are independent of each other"),
        ("streamlit_app/shared/links.py", "import streamlit_app.ask.flow", "Pages are independent of each other"),
        ("streamlit_app/session/site.py", "import streamlit_app.shared.links", "Pages are independent of each other"),
        (
            "backend_clients/stories/client.py",
            "import lambdas.stories.service",
            "The site never reaches the Lambda",
        ),
        ("backend_clients/http/session.py", "import streamlit", "Clients know no user interface"),
        ("lambdas/stories/service.py", "import backend_clients.errors", "Lambda functions know no site"),
        (
            "backend_clients/routing/read_router.py",
            "import backend_clients.stories.legacy",
            "Only the bootstrap wires",
        ),
        ("lambdas/stories/store.py", "import lambdas.stories.service", "Inside the stories functions"),
        ("backend_clients/stages.py", "import backend_clients.routing.shadow", "Layers of the clients"),
        ("backend_clients/migration/service.py", "import contracts.search", "The machinery of a migration"),
        ("operations/shared/console.py", "import operations.stack.processes", "Layers of the maintainer"),
        ("lambdas/local/stack/resources.py", "import lambdas.local.cloud", "Layers of the local cloud"),
        ("lambdas/search/service.py", "import lambdas.search.ingest.job", "Functions never load"),
    ],
)
def test_a_forbidden_import_breaks_its_contract(tmp_path: Path, module: str, line: str, broken: str) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=lambda folder, names: not_code(Path(folder), names))
    changed = tmp_path / module
    changed.write_text(f"{changed.read_text('utf-8')}\n{line}\n", "utf-8")
    code, report = lint(tmp_path)
    assert code != 0, report
    assert [part for part in verdicts(report) if broken in part and part.endswith("BROKEN")], report


def not_code(folder: Path, names: list[str]) -> list[str]:
    return [name for name in names if (folder / name).is_file() and not name.endswith(".py")]


def verdicts(report: str) -> list[str]:
    """The report, whose lines are wrapped, cut after each contract's verdict."""
    return re.split(r"(?<=BROKEN)|(?<=KEPT)", " ".join(report.split()))


def test_the_site_loads_no_lambda_code_and_no_local_cloud_in_a_fresh_interpreter() -> None:
    code = "import sys, backend_clients.bootstrap; print(*sorted(sys.modules), sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.splitlines()}
    assert "backend_clients" in loaded
    assert loaded & {"lambdas", "operations", "streamlit", "moto", "aiohttp", "awslambdaric", "boto3"} == set()


def test_contracts_depend_on_pydantic_alone() -> None:
    allowed = sys.stdlib_module_names | {"contracts", "pydantic"}
    for name, tree in modules("contracts"):
        assert {module.split(".")[0] for module in imports(tree)} <= allowed, name


def test_only_the_bootstrap_imports_a_legacy_side() -> None:
    importers = {
        name
        for package in ("backend_clients", "streamlit_app")
        for name, tree in modules(package)
        for imported in imports(tree)
        for domain in client_domains()
        if within(imported, f"backend_clients.{domain}.legacy") and not within(name, f"backend_clients.{domain}.legacy")
    }
    assert importers == {"backend_clients.bootstrap"}


def test_pages_know_no_side_no_router_and_no_http() -> None:
    hidden = [
        *(f"backend_clients.{part}" for part in ("routing", "http", "corpus")),
        *(f"backend_clients.{domain}.{side}" for domain in client_domains() for side in ("legacy", "remote", "parity")),
    ]
    for name, tree in modules("streamlit_app"):
        assert [item for item in imports(tree) for secret in hidden if within(item, secret)] == [], name


def test_domains_of_the_clients_do_not_import_each_other() -> None:
    domains = client_domains()
    assert "stories" in domains
    for domain in domains:
        for name, tree in modules(f"backend_clients/{domain}"):
            others = [other for other in domains if other != domain]
            crossing = [item for item in imports(tree) for other in others if within(item, f"backend_clients.{other}")]
            assert crossing == [], name


def test_lambda_domains_do_not_import_each_other_nor_the_local_cloud() -> None:
    domains = lambda_domains()
    assert "stories" in domains
    for domain in domains:
        for name, tree in modules(f"lambdas/{domain}"):
            others = ["local", *(other for other in domains if other != domain)]
            crossing = [item for item in imports(tree) for other in others if within(item, f"lambdas.{other}")]
            assert crossing == [], name


def domains_named(tree: ast.Module) -> list[str]:
    """Domains that code names: as text, or as a member of the enumeration."""
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    members = [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Domain"
    ]
    return [text for text in texts if text in DOMAINS] + members


def test_a_domain_that_is_named_is_found() -> None:
    assert domains_named(ast.parse("stage('ask', Domain.SEARCH)")) == ["ask", "SEARCH"]


@pytest.mark.parametrize("package", ["routing", "flags", "records", "migration"])
def test_the_machinery_of_a_migration_names_no_domain(package: str) -> None:
    found = modules(f"backend_clients/{package}", but="backend_clients.migration.conversations")
    assert {name: named for name, tree in found if (named := domains_named(tree))} == {}


@pytest.mark.parametrize("package", ["contracts", "backend_clients", "streamlit_app"])
def test_the_environment_is_read_by_the_settings_alone(package: str) -> None:
    for name, tree in modules(package, but="backend_clients.settings"):
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} | imports(tree)
        assert names & {"environ", "getenv", "environb", "os.environ", "os.getenv", "pydantic_settings"} == set(), name

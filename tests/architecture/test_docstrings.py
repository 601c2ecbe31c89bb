"""Exceptions named under `Raises` exist, so that a rename leaves no docstring behind."""

import ast
import builtins
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("backend_clients", "bench", "contracts", "docs", "lambdas", "operations", "streamlit_app")
NAMES = re.compile(r"[\w.]+(, [\w.]+)*")
HEADING = "Raises\n------\n"


def parsed() -> list[tuple[Path, ast.Module]]:
    paths = (path for folder in PRODUCT for path in sorted((ROOT / folder).rglob("*.py")))
    return [(path, ast.parse(path.read_text())) for path in paths]


def raised(docstring: str) -> list[str]:
    """The names under `Raises`: the lines that are not indented, up to the next blank line."""
    _, found, section = docstring.partition(HEADING)
    lines = section.split("\n\n")[0].splitlines() if found else []
    return [name for line in lines if NAMES.fullmatch(line) for name in line.split(", ")]


def documented(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from raised(ast.get_docstring(node) or "")


def known(module: ast.Module) -> Iterator[str]:
    """The classes that a module defines, imports or names as an attribute."""
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            yield node.name
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.Attribute):
            yield node.attr


def test_the_names_under_raises_are_read() -> None:
    assert raised("Do it.\n\nRaises\n------\nA, b.C\nValueError\n    Too late.\n\nMore") == ["A", "b.C", "ValueError"]
    assert raised("Do it.") == []


def test_every_exception_named_under_raises_exists() -> None:
    modules = parsed()
    exceptions = {*dir(builtins), *(name for _, module in modules for name in known(module))}
    named = [(str(path.relative_to(ROOT)), name) for path, module in modules for name in documented(module)]
    assert len(named) > 100
    assert [(path, name) for path, name in named if name.rpartition(".")[2] not in exceptions] == []

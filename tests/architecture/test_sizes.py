"""Limits of size that keep the code walkable: modules of a folder, lines of a module, lines of a function."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("backend_clients", "bench", "contracts", "docs", "lambdas", "operations", "streamlit_app")
MODULES_A_FOLDER = 14
LINES_A_MODULE = 250
LINES_A_FUNCTION = 40  # without its docstring


def modules() -> list[Path]:
    return [path for folder in PRODUCT for path in sorted((ROOT / folder).rglob("*.py"))]


def long_functions(code: str) -> Iterator[str]:
    """Functions of `code` with more than `LINES_A_FUNCTION` lines, docstrings aside."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node, clean=False)
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if docstring is not None:
                lines -= docstring.count("\n") + 1
            if lines > LINES_A_FUNCTION:
                yield f"{node.name}: {lines} lines"


def test_no_folder_holds_more_modules_than_a_reader_remembers() -> None:
    assert len(modules()) > 200
    counts = Counter(path.parent for path in modules() if path.name != "__init__.py")
    assert {str(folder): count for folder, count in counts.items() if count > MODULES_A_FOLDER} == {}


@pytest.mark.parametrize("folder", PRODUCT)
def test_modules_and_functions_keep_to_their_length(folder: str) -> None:
    found: list[str] = []
    for path in modules():
        if path.relative_to(ROOT).parts[0] == folder:
            code = path.read_text("utf-8")
            found += [f"{path.name}, {function}" for function in long_functions(code)]
            if code.count("\n") > LINES_A_MODULE:
                found.append(f"{path.name}: {code.count(chr(10))} lines")
    assert found == []


def test_a_long_function_is_found() -> None:
    body = "\n".join(f"    a = {n}" for n in range(LINES_A_FUNCTION))
    assert list(long_functions(f"def f():\n{body}\n")) == ["f: 41 lines"]
    assert list(long_functions(f'def f():\n    """One.\n\n    Two.\n    """\n{body[10:]}\n')) == []

"""Finds the parts of a domain's legacy side in the source tree, by reading the code."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from backend_clients.domains import DOMAINS, DomainSpec
from backend_clients.flags.text_edits import flag_lines
from backend_clients.migration.retirement.source_tree import LineEdit, Module, modules_under, served_only

_PRODUCTION: Final = ("contracts", "backend_clients", "streamlit_app", "operations")
_OBSERVERS: Final = ("tests", "bench")
_WIRING: Final = "backend_clients.bootstrap"
_PARITY_TESTS: Final = "tests/parity"


@dataclass(frozen=True, slots=True)
class Deletion:
    """A file to delete, or its lines `first` to `last` (counted from 1) to delete or to replace by `instead`."""

    path: str
    first: int = 0
    last: int = 0
    instead: str = ""

    def __str__(self) -> str:
        if not self.first:
            return f"{self.path}: delete the file"
        lines = f"line {self.first}" if self.first == self.last else f"lines {self.first} to {self.last}"
        return f"{self.path}, {lines}: {f'write `{self.instead.strip()}`' if self.instead else 'delete'}"


@dataclass(frozen=True, slots=True)
class LegacyParts:
    """The deletions, and the lines to edit by hand."""

    deletions: tuple[Deletion, ...]
    by_hand: tuple[str, ...]


def legacy_parts(root: Path, flags_file: Path, domain: DomainSpec) -> LegacyParts:
    """Find the parts of `domain`: its legacy side, modules used only by it, its wiring, its flag, its tests.

    Raises
    ------
    NotEditable
        The flag has no lines of its own.
    """
    parts = _code_parts(root, domain)
    first, last = flag_lines(flags_file.read_text("utf-8"), domain.name)
    inside = flags_file.is_relative_to(root)
    flag = Deletion(str(flags_file.relative_to(root) if inside else flags_file), first, last)
    found = sorted([*parts.deletions, flag], key=lambda item: (item.path, item.first))
    return LegacyParts(tuple(found), parts.by_hand)


@cache
def _code_parts(root: Path, domain: DomainSpec) -> LegacyParts:
    """The parts in Python. Cached, since the code does not change while the process runs."""
    production = modules_under(root, _PRODUCTION)
    gone = served_only(domain.legacy_module, production)
    found = [Deletion(production[name].path) for name in gone]
    edits, by_hand = _unwired(production[_WIRING], gone, domain)
    found += _of(production[_WIRING], edits)
    for module in modules_under(root, _OBSERVERS).values():
        if module.path.startswith(_PARITY_TESTS):
            found += _parity_tests(module, domain.name)
        elif any(module.imports(name) for name in gone):
            if module.path.startswith("tests/") and not _serves_others(module, domain):
                found.append(Deletion(module.path))
            else:
                by_hand += _using(module, gone)
    return LegacyParts(tuple(found), tuple(by_hand))


def _unwired(wiring: Module, gone: list[str], domain: DomainSpec) -> tuple[list[LineEdit], list[str]]:
    """Edits that replace the legacy side in the bootstrap by None, and other lines that use it."""
    made = {local for target, (_, local) in wiring.imported.items() if target.rpartition(".")[0] in gone}
    found = [node for node in ast.walk(wiring.tree) if isinstance(node, ast.Call) and _called(node) in made]
    inner = {id(node) for call in found for node in ast.walk(call) if node is not call}
    calls = [call for call in found if id(call) not in inner]
    edits = [_with_none(wiring, call) for call in calls] + wiring.dead_imports(calls)
    holders = {
        target.id
        for node in ast.walk(wiring.tree)
        if isinstance(node, ast.Assign) and node.value in calls
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return edits, list(_other_uses(wiring, holders, domain.client_class))


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _with_none(module: Module, call: ast.Call) -> LineEdit:
    first, last = call.lineno, call.end_lineno or call.lineno
    lines = [line.encode() for line in module.text.splitlines()[first - 1 : last]]
    before, after = lines[0][: call.col_offset], lines[-1][call.end_col_offset or 0 :]
    return first, last, (before + b"None" + after).decode()


def _other_uses(module: Module, holders: set[str], client: str) -> Iterator[str]:
    """Yield uses of variables that become None, other than as an argument of the domain's client."""
    fine = {
        id(argument)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and _called(node) == client
        for argument in node.args
    }
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Name)
            and node.id in holders
            and isinstance(node.ctx, ast.Load)
            and id(node) not in fine
        ):
            yield f"{module.path}, line {node.lineno}: uses {node.id}, which is None then"


def _parity_tests(module: Module, domain: str) -> list[Deletion]:
    """The whole file if it compares only this domain, else its tests of the domain and the imports only they use."""
    compared = _domains_in(module.tree)
    if domain not in compared:
        return []
    if compared == {domain}:
        return [Deletion(module.path)]
    tests = [node for node in module.tree.body if isinstance(node, ast.FunctionDef) and domain in _domains_in(node)]
    return _of(module, [*map(_with_blank_lines, tests), *module.dead_imports(tests)])


def _domains_in(tree: ast.AST) -> set[str]:
    values = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return values & set(DOMAINS)


def _with_blank_lines(function: ast.FunctionDef) -> LineEdit:
    first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
    return first - 2, function.end_lineno or function.lineno, ""


def _serves_others(module: Module, domain: DomainSpec) -> bool:
    return any(module.imports(other.legacy_module) for other in DOMAINS.values() if other != domain)


def _using(module: Module, gone: list[str]) -> list[str]:
    found = ((target, line) for target, (line, _) in module.imported.items() if target.rpartition(".")[0] in gone)
    return [f"{module.path}, line {line}: imports {target}" for target, line in found]


def _of(module: Module, edits: Iterable[LineEdit]) -> list[Deletion]:
    return [Deletion(module.path, first, last, instead) for first, last, instead in edits]

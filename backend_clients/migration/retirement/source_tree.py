"""The import graph of a source tree, and the edits that remove a piece of code with its imports."""

import ast
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

LineEdit = tuple[int, int, str]  # first line, last line, what to write instead


@dataclass(frozen=True)
class Module:
    """A file of the tree; `path` is relative to its root."""

    name: str
    path: str
    text: str

    @classmethod
    def read(cls, root: Path, path: Path) -> Self:
        relative = path.relative_to(root)
        name = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
        return cls(name, str(relative), path.read_text("utf-8"))

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def imported(self) -> Mapping[str, tuple[int, str]]:
        """Its imports by dotted name: line number and local name."""
        found = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                package = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
                for alias in node.names:
                    found[package + alias.name] = (node.lineno, alias.asname or alias.name)
        return found

    def imports(self, module: str) -> bool:
        """Whether it imports a module or a name from it; parses the file only if its text contains the name."""
        package, _, last = module.rpartition(".")
        if package not in self.text or last not in self.text:
            return False
        return any(target == module or target.startswith(f"{module}.") for target in self.imported)

    def dead_imports(self, nodes: Sequence[ast.AST]) -> list[LineEdit]:
        """Edits that remove imports used only by these nodes."""
        gone = {id(child) for node in nodes for child in ast.walk(node)}
        names = [node for node in ast.walk(self.tree) if isinstance(node, ast.Name)]
        dead = {node.id for node in names if id(node) in gone} - {node.id for node in names if id(node) not in gone}
        edits = []
        for node in self.tree.body:
            kept = [alias for alias in node.names if alias.name not in dead] if isinstance(node, ast.ImportFrom) else []
            if isinstance(node, ast.ImportFrom) and len(kept) < len(node.names):
                instead = ast.unparse(ast.ImportFrom(node.module, kept, 0)) if kept else ""
                edits.append((node.lineno, node.end_lineno or node.lineno, instead))
        return edits


def modules_under(root: Path, folders: Sequence[str]) -> dict[str, Module]:
    """The modules of some folders by dotted name."""
    paths = (path for folder in folders for path in sorted((root / folder).rglob("*.py")))
    return {module.name: module for module in (Module.read(root, path) for path in paths)}


def served_only(start: str, modules: Mapping[str, Module]) -> list[str]:
    """A module and its transitive dependencies that no other module imports."""
    importers = defaultdict(set)
    for user, module in modules.items():
        for target in module.imported:
            importers[target if target in modules else target.rpartition(".")[0]].add(user)
    gone = [start]
    for name in gone:  # grows during the loop
        served = (other for other in modules if name in importers[other] and importers[other] <= set(gone))
        gone += [other for other in served if other not in gone]
    return gone

"""Writes docs/settings.md from the settings models: `python docs/settings.py`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

# ruff: noqa: E402
from backend_clients.settings import Settings
from lambdas.ask.settings import ConversationSettings, ExportSettings, SearchApiSettings, StoriesApiSettings
from lambdas.industries.settings import IndustriesSettings
from lambdas.search.settings import SearchSettings
from lambdas.stories.settings import StoriesSettings

TARGET: Final = ROOT / "docs" / "settings.md"
SECTIONS: Final[dict[str, tuple[type[BaseSettings], ...]]] = {
    "The site and the `mattgpt` command": (Settings,),
    "Stories functions": (StoriesSettings,),
    "Search functions": (SearchSettings,),
    "Ask functions": (ConversationSettings, ExportSettings, SearchApiSettings, StoriesApiSettings),
    "Industries functions": (IndustriesSettings,),
}
HEAD: Final = """# Settings

Every setting is an environment variable. The site reads its own through `backend_clients/settings.py`; functions get
theirs from their template. Times are in seconds. `python docs/settings.py` generates this page; a test checks that it
is current.
"""


def reference() -> str:
    """The whole page."""
    return HEAD + "".join(f"\n## {title}\n\n" + _table(models) for title, models in SECTIONS.items())


def _table(models: tuple[type[BaseSettings], ...]) -> str:
    rows = {name: row for model in models for name, row in _rows(model)}
    return "| variable | default | meaning |\n|---|---|---|\n" + "".join(f"{row}\n" for row in rows.values())


def _rows(model: type[BaseSettings]) -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        if not field.description:
            raise SystemExit(f"{model.__module__}.{model.__name__}.{name} has no description")
        yield name, f"| `{name.upper()}` | {_default(field)} | {field.description} |"


def _default(field: FieldInfo) -> str:
    value: Any = field.get_default(call_default_factory=True) if not field.is_required() else None
    if field.is_required():
        return "required"
    if isinstance(value, SecretStr) or value in ("", None) or value == frozenset():
        return ""
    if isinstance(value, Path):
        value = value.relative_to(ROOT) if value.is_relative_to(ROOT) else f"a temporary folder `{value.name}`"
        return str(value) if str(value).startswith("a temporary") else f"`{value}`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    TARGET.write_text(reference(), "utf-8")

"""Options that several commands share, and the settings built from them."""

import os
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from backend_clients.domains import Domain
from backend_clients.settings import Settings
from backend_clients.storage.files import make_private_folder
from operations.shared.console import fail

StoriesOption = Annotated[
    Path | None,
    typer.Option(
        "--stories", help="Story file (JSON Lines), instead of STORIES_FILE; its data has a folder of its own."
    ),
]
ProfileOption = Annotated[
    Path | None, typer.Option("--profile", help="The owner's profile (YAML), instead of PROFILE_FILE.")
]
DomainArgument = Annotated[Domain, typer.Argument(help="The domain.")]
OptionalDomain = Annotated[Domain | None, typer.Argument(help="One domain only.")]
DomainOption = Annotated[Domain | None, typer.Option("--domain", help="One domain only.")]
DataDirOption = Annotated[Path | None, typer.Option("--data-dir", help="Data folder, instead of var/.")]
ApiPortOption = Annotated[
    int | None,
    typer.Option(
        "--api-port",
        min=1,
        max=65535,
        help="Port of the local Lambda stack; left out: that of the data folder's `mattgpt up`, or 3000.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="End the output with one line of JSON.")]


def settings_for(stories: Path | None = None, data_dir: Path | None = None, profile: Path | None = None) -> Settings:
    """Build settings from the environment and the options, which take precedence.

    A story file given as an option gets its own data folder. Paths are absolute, because the site that `mattgpt up`
    starts runs in another folder.
    """
    options = {"stories_file": stories, "data_dir": data_dir, "profile_file": profile}
    given: dict[str, Any] = {name: path for name, path in options.items() if path is not None}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        fail("\n".join(map(_error_line, error.errors())))
    settings = settings.model_copy(update={name: path.absolute() for name, path in path_settings(settings)})
    if stories is not None and data_dir is None and "DATA_DIR" not in os.environ:
        settings = settings.model_copy(update={"data_dir": settings.data_dir / _folder_of(stories)})
    return settings


def require_data_folder(settings: Settings) -> None:
    """End the command if the data folder is not writable, instead of failing at a visitor's first turn."""
    try:
        make_private_folder(settings.data_dir)
        tempfile.TemporaryFile(dir=settings.data_dir).close()
    except OSError as error:
        fail(f"{settings.data_dir}: nothing can be stored in this folder: {error.strerror}")


def _error_line(error: ErrorDetails) -> str:
    """Format a validation error as variable and message, without pydantic's prefix for validator messages."""
    return f"{'.'.join(map(str, error['loc'])).upper()}: {error['msg'].removeprefix('Value error, ')}"


def path_settings(settings: Settings) -> list[tuple[str, Path]]:
    """Every setting that is a path."""
    return [(name, value) for name, value in settings if isinstance(value, Path)]


def _folder_of(stories: Path) -> str:
    """A folder name for a story file's data, unique by the file's full path."""
    return f"stories-{stories.stem}-{sha256(bytes(stories.resolve())).hexdigest()[:8]}"

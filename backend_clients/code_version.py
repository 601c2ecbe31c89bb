"""The version of the code that legacy runs by."""

import subprocess

from backend_clients.settings import REPOSITORY, Settings


def with_code_version(settings: Settings) -> Settings:
    """The settings with a code version: the commit, with `-dirty` if files differ from it, where they have none."""
    return settings if settings.code_version else settings.model_copy(update={"code_version": _commit()})


def _commit() -> str:
    command = ["git", "-C", str(REPOSITORY), "describe", "--always", "--dirty", "--abbrev=8", "--exclude=*"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=5.0, check=True)
    except (OSError, subprocess.SubprocessError):
        return "dev"
    return found.stdout.strip() or "dev"

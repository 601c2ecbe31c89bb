"""Console output: results on standard output, everything else on standard error."""

from datetime import datetime
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import Progress, ProgressColumn

out = Console()
err = Console(stderr=True)


def progress_bar(*columns: str | ProgressColumn) -> Progress:
    """A transient progress bar; disabled if standard error is not a terminal."""
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)


def fail(message: str, code: int = 1) -> NoReturn:
    """End the command with one clear message."""
    err.print(message, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code)


def local_time(at: float) -> str:
    """Format Unix seconds as local date and time."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")

"""`mattgpt openapi`: write the OpenAPI document, and name what breaks clients of an older one."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from operations.openapi.breaking_changes import breaking_changes
from operations.openapi.document import openapi_document, openapi_text
from operations.shared.console import fail, out

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Write the OpenAPI document of the Lambda side, and compare it with an older one.",
)
TARGET = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


@app.command()
def write(path: Annotated[Path, typer.Argument(help="The file to write.", show_default=False)] = TARGET) -> None:
    """Write the document, docs/openapi.json unless another file is named."""
    path.write_text(openapi_text(), "utf-8")


@app.command()
def compare(old: Annotated[Path, typer.Argument(help="The document of an older version.")]) -> None:
    """Name each change since an older document that breaks its clients; exit 1 if there is one."""
    try:
        document: Any = json.loads(old.read_text("utf-8"))
        found = breaking_changes(document, openapi_document())
    except OSError as error:
        fail(f"{old}: {error.strerror}")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        fail(f"{old}: not an OpenAPI document ({error})")
    if found:
        fail("\n".join(found))
    out.print("no breaking change")

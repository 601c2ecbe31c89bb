"""The `mattgpt` command and its sub-commands, each imported when it is called: `--help` needs none of them."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final, NamedTuple

import typer
from typer.core import TyperGroup


class LazyCommand(NamedTuple):
    """Where a command or a group is defined, and its line in the list of commands."""

    module: str
    attribute: str
    help: str
    extensions: tuple[str, ...] = ()  # modules that add commands to the group

    def load(self, name: str) -> Any:
        """Import the command."""
        for extension in self.extensions:
            import_module(extension)
        found = getattr(import_module(self.module), self.attribute)
        if isinstance(found, typer.Typer):
            return typer.main.get_command(found)
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        single.command(name)(found)
        return typer.main.get_command(single)


COMMANDS: Final[Mapping[str, LazyCommand]] = {
    "up": LazyCommand("operations.commands.up", "up", "Serve the site and the local Lambda stack until Ctrl-C."),
    "ingest": LazyCommand(
        "operations.commands.ingest",
        "ingest_command",
        "Load validated stories into the tables; writes only changes, and resumes an interrupted run.",
    ),
    "backfill": LazyCommand(
        "operations.commands.repairs",
        "backfill_command",
        "Copy missing conversations to each side, then compare all of them; exit 1 if any differs.",
    ),
    "eval": LazyCommand(
        "operations.commands.evaluate",
        "eval_command",
        "Measure MRR@10, recall@5, recall@10 and nDCG@10 of search, and check answers by kind of question, in-process.",
    ),
    "status": LazyCommand(
        "operations.commands.status",
        "status_command",
        "Show each domain's stage, and the verdict on its next step with every figure.",
    ),
    "retire": LazyCommand(
        "operations.commands.retire",
        "retire_command",
        "List what to delete of a domain's legacy side, and delete it with --write; exit 1 if it is not time yet.",
    ),
    "repairs": LazyCommand(
        "operations.commands.repairs", "app", "List and replay writes that have not reached both sides."
    ),
    "flags": LazyCommand("operations.commands.flags", "app", "Show and change the stage of a domain."),
    "parity": LazyCommand(
        "operations.commands.parity", "app", "Compare the answers of both sides.", ("operations.commands.aa_test",)
    ),
    "openapi": LazyCommand(
        "operations.commands.openapi",
        "app",
        "Write the OpenAPI document of the Lambda side, and compare it with an older one.",
    ),
}


class LazyGroup(TyperGroup):
    """A group whose commands are placeholders until one is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0] if args else ""
        if name in COMMANDS:
            self.commands[name] = COMMANDS[name].load(name)
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Run the site, load stories, move domains from legacy to Lambda, and compare the two sides.",
)


def _placeholder() -> None:
    """Stand for a command in the list of commands."""


for _name, _command in COMMANDS.items():
    app.command(_name, help=_command.help)(_placeholder)

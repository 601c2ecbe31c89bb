"""The `mattgpt` command and its sub-commands."""

import typer

from operations.commands import aa_test, evaluate, flags, ingest, parity, repairs, status, up

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Run the site, load stories, move domains from legacy to Lambda, and compare the two sides.",
)
app.command("up")(up.up)
app.command("ingest")(ingest.ingest_command)
app.command("backfill")(repairs.backfill_command)
app.command("eval")(evaluate.eval_command)
app.command("status")(status.status_command)
app.add_typer(repairs.app, name="repairs")
app.add_typer(flags.app, name="flags")
parity.app.command("aa")(aa_test.aa_command)
app.add_typer(parity.app, name="parity")

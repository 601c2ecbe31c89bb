"""The `mattgpt` command and its sub-commands."""

import typer

from operations import conversations, evaluation, flags, ingest, parity, prose_noise, status, up

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Run the site, load stories, move domains from legacy to Lambda, and compare the two sides.",
)
app.command("up")(up.up)
app.command("ingest")(ingest.ingest_command)
app.command("backfill")(conversations.backfill_command)
app.command("eval")(evaluation.eval_command)
app.command("status")(status.status_command)
app.add_typer(conversations.app, name="repairs")
app.add_typer(flags.app, name="flags")
parity.app.command("aa")(prose_noise.aa_command)
app.add_typer(parity.app, name="parity")

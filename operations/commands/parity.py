"""`mattgpt parity`: compare the answers of both sides."""

import json
import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table
from typer.core import TyperCommand

from backend_clients.corpus.corpus import Corpus
from backend_clients.domains import DOMAINS, Domain
from backend_clients.migration.mismatches.allowlist import Allowlist
from backend_clients.migration.retirement.plan import with_legacy
from backend_clients.routing.read_router import Operation
from backend_clients.settings import Settings
from operations.commands.mismatches import accept_command, list_command, show_command
from operations.commands.recorded_requests import (
    KeptRequest,
    copy_conversations,
    kept_requests,
    record_command,
    replayable,
)
from operations.commands.replay import replay_command
from operations.parity.html_report import require_report_folder, write_report
from operations.parity.question_requests import ask_requests, search_requests
from operations.parity.runner import GeneratedRequest, ParityTally, compare_requests
from operations.parity.seeded_conversations import seeded_conversations
from operations.parity.story_requests import industries_requests, stories_requests
from operations.shared.console import err, fail, out, progress_bar
from operations.shared.options import ApiPortOption, DataDirOption, JsonOption, StoriesOption, settings_for
from operations.shared.record_access import allowed_of
from operations.stack.clients import StackClients, stack_clients

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Compare the answers of both sides.")
app.command("list")(list_command)
app.command("show")(show_command)
app.command("replay")(replay_command)
app.command("accept")(accept_command)
app.command("record")(record_command)

Generator = Callable[[Sequence[Operation[Any, Any]], Corpus, int], list[GeneratedRequest]]
GENERATORS: Final[dict[Domain, Generator]] = {
    Domain.STORIES: stories_requests,
    Domain.SEARCH: search_requests,
    Domain.ASK: ask_requests,
    Domain.INDUSTRIES: industries_requests,
}
_ALL: Final = "all"
_SITE: Final = "-"  # the site's own records instead of a file


class _RunCommand(TyperCommand):
    """Accepts `--from-records` without a file."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        given = [*args, "--"]
        for number, argument in enumerate(args):
            if argument == "--from-records" and given[number + 1].startswith("--"):
                args = [*args[: number + 1], _SITE, *args[number + 1 :]]
        return list(super().parse_args(ctx, args))


@app.callback()
def _parity() -> None:
    """Compare the answers of both sides."""


@app.command(cls=_RunCommand)
def run(  # noqa: PLR0913, PLR0917  each is an option of the command
    domain: Annotated[str, typer.Option("--domain", help="A domain, or `all`.")] = _ALL,
    generate: Annotated[int, typer.Option("--generate", min=0, help="Minimum number of requests per domain.")] = 0,
    from_records: Annotated[
        str | None,
        typer.Option(
            "--from-records", metavar="[FILE]", help="Replay visitors' requests, from a file or the site's records."
        ),
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write an HTML report to this file.")] = None,
    as_json: JsonOption = False,
    api_port: ApiPortOption = None,
    stories: StoriesOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Compare both sides on requests derived from the corpus; exit 1 on any error or mismatch that is not accepted.

    Uses the stack at --api-port if it serves the same corpus; otherwise starts one for this run.
    """
    if domain not in (_ALL, *DOMAINS):
        fail(f"--domain: there is no domain {domain!r}; it is one of {_ALL}, {', '.join(DOMAINS)}")
    names = [name for name in with_legacy() if domain in (_ALL, name)]
    if not names:
        fail(f"--domain: the migration of {domain} is finished; it has no legacy side to compare with")
    if html:
        require_report_folder(html)
    settings = settings_for(stories, data_dir)
    allowed = allowed_of(settings)
    kept = None if from_records is None else _recorded(settings, from_records, domain)
    with stack_clients(settings, api_port) as both:
        tallies = [_run(both, name, kept, generate, allowed) for name in names]
    if kept and not any(tally.outcomes for tally in tallies):
        fail("--from-records: none of the requests can be replayed any more")
    _show(tallies)
    if html:
        write_report(html, tallies, allowed, shlex.join(["mattgpt", *sys.argv[1:]]))
    if as_json:
        found = [tally.as_json() for tally in tallies]
        print(json.dumps(found if domain == _ALL else found[0], ensure_ascii=False))
    if not all(tally.clean for tally in tallies):
        raise typer.Exit(1)


def _recorded(settings: Settings, source: str, domain: str) -> list[KeptRequest]:
    """The recorded requests of a file or of the site; ends the command if none is of the domain."""
    kept = kept_requests(settings, None if source == _SITE else Path(source))
    if not any(domain in (_ALL, item.domain) for item in kept):
        fail("--from-records: there are no requests to replay; run the site with, for example, RECORD_REQUESTS=200")
    return kept


def _run(
    both: StackClients, domain: str, kept: list[KeptRequest] | None, count: int, allowed: Allowlist
) -> ParityTally:
    clients = both.clients
    if kept is None:
        items = GENERATORS[Domain(domain)](clients.operations(domain), clients.corpus, count)
    else:
        items = replayable(clients, domain, kept)
        if both.own:
            copy_conversations(clients.conversation_sides, items)
    seeded = DOMAINS[domain].writes and kept is None
    with seeded_conversations(clients) if seeded else nullcontext(), progress_bar() as progress:
        task = progress.add_task(f"comparing {domain}", total=len(items))
        return compare_requests(domain, items, lambda: progress.advance(task), allowed)


def _show(tallies: list[ParityTally]) -> None:
    columns = ("compared", "matched", "mismatched", "ignored", "errors")
    table = Table("domain", *columns)
    for tally in tallies:
        row = tally.as_json()
        table.add_row(row["domain"], *(str(row[name]) for name in columns))
    out.print(table)
    for tally in tallies:
        if tally.accepted:
            err.print(f"{tally.domain}: {tally.accepted} of {tally.as_json()['mismatched']} mismatches are accepted")
        for found in tally.first_mismatches:
            err.print(f"{tally.domain}/{found['operation']} {found['outcome']} at {found['layer']}", style="red")
            err.print(json.dumps(found["request"], ensure_ascii=False), markup=False)
            for line in found["differences"]:
                err.print(f"  {line}", markup=False)

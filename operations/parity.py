"""`mattgpt parity`: compare the answers of both sides."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from backend_clients.bootstrap import Clients, build_clients
from backend_clients.corpus.corpus import Corpus
from backend_clients.errors import BackendError
from backend_clients.routing.router import Operation
from backend_clients.settings import Settings
from contracts.stories import StoryListRequest
from contracts.story_file import StoryFileError
from operations.comparing import GeneratedRequest, Tally, compare_requests
from operations.console import err, fail, out, progress_bar
from operations.conversing import seeded_conversations
from operations.generating import industries_requests, stories_requests
from operations.ingest import load_into
from operations.options import ApiPortOption, DataDirOption, JsonOption, StoriesOption, settings_for
from operations.questions import ask_requests, search_requests
from operations.stack import Stacks, find_stack, own_stack, site_settings

app = typer.Typer(no_args_is_help=True, help="Compare the answers of both sides.")

Generator = Callable[[Sequence[Operation[Any, Any]], Corpus, int], list[GeneratedRequest]]
GENERATORS: Final[dict[str, Generator]] = {
    "stories": stories_requests,
    "search": search_requests,
    "ask": ask_requests,
    "industries": industries_requests,
}
_OWN_KEY: Final = "parity-run"
_PATIENCE_SECONDS: Final = 29.0  # the gateway itself waits no longer


@app.callback()
def _parity() -> None:
    """Compare the answers of both sides."""


@app.command()
def run(
    domain: Annotated[str, typer.Option("--domain", help="A domain, or `all`.")] = "all",
    generate: Annotated[int, typer.Option("--generate", min=0, help="Requests a domain, at least.")] = 0,
    as_json: JsonOption = False,
    api_port: ApiPortOption = 3000,
    stories: StoriesOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Ask both sides for requests derived from the corpus; exit 1 on any mismatch or error.

    The stack at --api-port is used when it serves the same corpus; else one is started for this run.
    """
    if domain != "all" and domain not in GENERATORS:
        fail(f"--domain: there is no domain {domain!r}; it is one of all, {', '.join(GENERATORS)}")
    settings = settings_for(stories, data_dir)
    try:
        with _connected(settings, api_port) as clients:
            tallies = [_run(clients, name, generate) for name in GENERATORS if domain in ("all", name)]
    except StoryFileError as error:
        fail(str(error))
    _show(tallies)
    if as_json:
        found = [tally.as_json() for tally in tallies]
        print(json.dumps(found if domain == "all" else found[0], ensure_ascii=False))
    if not all(tally.clean for tally in tallies):
        raise typer.Exit(1)


def _run(clients: Clients, domain: str, count: int) -> Tally:
    operations = clients.operations(domain)
    items = GENERATORS[domain](operations, clients.corpus, count)
    conversations = seeded_conversations(clients) if domain == "ask" else nullcontext()
    with conversations, progress_bar() as progress:
        task = progress.add_task(f"comparing {domain}", total=len(items))
        return compare_requests(domain, items, lambda: progress.advance(task))


@contextmanager
def _connected(settings: Settings, api_port: int) -> Iterator[Clients]:
    """Clients of a stack that serves this very corpus."""
    stack = find_stack(api_port)
    if stack is not None:
        clients = _clients(settings, stack)
        if _same_corpus(clients):
            try:
                yield clients
            finally:
                clients.close()
            return
        clients.close()
        err.print(f"The stack on port {api_port} serves another corpus; starting one for this run.")
    with own_stack(_OWN_KEY) as own:
        load_into(own, settings)
        clients = _clients(settings, own, _OWN_KEY)
        try:
            yield clients
        finally:
            clients.close()


def _clients(settings: Settings, stack: Stacks, key: str = "") -> Clients:
    """Patient clients: what is compared is answers, and many cold starts at once may take their time."""
    patience = {"read_timeout": max(settings.read_timeout, _PATIENCE_SECONDS)}
    return build_clients(site_settings(settings, stack, key).model_copy(update=patience))


def _same_corpus(clients: Clients) -> bool:
    remote = next(item for item in clients.operations("stories") if item.name == "list").remote
    try:
        answer = remote(StoryListRequest(limit=1), shadow=True)
    except BackendError as error:
        err.print(f"The stack does not serve stories: {error}")
        return False
    return bool(answer.value.corpus_version == clients.corpus.version)


def _show(tallies: list[Tally]) -> None:
    table = Table("domain", "compared", "matched", "mismatched", "ignored", "errors")
    for tally in tallies:
        row = tally.as_json()
        table.add_row(
            row["domain"], *(str(row[name]) for name in ("compared", "matched", "mismatched", "ignored", "errors"))
        )
    out.print(table)
    for tally in tallies:
        for found in tally.first_mismatches:
            err.print(f"{tally.domain}/{found['operation']} {found['outcome']} at {found['layer']}", style="red")
            err.print(json.dumps(found["request"], ensure_ascii=False), markup=False)
            for line in found["differences"]:
                err.print(f"  {line}", markup=False)

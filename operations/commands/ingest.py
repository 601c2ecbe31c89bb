"""`mattgpt ingest`: load a story file into every domain's stack."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from backend_clients.corpus.question_guard import NonsenseRule, NonsenseRuleError, load_rules
from backend_clients.profile_file import ProfileError, facts_of, read_profile
from backend_clients.settings import Settings
from contracts.profile import ProfileFacts
from contracts.rules.metrics import integrity_of
from contracts.story_file import LoadedStories, StoryFileError, read_stories
from lambdas.common.ingest.run import IngestError, Progress
from lambdas.search.providers import ingest_embedder, ingest_namespaces
from operations.shared.console import err, fail, out, progress_bar
from operations.shared.options import ApiPortOption, ProfileOption, settings_for
from operations.shared.story_messages import story_messages
from operations.stack.loaders import LOADERS, IngestInput
from operations.stack.local_stack import MissingOutput, Stacks, deployed_stack, find_stack


def ingest_command(
    file: Annotated[
        Path | None, typer.Argument(help="Story file (JSON Lines); STORIES_FILE or the sample if left out.")
    ] = None,
    profile: ProfileOption = None,
    api_port: ApiPortOption = 3000,
    aws: Annotated[bool, typer.Option("--aws", help="Into the stacks deployed in the AWS account.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a file with bad lines or incomplete stories.")
    ] = False,
) -> None:
    """Load validated stories into the tables; only what changed is written, and a stopped run goes on where it was."""
    settings = settings_for(profile=profile)
    path = file or settings.stories_file
    loaded = _read(path)
    facts = read_facts(settings, path)
    if strict:
        _refuse_shortcomings(path, loaded)
    _load(resolve_stack(api_port, aws=aws), _material(settings, loaded, facts))


def load_into(stack: Stacks, settings: Settings) -> None:
    """Load the settings' story file and profile into a stack; ends the command when that fails."""
    facts = read_facts(settings, settings.stories_file)
    _load(stack, _material(settings, _read(settings.stories_file), facts))


def read_facts(settings: Settings, stories_file: Path) -> ProfileFacts:
    """The facts that travel with a story file; ends the command when the profile cannot be used."""
    try:
        return facts_of(read_profile(settings.profile_file), stories_file)
    except ProfileError as error:
        fail(f"--profile: {error}")


def _material(settings: Settings, loaded: LoadedStories, facts: ProfileFacts) -> IngestInput:
    """Embedded, and found by Pinecone, as the site and the search functions have it by the same keys."""
    embedder = ingest_embedder(settings.openai_api_key.get_secret_value(), settings.openai_base_url)
    namespaces = ingest_namespaces(
        settings.pinecone_api_key.get_secret_value(), settings.pinecone_index_host, settings.pinecone_index
    )
    return IngestInput(loaded.stories, _rules(settings), embedder, namespaces, facts)


def _read(path: Path) -> LoadedStories:
    try:
        loaded = read_stories(path)
    except StoryFileError as error:
        fail(str(error))
    for message in story_messages(path, loaded):
        err.print(message, style="yellow", markup=False, soft_wrap=True)
    return loaded


def _rules(settings: Settings) -> tuple[NonsenseRule, ...]:
    try:
        return load_rules(settings.nonsense_file)
    except NonsenseRuleError as error:
        fail(str(error))


def _refuse_shortcomings(path: Path, loaded: LoadedStories) -> None:
    reports = ((story.id, integrity_of(story)) for story in loaded.stories)
    short = [f"{story_id}: lacks {', '.join(report.missing)}" for story_id, report in reports if not report.complete]
    if loaded.refusals or short:
        total = f"{path}: {len(loaded.refusals)} bad lines and {len(short)} incomplete stories; nothing was loaded"
        fail("\n".join([*short, total]))


def resolve_stack(api_port: int, *, aws: bool) -> Stacks:
    if aws:
        try:
            return deployed_stack()
        except (BotoCoreError, ClientError, LookupError) as error:
            fail(f"--aws: the deployed stacks cannot be read: {error}")
    stack = find_stack(api_port)
    if stack is None:
        fail(f"--api-port: no local Lambda stack answers on port {api_port}; start one with `mattgpt up`")
    return stack


def _load(stack: Stacks, material: IngestInput) -> None:
    """Fill every domain's stack in turn; the first that cannot be filled ends the command."""
    for domain, load in LOADERS.items():
        try:
            with _progress(domain) as on_progress:
                report = load(stack, material, on_progress)
        except (IngestError, MissingOutput) as error:
            fail(f"{domain}: {error}")
        out.print(f"{domain}: {report.summary}", highlight=False, soft_wrap=True)
        if report.problem:
            err.print(
                f"{domain}: old versions were not tidied up: {report.problem}",
                style="yellow",
                markup=False,
                soft_wrap=True,
            )


@contextmanager
def _progress(domain: str) -> Iterator[Progress]:
    """A progress bar whose label is the phase."""
    with progress_bar() as progress:
        task = progress.add_task(domain)

        def on_progress(done: int, total: int, phase: str) -> None:
            progress.update(task, description=f"{domain}: {phase}", completed=done, total=total)

        yield on_progress

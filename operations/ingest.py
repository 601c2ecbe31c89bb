"""`mattgpt ingest`: load a story file into every domain's stack."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import boto3
import typer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from rich.progress import Progress

from backend_clients.corpus.corpus import EMBEDDER
from backend_clients.settings import Settings
from contracts.metrics import integrity_of
from contracts.story import Story
from contracts.story_file import LoadedStories, StoryFileError, read_stories
from lambdas.stories.ingest import IngestError, IngestTarget, ingest
from operations.console import err, fail, out
from operations.options import ApiPortOption, settings_for
from operations.stack import Stacks, deployed_stack, find_stack

_CONFIG: Final = Config(retries={"total_max_attempts": 6, "mode": "standard"}, s3={"addressing_style": "path"})


def ingest_command(
    file: Annotated[
        Path | None, typer.Argument(help="Story file (JSON Lines); STORIES_FILE or the sample if left out.")
    ] = None,
    api_port: ApiPortOption = 3000,
    aws: Annotated[bool, typer.Option("--aws", help="Into the stacks deployed in the AWS account.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a file with bad lines or incomplete stories.")
    ] = False,
) -> None:
    """Load validated stories into the tables; only what changed is written, and a stopped run goes on where it was."""
    path = file or settings_for().stories_file
    loaded = _read(path)
    if strict:
        _refuse_shortcomings(path, loaded)
    _load(_stack(api_port, aws=aws), loaded.stories)


def load_into(stack: Stacks, settings: Settings) -> None:
    """Load the settings' story file into a stack; ends the command when that fails."""
    _load(stack, _read(settings.stories_file).stories)


def _read(path: Path) -> LoadedStories:
    try:
        loaded = read_stories(path)
    except StoryFileError as error:
        fail(str(error))
    for refusal in loaded.refusals:
        err.print(
            f"{path}: line {refusal.line}: {refusal.reason}; left out", style="yellow", markup=False, soft_wrap=True
        )
    return loaded


def _refuse_shortcomings(path: Path, loaded: LoadedStories) -> None:
    reports = ((story.id, integrity_of(story)) for story in loaded.stories)
    short = [f"{story_id}: lacks {', '.join(report.missing)}" for story_id, report in reports if not report.complete]
    if loaded.refusals or short:
        fail(
            "\n".join(short)
            + f"\n{path}: {len(loaded.refusals)} bad lines and {len(short)} incomplete stories; nothing was loaded"
        )


def _stack(api_port: int, *, aws: bool) -> Stacks:
    if aws:
        try:
            return deployed_stack()
        except (BotoCoreError, ClientError, LookupError) as error:
            fail(f"--aws: the deployed stacks cannot be read: {error}")
    stack = find_stack(api_port)
    if stack is None:
        fail(f"--api-port: no local Lambda stack answers on port {api_port}; start one with `mattgpt up`")
    return stack


def _load(stack: Stacks, stories: Sequence[Story]) -> None:
    target = IngestTarget(
        dynamodb=_client(stack, "dynamodb"),
        s3=_client(stack, "s3"),
        table=stack.output("stories", "TableName"),
        bucket=stack.output("stories", "ListingBucket"),
    )
    try:
        with _progress() as on_progress:
            report = ingest(stories, EMBEDDER, target, on_progress)
    except IngestError as error:
        fail(f"stories: {error}")
    out.print(
        f"stories: {report.stories} served as corpus {report.corpus_version}; "
        f"{report.bodies_written} bodies written, {report.bodies_retired} retired",
        highlight=False,
    )
    if report.retire_problem:
        err.print(f"stories: old versions were not tidied up: {report.retire_problem}", style="yellow", markup=False)


def _client(stack: Stacks, service: str) -> Any:
    local = {"aws_access_key_id": "local", "aws_secret_access_key": "local"} if stack.aws_endpoint else {}
    return boto3.client(  # type: ignore[call-overload]  # the service is a variable
        service, endpoint_url=stack.endpoint(service), region_name=stack.region, config=_CONFIG, **local
    )


@contextmanager
def _progress() -> Iterator[Any]:
    """A progress bar whose label is the phase."""
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("stories")

        def on_progress(done: int, total: int, phase: str) -> None:
            progress.update(task, description=f"stories: {phase}", completed=done, total=total)

        yield on_progress

"""`mattgpt ingest`: load a story file into every domain's stack."""

from pathlib import Path
from typing import Annotated

import typer

from contracts.rules.metrics import integrity_of
from contracts.story_file import LoadedStories
from operations.shared.console import fail
from operations.shared.options import ApiPortOption, ProfileOption, settings_for
from operations.stack.loaders import ingest_input, load, read_facts, read_or_fail, resolve_stack


def ingest_command(
    file: Annotated[
        Path | None, typer.Argument(help="Story file (JSON Lines); STORIES_FILE or the sample if left out.")
    ] = None,
    profile: ProfileOption = None,
    api_port: ApiPortOption = None,
    aws: Annotated[bool, typer.Option("--aws", help="Load into the stacks deployed in the AWS account.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Reject a file with bad lines or incomplete stories.")
    ] = False,
) -> None:
    """Load validated stories into the tables; writes only changes, and resumes an interrupted run."""
    settings = settings_for(profile=profile)
    path = file or settings.stories_file
    loaded = read_or_fail(path)
    facts = read_facts(settings, path)
    if strict:
        _refuse_shortcomings(path, loaded)
    folder = settings_for(file) if file else settings  # that of `mattgpt up --stories FILE`
    load(resolve_stack(folder, api_port, aws=aws), ingest_input(settings, loaded, facts))


def _refuse_shortcomings(path: Path, loaded: LoadedStories) -> None:
    reports = ((story.id, integrity_of(story)) for story in loaded.stories)
    short = [f"{story_id}: lacks {', '.join(report.missing)}" for story_id, report in reports if not report.complete]
    if loaded.refusals or short:
        total = f"{path}: {len(loaded.refusals)} bad lines and {len(short)} incomplete stories; nothing was loaded"
        fail("\n".join([*short, total]))

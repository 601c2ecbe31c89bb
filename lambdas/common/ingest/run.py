"""Shared steps of the domains' ingests: progress, batch writes, the switch, and error messages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from tenacity import RetryError

from lambdas.common.aws.version_pointer import PointerItem, VersionPointer

# Recent items may belong to a concurrent ingest that has not switched yet.
GRACE: Final = timedelta(hours=1)
_AWS_ERRORS: Final = (BotoCoreError, ClientError, RetryError)

# Called with the number done, the total, and the phase.
Progress = Callable[[int, int, str], None]


class IngestError(Exception):
    """The ingest stopped; the message says what is done and what is left. Running it again resumes there."""


class Overtaken(IngestError):
    """Another ingest switched the pointer after this one had read it."""

    def __init__(self) -> None:
        super().__init__(
            "another ingest switched the corpus while this one ran; that one is served, this one is not: "
            "run this again if it is the corpus that should be served"
        )


@contextmanager
def progress_phase(name: str, on_progress: Progress) -> Iterator[None]:
    """Report the progress of a phase that has one step."""
    on_progress(0, 1, name)
    yield
    on_progress(1, 1, name)


@contextmanager
def translate_aws_errors(state: str) -> Iterator[None]:
    """Convert errors of AWS into an `IngestError` that states the progress."""
    try:
        yield
    except _AWS_ERRORS as error:
        raise IngestError(f"{state} ({type(error).__name__}); running this again goes on from here") from error


def write_all(writes: Iterator[int], count: int, things: str, after: str, on_progress: Progress) -> None:
    """Run writes that yield how many of `count` items are written; `after` names the steps that follow.

    Raises
    ------
    IngestError
    """
    done = 0
    try:
        for done in writes:
            on_progress(done, count, "write")
    except _AWS_ERRORS as error:
        raise IngestError(
            f"the table stopped taking writes: {done:,} of {count:,} new {things} are written; "
            f"{count - done:,} {things}{after} are left; "
            "what was served is served still, and running this again goes on from here"
        ) from error


def switch(item: PointerItem[VersionPointer], pointer: VersionPointer, seen: VersionPointer | None) -> None:
    """Serve a pointer's version, provided that the pointer seen before is still current.

    Raises
    ------
    Overtaken
    """
    try:
        item.compare_and_set(pointer, seen)
    except item.dynamodb.exceptions.ConditionalCheckFailedException as error:
        raise Overtaken from error

"""What every domain's ingest shares: how it tells its progress, how it switches, and what it says when it stops."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from tenacity import RetryError

from lambdas.common.aws.version_pointer import PointerItem, VersionPointer

# What was written a short while ago may belong to an ingest that runs beside this one and has yet to switch.
GRACE: Final = timedelta(hours=1)
_AWS_ERRORS: Final = (BotoCoreError, ClientError, RetryError)

# Called with what is done, what there is to do, and the phase.
Progress = Callable[[int, int, str], None]


class IngestError(Exception):
    """The ingest stopped; the message says how much is done and what is left. Running it again goes on from there."""


class Overtaken(IngestError):
    """Another ingest switched the pointer since this one looked at it."""

    def __init__(self) -> None:
        super().__init__(
            "another ingest switched the corpus while this one ran; that one is served, this one is not: "
            "run this again if it is the corpus that should be served"
        )


@contextmanager
def progress_phase(name: str, on_progress: Progress) -> Iterator[None]:
    """Tell of a phase that is one step."""
    on_progress(0, 1, name)
    yield
    on_progress(1, 1, name)


@contextmanager
def translate_aws_errors(state: str) -> Iterator[None]:
    """Turn what AWS says into how far the ingest came."""
    try:
        yield
    except _AWS_ERRORS as error:
        raise IngestError(f"{state} ({type(error).__name__}); running this again goes on from here") from error


def write_all(writes: Iterator[int], count: int, things: str, after: str, on_progress: Progress) -> None:
    """Go through writes that yield how many of `count` things are safe; `after` names what comes after them.

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
    """Serve what a pointer names, if the one that was seen is served still.

    Raises
    ------
    Overtaken
    """
    try:
        item.switch(pointer, seen)
    except item.dynamodb.exceptions.ConditionalCheckFailedException as error:
        raise Overtaken from error

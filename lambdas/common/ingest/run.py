"""The steps that every domain's ingest takes, in their order: plan, write, publish, clean up."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Generic, Protocol, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from tenacity import RetryError

from lambdas.common.aws.version_pointer import PointerItem, VersionPointer
from lambdas.common.http.problems import DependencyDown
from lambdas.common.index.snapshot import SnapshotError
from lambdas.common.ingest.limits import CorpusRejected

# Recent items may belong to a concurrent ingest that has not switched yet.
GRACE: Final = timedelta(hours=1)
_AWS_ERRORS: Final = (BotoCoreError, ClientError, RetryError)

# Called with the number done, the total, and the phase.
Progress = Callable[[int, int, str], None]

Plan = TypeVar("Plan")
Written = TypeVar("Written")
Report_co = TypeVar("Report_co", covariant=True)


class IngestError(Exception):
    """The ingest stopped; the message says what is done and what is left. Running it again resumes there."""


class Overtaken(IngestError):
    """Another ingest switched the pointer after this one had read it."""

    def __init__(self) -> None:
        super().__init__(
            "another ingest switched the corpus while this one ran; that one is served, this one is not: "
            "run this again if it is the corpus that should be served"
        )


@dataclass(frozen=True)
class CleanupResult:
    """The number of old things deleted; `problem` is "" unless some could not be deleted."""

    deleted: int = 0
    problem: str = ""


class IngestSteps(Protocol[VersionPointer, Plan, Written]):
    """The steps of one domain's ingest. `unread` and `unpublished` state the progress in errors of AWS."""

    unread: str
    unpublished: str

    def plan(self, current: VersionPointer | None) -> Plan:
        """Compare the corpus with what is stored and make what is missing; reads only."""

    def write(self, plan: Plan) -> Written:
        """Write what is missing. Nothing of it is served yet."""

    def publish(self, written: Written, current: VersionPointer | None) -> tuple[VersionPointer, bool]:
        """Serve the corpus; returns the pointer in force, and whether this run switched it."""

    def clean_up(self, pointer: VersionPointer) -> tuple[CleanupResult, ...]:
        """Delete what neither the served nor the previous corpus needs."""


@dataclass(frozen=True)
class IngestResult(Generic[VersionPointer, Written]):
    """The pointer in force after an ingest, and the result of each step."""

    pointer: VersionPointer
    written: Written
    switched: bool
    cleanups: tuple[CleanupResult, ...]

    @property
    def cleanup_problem(self) -> str:
        return "; ".join(cleanup.problem for cleanup in self.cleanups if cleanup.problem)


@dataclass(frozen=True)
class PlannedIngest(Generic[VersionPointer, Plan, Written]):
    """An ingest that has made and checked everything, and written nothing. `current` is the pointer in force."""

    steps: IngestSteps[VersionPointer, Plan, Written]
    current: VersionPointer | None
    plan: Plan
    on_progress: Progress

    def finish(self) -> IngestResult[VersionPointer, Written]:
        """Write, publish and clean up; after any failure the previous corpus is still served.

        Raises
        ------
        IngestError
        """
        steps = self.steps
        written = steps.write(self.plan)
        with progress_phase("publish", self.on_progress), translate_aws_errors(steps.unpublished):
            pointer, switched = steps.publish(written, self.current)
        with progress_phase("retire", self.on_progress):
            cleanups = steps.clean_up(pointer)
        return IngestResult(pointer, written, switched, cleanups)


@dataclass(frozen=True)
class Planned(Generic[Report_co]):
    """A domain's planned ingest: `served` is the corpus version in force, "" if there is none."""

    served: str
    finish: Callable[[], Report_co]


def plan_ingest(
    steps: IngestSteps[VersionPointer, Plan, Written], item: PointerItem[VersionPointer], on_progress: Progress
) -> PlannedIngest[VersionPointer, Plan, Written]:
    """Read what is served and plan; writes nothing.

    Raises
    ------
    IngestError
    """
    with translate_aws_errors(steps.unread):
        current = item.read_latest()
        return PlannedIngest(steps, current, steps.plan(current), on_progress)


def run_ingest(
    steps: IngestSteps[VersionPointer, Plan, Written], item: PointerItem[VersionPointer], on_progress: Progress
) -> IngestResult[VersionPointer, Written]:
    """Take all the steps; raises `IngestError`."""
    return plan_ingest(steps, item, on_progress).finish()


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


@contextmanager
def translate_rejection() -> Iterator[None]:
    """Convert the rejection of a corpus into an `IngestError`."""
    try:
        yield
    except CorpusRejected as error:
        raise IngestError(f"{error}; nothing was written") from error


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


def switch_pointer(item: PointerItem[VersionPointer], pointer: VersionPointer, current: VersionPointer | None) -> None:
    """Serve a pointer's version, provided that the current pointer is unchanged.

    Raises
    ------
    Overtaken
    """
    try:
        item.compare_and_set(pointer, current)
    except item.dynamodb.exceptions.ConditionalCheckFailedException as error:
        raise Overtaken from error


def delete_old(things: str, delete: Callable[[], int]) -> CleanupResult:
    """Run a deletion. Its failure is reported, not raised, because the new corpus is already served."""
    try:
        return CleanupResult(delete())
    except DependencyDown as error:
        return CleanupResult(problem=f"old {things} are still there: {error.detail}")
    except (*_AWS_ERRORS, SnapshotError) as error:
        return CleanupResult(problem=f"old {things} are still there: {type(error).__name__}")

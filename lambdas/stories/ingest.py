"""Bringing a corpus into the stories stack: bodies, then the listing, then the switch, then the tidying up."""

import hashlib
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError
from tenacity import RetryError

from contracts.model import Contract
from contracts.story import Story
from lambdas.stories.body_table import BodyTable
from lambdas.stories.pointer import LISTINGS, NoCorpus, Pointer, read_pointer, switch_pointer
from lambdas.stories.preparation import Prepared, Refused, prepare
from lambdas.stories.retirement import GRACE, Retired, hashes_in, read_listing, retire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

_AWS_ERRORS: Final = (BotoCoreError, ClientError, RetryError)

Progress = Callable[[int, int, str], None]


class IngestError(Exception):
    """The ingest stopped; the message says how much is done and what is left. Running it again goes on from there."""


@dataclass(frozen=True)
class IngestTarget:
    """The stack to fill: its table, its bucket, and clients to reach them."""

    dynamodb: "DynamoDBClient"
    s3: "S3Client"
    table: str
    bucket: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class IngestReport(Contract):
    """What an ingest did. `retire_problem` is "" unless tidying up failed, which harms no answer."""

    corpus_version: str
    stories: int
    bodies_written: int
    listing_key: str
    listing_bytes: int
    switched: bool
    bodies_retired: int
    listings_retired: int
    retire_problem: str


def ingest(stories: Sequence[Story], embedder: str, target: IngestTarget, on_progress: Progress) -> IngestReport:
    """Serve these stories from now on, all of them or, if anything fails, the corpus that was served before.

    Only bodies that are not there yet are written. A run that was stopped goes on where it was; a run on the corpus
    that is served writes nothing.

    Parameters
    ----------
    embedder
        Its name, which is part of the corpus version.
    on_progress
        Called with what is done, what there is to do, and the phase: prepare, check, write, publish, retire.

    Raises
    ------
    IngestError
    """
    try:
        prepared = prepare(stories, embedder, lambda done: on_progress(done, len(stories), "prepare"))
    except Refused as error:
        raise IngestError(f"{error}; nothing was written") from error
    return _Ingest(prepared, target, on_progress).run()


class _Ingest:
    """One run, from the pointer it saw at the start."""

    def __init__(self, prepared: Prepared, target: IngestTarget, on_progress: Progress) -> None:
        self._prepared = prepared
        self._target = target
        self._on_progress = on_progress
        self._bodies = BodyTable(target.dynamodb, target.table)
        self._started = target.now()

    def run(self) -> IngestReport:
        with _explained("the table or the bucket could not be read; nothing was written"):
            seen = self._pointer()
            listing = self._served_listing(seen)
            missing = self._missing(hashes_in(listing) if listing else frozenset())
        self._write(missing)
        self._on_progress(0, 1, "publish")
        with _explained("all bodies are written; the listing and the switch are left"):
            pointer = seen if seen and listing == self._prepared.listing else self._switch(seen)
        self._on_progress(1, 1, "publish")
        retired = self._retire(pointer)
        return IngestReport(
            corpus_version=pointer.corpus_version,
            stories=pointer.count,
            bodies_written=len(missing),
            listing_key=pointer.listing_key,
            listing_bytes=len(self._prepared.listing),
            switched=pointer != seen,
            bodies_retired=retired.bodies,
            listings_retired=retired.listings,
            retire_problem=retired.problem,
        )

    def _pointer(self) -> Pointer | None:
        try:
            return read_pointer(self._target.dynamodb, self._target.table, consistent=True)
        except NoCorpus:
            return None

    def _served_listing(self, seen: Pointer | None) -> bytes:
        """The listing served now; empty if there is none, or it is gone or damaged and must be made anew."""
        if seen is None:
            return b""
        try:
            listing = read_listing(self._target.s3, self._target.bucket, seen.listing_key)
        except self._target.s3.exceptions.NoSuchKey:
            return b""
        return listing if hashlib.sha256(listing).hexdigest() == seen.sha256 else b""

    def _missing(self, served: Collection[str]) -> list[str]:
        """Bodies to write: those not there, and those that another ingest may be about to retire."""
        wanted = list(self._prepared.bodies)
        written: dict[str, int] = {}
        for found in self._bodies.written(wanted):
            written |= found
            self._on_progress(len(written), len(wanted), "check")
        stale = (self._started - GRACE / 2).timestamp()
        return [key for key in wanted if key not in written or (key not in served and written[key] < stale)]

    def _write(self, missing: list[str]) -> None:
        done = 0
        bodies = {key: self._prepared.bodies[key] for key in missing}
        try:
            for done in self._bodies.write(bodies, int(self._started.timestamp())):
                self._on_progress(done, len(missing), "write")
        except _AWS_ERRORS as error:
            raise IngestError(
                f"the table stopped taking writes: {done:,} of {len(missing):,} new bodies are written; "
                f"{len(missing) - done:,} bodies, the listing and the switch are left; "
                "what was served is served still, and running this again goes on from here"
            ) from error

    def _switch(self, seen: Pointer | None) -> Pointer:
        """Upload the listing under a name of its own, and point at it if the pointer is what was seen."""
        pointer = Pointer(
            corpus_version=self._prepared.corpus_version,
            listing_key=f"{LISTINGS}{self._prepared.corpus_version}-{uuid.uuid4().hex}.safetensors",
            sha256=self._prepared.sha256,
            count=self._prepared.count,
            ingested_at=self._started.isoformat(timespec="seconds"),
            previous_key=seen.listing_key if seen else "",
        )
        self._target.s3.put_object(Bucket=self._target.bucket, Key=pointer.listing_key, Body=self._prepared.listing)
        try:
            switch_pointer(self._target.dynamodb, self._target.table, pointer, seen)
        except self._target.dynamodb.exceptions.ConditionalCheckFailedException as error:
            raise IngestError(
                "another ingest switched the corpus while this one ran; that one is served, this one is not: "
                "run this again if it is the corpus that should be served"
            ) from error
        return pointer

    def _retire(self, pointer: Pointer) -> Retired:
        self._on_progress(0, 1, "retire")
        target = self._target
        retired = retire(target.s3, target.bucket, self._bodies, pointer, self._prepared.bodies, self._started)
        self._on_progress(1, 1, "retire")
        return retired


@contextmanager
def _explained(state: str) -> Iterator[None]:
    """Turn what AWS says into how far the ingest came."""
    try:
        yield
    except _AWS_ERRORS as error:
        raise IngestError(f"{state} ({type(error).__name__}); running this again goes on from here") from error

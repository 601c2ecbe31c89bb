"""How each domain's stack is filled: which ingest, into which tables and buckets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import boto3
from botocore.config import Config

from backend_clients.corpus.corpus import EMBEDDER
from contracts.story import Story
from lambdas.industries import ingest as industries
from lambdas.stories import ingest as stories
from operations.stack import Stacks

OnProgress = Callable[[int, int, str], None]

INGEST_ERRORS: Final = (stories.IngestError, industries.IngestError)
_CONFIG: Final = Config(retries={"total_max_attempts": 6, "mode": "standard"}, s3={"addressing_style": "path"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did, in a line; `problem` is what was not tidied up, if anything."""

    summary: str
    problem: str


def load_stories(stack: Stacks, corpus: Sequence[Story], on_progress: OnProgress) -> Loaded:
    target = stories.IngestTarget(
        dynamodb=_client(stack, "dynamodb"),
        s3=_client(stack, "s3"),
        table=stack.output("stories", "TableName"),
        bucket=stack.output("stories", "ListingBucket"),
    )
    report = stories.ingest(corpus, EMBEDDER, target, on_progress)
    return Loaded(
        f"{report.stories} served as corpus {report.corpus_version}; "
        f"{report.bodies_written} bodies written, {report.bodies_retired} retired",
        report.retire_problem,
    )


def load_industries(stack: Stacks, corpus: Sequence[Story], on_progress: OnProgress) -> Loaded:
    target = industries.IngestTarget(dynamodb=_client(stack, "dynamodb"), table=stack.output("industries", "TableName"))
    report = industries.ingest(corpus, EMBEDDER, target, on_progress)
    return Loaded(
        f"{report.industries} served as corpus {report.corpus_version}; "
        f"{report.items_written} items written, {report.items_retired} retired",
        report.retire_problem,
    )


LOADERS: Final[dict[str, Callable[[Stacks, Sequence[Story], OnProgress], Loaded]]] = {
    "stories": load_stories,
    "industries": load_industries,
}


def _client(stack: Stacks, service: str) -> Any:
    local = {"aws_access_key_id": "local", "aws_secret_access_key": "local"} if stack.aws_endpoint else {}
    return boto3.client(  # type: ignore[call-overload]  # the service is a variable
        service, endpoint_url=stack.endpoint(service), region_name=stack.region, config=_CONFIG, **local
    )

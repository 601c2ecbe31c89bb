"""How each domain's stack is filled: which ingest, into which tables and buckets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import boto3
from botocore.config import Config

from backend_clients.corpus.corpus import WORDLLAMA_EMBEDDER
from backend_clients.corpus.gate import NonsenseRule
from contracts.story import Story
from lambdas.common.embeddings import WordLlamaEmbedder
from lambdas.industries import ingest as industries
from lambdas.search import ingest as search
from lambdas.search.rules import NonsenseRule as IndexedRule
from lambdas.stories import ingest as stories
from operations.stack import Stacks

OnProgress = Callable[[int, int, str], None]

INGEST_ERRORS: Final = (stories.IngestError, search.IngestError, industries.IngestError)
_CONFIG: Final = Config(retries={"total_max_attempts": 6, "mode": "standard"}, s3={"addressing_style": "path"})


@dataclass(frozen=True, slots=True)
class Material:
    """What stacks are filled with."""

    stories: Sequence[Story]
    rules: Sequence[NonsenseRule]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did, in a line; `problem` is what was not tidied up, if anything."""

    summary: str
    problem: str


def load_stories(stack: Stacks, material: Material, on_progress: OnProgress) -> Loaded:
    target = stories.IngestTarget(
        dynamodb=_client(stack, "dynamodb"),
        s3=_client(stack, "s3"),
        table=stack.output("stories", "TableName"),
        bucket=stack.output("stories", "ListingBucket"),
    )
    report = stories.ingest(material.stories, WORDLLAMA_EMBEDDER, target, on_progress)
    return Loaded(
        f"{report.stories} served as corpus {report.corpus_version}; "
        f"{report.bodies_written} bodies written, {report.bodies_retired} retired",
        report.retire_problem,
    )


def load_search(stack: Stacks, material: Material, on_progress: OnProgress) -> Loaded:
    target = search.IngestTarget(
        dynamodb=_client(stack, "dynamodb"),
        s3=_client(stack, "s3"),
        table=stack.output("search", "TableName"),
        bucket=stack.output("search", "IndexBucket"),
    )
    rules = [IndexedRule(rule.category, rule.pattern.pattern) for rule in material.rules]
    report = search.ingest(material.stories, WordLlamaEmbedder(), rules, target, on_progress)
    return Loaded(
        f"{report.stories} indexed as corpus {report.corpus_version}; "
        f"{'index written' if report.switched else 'nothing to write'}, {report.indexes_retired} retired",
        report.retire_problem,
    )


def load_industries(stack: Stacks, material: Material, on_progress: OnProgress) -> Loaded:
    target = industries.IngestTarget(dynamodb=_client(stack, "dynamodb"), table=stack.output("industries", "TableName"))
    report = industries.ingest(material.stories, WORDLLAMA_EMBEDDER, target, on_progress)
    return Loaded(
        f"{report.industries} served as corpus {report.corpus_version}; "
        f"{report.items_written} items written, {report.items_retired} retired",
        report.retire_problem,
    )


LOADERS: Final[dict[str, Callable[[Stacks, Material, OnProgress], Loaded]]] = {
    "stories": load_stories,
    "search": load_search,
    "industries": load_industries,
}


def _client(stack: Stacks, service: str) -> Any:
    local = {"aws_access_key_id": "local", "aws_secret_access_key": "local"} if stack.aws_endpoint else {}
    return boto3.client(  # type: ignore[call-overload]  # the service is a variable
        service, endpoint_url=stack.endpoint(service), region_name=stack.region, config=_CONFIG, **local
    )

"""How each domain's stack is filled: which ingest, into which tables and buckets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config

from backend_clients.corpus.question_guard import NonsenseRule
from contracts.profile import NO_FACTS, ProfileFacts
from contracts.story import Story
from lambdas.common.ingest.run import Progress
from lambdas.common.models.embeddings import Embedder, WordLlamaEmbedder
from lambdas.industries.ingest import job as industries
from lambdas.search.ingest import job as search
from lambdas.search.nonsense_rules import NonsenseRule as IndexedRule
from lambdas.stories.ingest import job as stories
from operations.stack.local_stack import Stacks

if TYPE_CHECKING:
    from lambdas.common.models.pinecone_namespaces import PineconeNamespaces

_CONFIG: Final = Config(retries={"total_max_attempts": 6, "mode": "standard"}, s3={"addressing_style": "path"})


@dataclass(frozen=True, slots=True)
class IngestInput:
    """What stacks are filled with, the owner's facts included, who embeds it, and Pinecone where that is used."""

    stories: Sequence[Story]
    rules: Sequence[NonsenseRule]
    embedder: Embedder = field(default_factory=WordLlamaEmbedder)
    namespaces: "PineconeNamespaces | None" = None
    facts: ProfileFacts = NO_FACTS


@dataclass(frozen=True, slots=True)
class LoadSummary:
    """What a load did, in a line; `problem` is what was not tidied up, if anything."""

    summary: str
    problem: str


def load_stories(stack: Stacks, material: IngestInput, on_progress: Progress) -> LoadSummary:
    target = stories.IngestTarget(
        dynamodb=aws_client(stack, "dynamodb"),
        s3=aws_client(stack, "s3"),
        table=stack.output("stories", "TableName"),
        bucket=stack.output("stories", "ListingBucket"),
    )
    report = stories.ingest(material.stories, material.embedder.name, target, on_progress, material.facts)
    return LoadSummary(
        f"{report.stories} served as corpus {report.corpus_version}; "
        f"{report.bodies_written} bodies written, {report.bodies_retired} retired",
        report.retire_problem,
    )


def load_search(stack: Stacks, material: IngestInput, on_progress: Progress) -> LoadSummary:
    target = search.IngestTarget(
        dynamodb=aws_client(stack, "dynamodb"),
        s3=aws_client(stack, "s3"),
        table=stack.output("search", "TableName"),
        bucket=stack.output("search", "IndexBucket"),
        namespaces=material.namespaces,
    )
    rules = [IndexedRule(rule.category, rule.pattern.pattern) for rule in material.rules]
    report = search.ingest(material.stories, material.embedder, rules, target, on_progress, material.facts)
    return LoadSummary(
        f"{report.stories} indexed as corpus {report.corpus_version}; "
        f"{'index written' if report.switched else 'nothing to write'}, {report.indexes_retired} retired"
        + (f", {report.vectors_upserted} vectors given to Pinecone" if material.namespaces else ""),
        report.retire_problem,
    )


def load_industries(stack: Stacks, material: IngestInput, on_progress: Progress) -> LoadSummary:
    target = industries.IngestTarget(
        dynamodb=aws_client(stack, "dynamodb"), table=stack.output("industries", "TableName")
    )
    report = industries.ingest(material.stories, material.embedder.name, target, on_progress, material.facts)
    return LoadSummary(
        f"{report.industries} served as corpus {report.corpus_version}; "
        f"{report.items_written} items written, {report.items_retired} retired",
        report.retire_problem,
    )


LOADERS: Final[dict[str, Callable[[Stacks, IngestInput, Progress], LoadSummary]]] = {
    "stories": load_stories,
    "search": load_search,
    "industries": load_industries,
}


def aws_client(stack: Stacks, service: str) -> Any:
    local = {"aws_access_key_id": "local", "aws_secret_access_key": "local"} if stack.aws_endpoint else {}
    return boto3.client(  # type: ignore[call-overload]  # the service is a variable
        service, endpoint_url=stack.endpoint(service), region_name=stack.region, config=_CONFIG, **local
    )

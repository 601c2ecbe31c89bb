"""Loads stories into every domain's stack, with one loader per domain."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from backend_clients.corpus.question_guard import NonsenseRule, NonsenseRuleError, load_rules
from backend_clients.domains import Domain
from backend_clients.profile_file import ProfileError, facts_of, read_profile
from backend_clients.settings import Settings
from contracts.profile import NO_FACTS, ProfileFacts
from contracts.story import Story
from contracts.story_file import LoadedStories, StoryFileError, read_stories
from lambdas.common.ingest.run import IngestError, Progress
from lambdas.common.ingest.target import SnapshotTarget, TableTarget
from lambdas.common.models.embeddings import Embedder, WordLlamaEmbedder
from lambdas.industries.ingest import job as industries
from lambdas.search.ingest import job as search
from lambdas.search.nonsense_rules import NonsenseRule as IndexedRule
from lambdas.search.providers import ingest_embedder, ingest_namespaces
from lambdas.stories.ingest import job as stories
from operations.shared.console import err, fail, out, progress_bar
from operations.shared.story_messages import story_messages
from operations.stack.local_stack import DEFAULT_PORT, MissingOutput, Stacks, aws_client, deployed_stack, running_stack

if TYPE_CHECKING:
    from lambdas.common.models.pinecone_namespaces import PineconeNamespaces


@dataclass(frozen=True, slots=True)
class IngestInput:
    """The data to load, including the owner's facts, with its embedder and, if used, Pinecone."""

    stories: Sequence[Story]
    rules: Sequence[NonsenseRule]
    embedder: Embedder = field(default_factory=WordLlamaEmbedder)
    namespaces: "PineconeNamespaces | None" = None
    facts: ProfileFacts = NO_FACTS


@dataclass(frozen=True, slots=True)
class LoadSummary:
    """The result of a load in one line; `problem` is set if old versions could not be deleted."""

    summary: str
    problem: str


@dataclass(frozen=True, slots=True)
class PlannedLoad:
    """A domain's load with everything made and nothing written; `served` is the corpus in force, "" if none is."""

    served: str
    finish: Callable[[], LoadSummary]


def plan_stories(stack: Stacks, material: IngestInput, on_progress: Progress) -> PlannedLoad:
    target = SnapshotTarget(
        dynamodb=aws_client(stack, "dynamodb"),
        s3=aws_client(stack, "s3"),
        table=stack.output(Domain.STORIES.value, "TableName"),
        bucket=stack.output(Domain.STORIES.value, "ListingBucket"),
    )
    planned = stories.plan(material.stories, material.embedder.name, target, on_progress, material.facts)

    def finish() -> LoadSummary:
        report = planned.finish()
        return LoadSummary(
            f"{report.stories} served as corpus {report.corpus_version}; "
            f"{report.bodies_written} bodies written, {report.bodies_retired} retired",
            report.retire_problem,
        )

    return PlannedLoad(planned.served, finish)


def plan_search(stack: Stacks, material: IngestInput, on_progress: Progress) -> PlannedLoad:
    target = search.SearchTarget(
        dynamodb=aws_client(stack, "dynamodb"),
        s3=aws_client(stack, "s3"),
        table=stack.output(Domain.SEARCH.value, "TableName"),
        bucket=stack.output(Domain.SEARCH.value, "IndexBucket"),
        namespaces=material.namespaces,
    )
    rules = [IndexedRule(rule.category, rule.pattern.pattern) for rule in material.rules]
    planned = search.plan(material.stories, material.embedder, rules, target, on_progress, material.facts)

    def finish() -> LoadSummary:
        report = planned.finish()
        return LoadSummary(
            f"{report.stories} indexed as corpus {report.corpus_version}; "
            f"{'index written' if report.switched else 'nothing to write'}, {report.indexes_retired} retired"
            + (f", {report.vectors_upserted} vectors sent to Pinecone" if material.namespaces else ""),
            report.retire_problem,
        )

    return PlannedLoad(planned.served, finish)


def plan_industries(stack: Stacks, material: IngestInput, on_progress: Progress) -> PlannedLoad:
    target = TableTarget(
        dynamodb=aws_client(stack, "dynamodb"), table=stack.output(Domain.INDUSTRIES.value, "TableName")
    )
    planned = industries.plan(material.stories, material.embedder.name, target, on_progress, material.facts)

    def finish() -> LoadSummary:
        report = planned.finish()
        return LoadSummary(
            f"{report.industries} served as corpus {report.corpus_version}; "
            f"{report.items_written} items written, {report.items_retired} retired",
            report.retire_problem,
        )

    return PlannedLoad(planned.served, finish)


LOADERS: Final[dict[Domain, Callable[[Stacks, IngestInput, Progress], PlannedLoad]]] = {
    Domain.STORIES: plan_stories,
    Domain.SEARCH: plan_search,
    Domain.INDUSTRIES: plan_industries,
}


def load_into(stack: Stacks, settings: Settings) -> None:
    """Load the settings' story file and profile into a stack; ends the command if that fails."""
    facts = read_facts(settings, settings.stories_file)
    load(stack, ingest_input(settings, read_or_fail(settings.stories_file), facts))


def read_facts(settings: Settings, stories_file: Path) -> ProfileFacts:
    """The profile's facts for a story file; ends the command if the profile cannot be used."""
    try:
        return facts_of(read_profile(settings.profile_file), stories_file)
    except ProfileError as error:
        fail(f"--profile: {error}")


def ingest_input(settings: Settings, loaded: LoadedStories, facts: ProfileFacts) -> IngestInput:
    """Select embedder and vector index by the same keys as the site and the search functions."""
    embedder = ingest_embedder(
        settings.embeddings_model,
        (settings.embeddings_api_key.get_secret_value(), settings.embeddings_base_url),
        (settings.openai_api_key.get_secret_value(), settings.openai_base_url),
    )
    namespaces = ingest_namespaces(
        settings.pinecone_api_key.get_secret_value(), settings.pinecone_index_host, settings.pinecone_index
    )
    return IngestInput(loaded.stories, _rules(settings), embedder, namespaces, facts)


def read_or_fail(path: Path) -> LoadedStories:
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


def resolve_stack(settings: Settings, api_port: int | None, *, aws: bool) -> Stacks:
    if aws:
        try:
            return deployed_stack()
        except (BotoCoreError, ClientError, LookupError) as error:
            fail(f"--aws: the deployed stacks cannot be read: {error}")
    stack = running_stack(settings, api_port)
    if stack is None:
        port = api_port or DEFAULT_PORT
        fail(f"--api-port: no local Lambda stack answers on port {port}; start one with `mattgpt up`")
    return stack


def load(stack: Stacks, material: IngestInput) -> None:
    """Make and check what every domain needs, then write and switch one domain after the other.

    The first failure ends the command, with what each domain serves then.
    """
    current = _Current()
    planned = {domain: _planned(domain, stack, material, current) for domain in LOADERS}
    for place, (domain, plan) in enumerate(planned.items()):
        try:
            with _progress(domain, current):
                report = plan.finish()
        except IngestError as error:
            fail("\n".join([f"{domain}: {error}", *_served(list(planned.items()), place)]))
        out.print(f"{domain}: {report.summary}", highlight=False, soft_wrap=True)
        if report.problem:
            err.print(
                f"{domain}: old versions were not deleted: {report.problem}",
                style="yellow",
                markup=False,
                soft_wrap=True,
            )


def _planned(domain: Domain, stack: Stacks, material: IngestInput, current: "_Current") -> PlannedLoad:
    try:
        with _progress(domain, current):
            return LOADERS[domain](stack, material, current)
    except (IngestError, MissingOutput) as error:
        fail(f"{domain}: {error}; no domain was changed")


def _served(planned: Sequence[tuple[Domain, PlannedLoad]], failed: int) -> list[str]:
    """What each domain serves after the load of one failed."""
    if not failed:
        return ["no domain was changed"]
    lines = [f"{domain}: serves the new corpus" for domain, _ in planned[:failed]]
    lines += [f"{domain}: serves {plan.served or 'nothing'} as before" for domain, plan in planned[failed:]]
    return [*lines, "run this again to load what is left; until then both versions are recorded as version skew"]


@dataclass
class _Current:
    """Passes progress on to the bar that is shown; planning and finishing have one each."""

    shown: Progress = lambda *_: None

    def __call__(self, done: int, total: int, phase: str) -> None:
        self.shown(done, total, phase)


@contextmanager
def _progress(domain: Domain, current: _Current) -> Iterator[None]:
    """A progress bar whose label is the phase."""
    with progress_bar() as progress:
        task = progress.add_task(domain)

        def on_progress(done: int, total: int, phase: str) -> None:
            progress.update(task, description=f"{domain}: {phase}", completed=done, total=total)

        current.shown = on_progress
        yield

"""Builds the clients of every domain; the only module that imports legacy sides."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Final

from backend_clients.api_session import api_session
from backend_clients.ask import remote as ask_api
from backend_clients.ask.client import AskClient
from backend_clients.ask.conversations import Conversations, LambdaReplica, LegacyReplica
from backend_clients.ask.in_process.conversation_store import ConversationStore
from backend_clients.ask.legacy import LegacyAsk
from backend_clients.ask.remote import RemoteAsk
from backend_clients.code_version import with_code_version
from backend_clients.corpus.corpus import Corpus, load_corpus
from backend_clients.corpus.listing import listing_of
from backend_clients.corpus.question_guard import QuestionGuard, load_rules
from backend_clients.domains import DOMAINS, Domain, addresses_of
from backend_clients.flags.audit_log import Audit
from backend_clients.flags.client import Flags
from backend_clients.flags.editor import FlagEditor
from backend_clients.http.endpoint import Endpoint
from backend_clients.http.session import ApiSession
from backend_clients.industries import remote as industries_api
from backend_clients.industries.client import IndustriesClient
from backend_clients.industries.legacy import LegacyIndustries
from backend_clients.industries.remote import RemoteIndustries
from backend_clients.migration.auto_rollback import AutoRollback
from backend_clients.migration.conversations.repairs import RepairWorker
from backend_clients.migration.mismatches.allowlist import ReloadingAllowlist
from backend_clients.migration.mismatches.replay import NotReplayable, replay
from backend_clients.migration.notification import notifier_of
from backend_clients.migration.retirement.plan import with_legacy
from backend_clients.migration.service import MigrationService, SiteProcess
from backend_clients.profile_file import facts_of, profile_over, read_profile
from backend_clients.providers import answer_writer_of, embedder_of, vector_index_of
from backend_clients.records.recorder import Recorder
from backend_clients.routed import Origin
from backend_clients.routing.breaker import Breaker
from backend_clients.routing.read_router import Operation, Router
from backend_clients.routing.repair_ledger import Ledger
from backend_clients.routing.router_parts import RouterParts
from backend_clients.routing.shadow import ShadowPool
from backend_clients.routing.write_router import WriteRouter
from backend_clients.search import remote as search_api
from backend_clients.search.client import SearchClient
from backend_clients.search.legacy import LegacySearch
from backend_clients.search.remote import RemoteSearch
from backend_clients.settings import Settings
from backend_clients.stories import remote as stories_api
from backend_clients.stories.client import StoriesClient
from backend_clients.stories.legacy import LegacyStories
from backend_clients.stories.remote import RemoteStories
from backend_clients.suggested_questions import answered_questions
from contracts.profile import Profile
from contracts.search import SearchKind

_ENDPOINTS: Final[Mapping[tuple[str, str], Endpoint[Any, Any]]] = {
    (endpoint.domain, endpoint.name): endpoint
    for api in (stories_api, search_api, ask_api, industries_api)
    for endpoint in api.ENDPOINTS.values()
}


@dataclass(frozen=True)
class Clients:
    """One client per domain, and the resources they share."""

    settings: Settings
    profile: Profile
    corpus: Corpus
    stories: StoriesClient
    search: SearchClient
    ask: AskClient
    industries: IndustriesClient
    flags: Flags
    pool: ShadowPool
    recorder: Recorder
    auto_rollback: AutoRollback
    ledger: Ledger
    breakers: Mapping[str, Breaker]
    conversations: ConversationStore
    conversation_sides: dict[Origin, Conversations]
    drain: RepairWorker
    sessions: tuple[ApiSession, ...]

    def operations(self, domain: str) -> tuple[Operation[Any, Any], ...]:
        """Every read operation of a domain, for code that compares both sides."""
        clients: dict[str, StoriesClient | SearchClient | AskClient | IndustriesClient] = {
            Domain.STORIES: self.stories,
            Domain.SEARCH: self.search,
            Domain.ASK: self.ask,
            Domain.INDUSTRIES: self.industries,
        }
        return clients[domain].operations

    @cached_property
    def suggested_questions(self) -> tuple[str, ...]:
        """The profile's featured questions, or else interview questions that the legacy search answers well."""
        legacy = {item.name: item.legacy for item in self.search.operations}[SearchKind.HYBRID]
        return self.profile.featured_questions or answered_questions(self.corpus.stories, self.profile.person, legacy)

    @cached_property
    def migration(self) -> MigrationService:
        """The migration service, with the state of this process."""
        process = SiteProcess(
            flags=self.flags,
            breakers=self.breakers,
            alarms=self.auto_rollback.alarms,
            counters=lambda: {"records_lost": self.recorder.lost, "comparisons_dropped": self.pool.dropped},
            replay=partial(replay, self.operations),
        )
        return MigrationService(self.settings, process)

    def close(self) -> None:
        self.drain.close()
        self.pool.close()
        self.recorder.close()
        self.auto_rollback.close()
        self.ledger.close()
        self.conversations.close()
        self.flags.close()
        for session in self.sessions:
            session.close()


def build_clients(settings: Settings | None = None) -> Clients:
    """Build the clients.

    Raises
    ------
    contracts.story_file.StoryFileError
        The story file cannot be used.
    backend_clients.profile_file.ProfileError
        The profile cannot be used.
    backend_clients.corpus.question_guard.NonsenseRuleError
        A nonsense rule cannot be used.
    """
    settings = with_code_version(settings or Settings())
    embedder = embedder_of(settings)
    profile = read_profile(settings.profile_file)
    corpus = load_corpus(settings.stories_file, embedder.name, facts_of(profile, settings.stories_file))
    guard = QuestionGuard(corpus, load_rules(settings.nonsense_file))
    index = vector_index_of(settings, corpus, embedder)
    code = settings.code_version
    routing = _build_routing(settings)
    parts = routing.parts
    sessions = {spec.name: api_session(settings, spec) for spec in DOMAINS.values()}
    legacy_search = LegacySearch(corpus, embedder, index, guard, code)
    ask = _build_ask(settings, corpus, legacy_search, sessions[Domain.ASK])
    remote_stories, remote_search = RemoteStories(sessions[Domain.STORIES]), RemoteSearch(sessions[Domain.SEARCH])
    remote_industries = RemoteIndustries(sessions[Domain.INDUSTRIES])
    return Clients(
        settings=settings,
        profile=profile_over(profile, settings.stories_file),
        corpus=corpus,
        stories=StoriesClient(routing.reads, LegacyStories(corpus, code), remote_stories),
        search=SearchClient(routing.reads, legacy_search, remote_search),
        ask=AskClient(routing.reads, routing.writes, ask.legacy, ask.remote),
        industries=IndustriesClient(routing.reads, LegacyIndustries(corpus, code), remote_industries),
        flags=parts.flags,
        pool=parts.pool,
        recorder=parts.recorder,
        auto_rollback=routing.auto_rollback,
        ledger=parts.ledger,
        breakers=parts.breakers,
        conversations=ask.conversations,
        conversation_sides=ask.replicas,
        drain=RepairWorker(parts.ledger, ask.replicas, settings.repair_seconds),
        sessions=tuple(sessions.values()),
    )


@dataclass(frozen=True)
class _Routing:
    """The routers that every domain shares, their collaborators, and the alarm that watches their records."""

    parts: RouterParts
    reads: Router
    writes: WriteRouter
    auto_rollback: AutoRollback


def _build_routing(settings: Settings) -> _Routing:
    flags = Flags(settings.flags_file, with_legacy())
    pool = ShadowPool(settings.shadow_workers, settings.shadow_queue, settings.shadow_timeout)
    auto_rollback = AutoRollback(
        flags,
        FlagEditor(settings.flags_file, Audit(settings.records_file), stepped_back=notifier_of(settings)),
        ReloadingAllowlist(settings.parity_allowed_file),
    )
    recorder = Recorder(
        settings.records_file,
        settings.record_cap,
        days=settings.record_days,
        requests=settings.record_requests,
        watch=auto_rollback.watch,
    )
    breakers = {domain: Breaker(domain, settings.breaker_failures, settings.breaker_reset) for domain in DOMAINS}
    longest_write = max(spec.read_timeout(settings) for spec in DOMAINS.values() if spec.writes)
    ledger = Ledger(settings.ledger_file, lease=2 * (settings.connect_timeout + longest_write))
    parts = RouterParts(flags, breakers, pool, recorder, ledger, addresses_of(settings))
    return _Routing(parts, Router(parts), WriteRouter(parts), auto_rollback)


@dataclass(frozen=True)
class _Ask:
    """Both sides of ask, and the conversations on each."""

    legacy: LegacyAsk
    remote: RemoteAsk
    conversations: ConversationStore
    replicas: dict[Origin, Conversations]


def _build_ask(settings: Settings, corpus: Corpus, search: LegacySearch, session: ApiSession) -> _Ask:
    conversations = ConversationStore(settings.data_dir / "conversations.sqlite3")
    browse = listing_of(corpus, settings.code_version)
    legacy_ask = LegacyAsk(
        corpus, search.hybrid, browse, conversations, answer_writer_of(settings), settings.code_version
    )
    remote = RemoteAsk(session)
    replicas: dict[Origin, Conversations] = {
        Origin.LEGACY: LegacyReplica(legacy_ask),
        Origin.LAMBDA: LambdaReplica(remote),
    }
    return _Ask(legacy_ask, remote, conversations, replicas)


def endpoint_of(domain: str, operation: str) -> Endpoint[Any, Any]:
    """The endpoint of a recorded operation.

    Raises
    ------
    backend_clients.migration.mismatches.replay.NotReplayable
        The operation no longer exists.
    """
    endpoint = _ENDPOINTS.get((domain, operation))
    if endpoint is None:
        raise NotReplayable(f"there is no operation {domain}/{operation}")
    return endpoint

"""The only place that wires things together on the site's side."""

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from backend_clients.ask.client import AskClient
from backend_clients.ask.conversations import Conversations, LambdaReplica, LegacyReplica
from backend_clients.ask.in_process.answer_writer import AnswerWriter
from backend_clients.ask.in_process.conversation_store import ConversationStore
from backend_clients.ask.in_process.llm import ChatModel, TokenBudget
from backend_clients.ask.legacy import LegacyAsk
from backend_clients.ask.remote import RemoteAsk
from backend_clients.corpus.corpus import Corpus, load_corpus
from backend_clients.corpus.embeddings import Embedder, OpenAIEmbedder, WordLlamaEmbedder
from backend_clients.corpus.question_guard import QuestionGuard, load_rules
from backend_clients.flags.audit_log import Audit
from backend_clients.flags.client import Flags
from backend_clients.flags.editor import FlagEditor
from backend_clients.http.session import ApiSession
from backend_clients.industries.client import IndustriesClient
from backend_clients.industries.legacy import LegacyIndustries
from backend_clients.industries.remote import RemoteIndustries
from backend_clients.migration.auto_rollback import AutoRollback
from backend_clients.migration.conversations.repairs import RepairWorker
from backend_clients.migration.mismatches.allowlist import ReloadingAllowlist
from backend_clients.migration.mismatches.replay import replay
from backend_clients.migration.retirement.plan import is_retired
from backend_clients.migration.service import MigrationService
from backend_clients.profile_file import facts_of, read_profile
from backend_clients.records.recorder import Recorder
from backend_clients.routed import Origin
from backend_clients.routing.breaker import Breaker
from backend_clients.routing.read_router import Operation, Router
from backend_clients.routing.repair_ledger import Ledger
from backend_clients.routing.shadow import ShadowPool
from backend_clients.routing.write_router import WriteRouter
from backend_clients.search.client import SearchClient
from backend_clients.search.legacy import LegacySearch
from backend_clients.search.remote import RemoteSearch
from backend_clients.search.vector_index import ExactIndex, PineconeIndex, VectorIndex
from backend_clients.settings import Settings
from backend_clients.stages import DOMAIN_STAGES
from backend_clients.stories.client import StoriesClient
from backend_clients.stories.legacy import LegacyStories
from backend_clients.stories.remote import RemoteStories
from contracts.profile import Profile


@dataclass(frozen=True)
class Clients:
    """One client a domain, and what keeps them running."""

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
    burn: AutoRollback
    ledger: Ledger
    breakers: dict[str, Breaker]
    conversations: ConversationStore
    conversation_sides: dict[Origin, Conversations]
    drain: RepairWorker
    sessions: tuple[ApiSession, ...]

    def operations(self, domain: str) -> tuple[Operation[Any, Any], ...]:
        """Every reading operation of a domain with both its sides, for those who compare them."""
        return {
            "stories": self.stories.operations,
            "search": self.search.operations,
            "ask": self.ask.operations,
            "industries": self.industries.operations,
        }[domain]

    @cached_property
    def migration(self) -> MigrationService:
        """What was recorded of the domains' moves, and the way to change their stages."""
        return MigrationService(
            self.settings,
            breakers=self.breakers,
            flags=self.flags,
            alarms=self.burn.alarms,
            counters=lambda: {"records_lost": self.recorder.lost, "comparisons_dropped": self.pool.dropped},
            replay=partial(replay, self.operations),
        )

    def close(self) -> None:
        self.drain.close()
        self.pool.close()
        self.recorder.close()
        self.burn.close()
        self.ledger.close()
        self.conversations.close()
        self.flags.close()
        for session in self.sessions:
            session.close()


def build_clients(settings: Settings | None = None) -> Clients:
    """Wire the clients.

    Raises
    ------
    contracts.story_file.StoryFileError
        The story file cannot serve.
    backend_clients.profile_file.ProfileError
        The profile cannot be used.
    backend_clients.corpus.question_guard.NonsenseRuleError
        A nonsense rule cannot be used.
    """
    settings = settings or Settings()
    embedder = embedder_of(settings)
    profile = read_profile(settings.profile_file)
    corpus = load_corpus(settings.stories_file, embedder.name, facts_of(profile, settings.stories_file))
    gate = QuestionGuard(corpus, load_rules(settings.nonsense_file))
    index = _index(settings, corpus, embedder)
    code = settings.code_version
    flags = Flags(settings.flags_file, [domain for domain in DOMAIN_STAGES if not is_retired(domain)])
    pool = ShadowPool(settings.shadow_workers, settings.shadow_queue, settings.shadow_timeout)
    burn = AutoRollback(
        flags,
        FlagEditor(settings.flags_file, Audit(settings.records_file)),
        ReloadingAllowlist(settings.parity_allowed_file),
    )
    recorder = Recorder(
        settings.records_file,
        settings.record_cap,
        days=settings.record_days,
        requests=settings.record_requests,
        watch=burn.watch,
    )
    breakers = {domain: Breaker(domain, settings.breaker_failures, settings.breaker_reset) for domain in DOMAIN_STAGES}
    ledger = Ledger(settings.ledger_file, lease=2 * (settings.connect_timeout + settings.ask_read_timeout))
    router = Router(flags, breakers, pool, recorder, ledger)
    writes = WriteRouter(flags, breakers, pool, recorder, ledger)
    sessions = {domain: api_session(settings, domain) for domain in DOMAIN_STAGES}
    legacy_search = LegacySearch(corpus, embedder, index, gate, code)
    conversations = ConversationStore(settings.data_dir / "conversations.sqlite3")
    legacy_ask = LegacyAsk(corpus, legacy_search.hybrid, conversations, _writer(settings), code)
    remote_ask = RemoteAsk(sessions["ask"])
    conversation_sides: dict[Origin, Conversations] = {
        Origin.LEGACY: LegacyReplica(legacy_ask),
        Origin.LAMBDA: LambdaReplica(remote_ask),
    }
    return Clients(
        settings=settings,
        profile=profile,
        corpus=corpus,
        stories=StoriesClient(router, LegacyStories(corpus, code), RemoteStories(sessions["stories"])),
        search=SearchClient(router, legacy_search, RemoteSearch(sessions["search"]), flags),
        ask=AskClient(router, writes, legacy_ask, remote_ask),
        industries=IndustriesClient(router, LegacyIndustries(corpus, code), RemoteIndustries(sessions["industries"])),
        flags=flags,
        pool=pool,
        recorder=recorder,
        burn=burn,
        ledger=ledger,
        breakers=breakers,
        conversations=conversations,
        conversation_sides=conversation_sides,
        drain=RepairWorker(ledger, conversation_sides, settings.repair_seconds),
        sessions=tuple(sessions.values()),
    )


def api_session(settings: Settings, domain: str) -> ApiSession:
    """A session to one domain's API with the settings' key and time-outs. Answers that a model writes take longer."""
    return ApiSession(
        getattr(settings, f"{domain}_api_url"),
        settings.api_key.get_secret_value(),
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.ask_read_timeout if domain == "ask" else settings.read_timeout,
    )


def embedder_of(settings: Settings) -> Embedder:
    """OpenAI's where a key is configured, else WordLlama's, which needs none."""
    key = settings.openai_api_key.get_secret_value()
    return OpenAIEmbedder(key, settings.openai_base_url) if key else WordLlamaEmbedder()


def _index(settings: Settings, corpus: Corpus, embedder: Embedder) -> VectorIndex:
    key = settings.pinecone_api_key.get_secret_value()
    if not key:
        return ExactIndex(corpus, embedder, settings.data_dir)
    return PineconeIndex(corpus, key, settings.pinecone_index_host, settings.pinecone_index)


def _writer(settings: Settings) -> AnswerWriter | None:
    """Who writes prose in-process; without a key nobody does, and answers stay extractive."""
    key = settings.openai_api_key.get_secret_value()
    if not key:
        return None
    model = ChatModel(settings.openai_chat_model, key, settings.openai_base_url)
    return AnswerWriter(model, TokenBudget(settings.data_dir / "tokens.sqlite3", settings.llm_daily_tokens))

"""The only place that wires things together on the site's side."""

from dataclasses import dataclass
from typing import Any

from backend_clients.corpus.corpus import Corpus, load_corpus
from backend_clients.corpus.embeddings import WordLlamaEmbedder
from backend_clients.corpus.gate import QuestionGate, load_rules
from backend_clients.http import ApiSession
from backend_clients.industries.client import IndustriesClient
from backend_clients.industries.legacy import LegacyIndustries
from backend_clients.industries.remote import RemoteIndustries
from backend_clients.routing.breaker import Breaker
from backend_clients.routing.flags import Flags
from backend_clients.routing.ledger import Ledger
from backend_clients.routing.records import Recorder
from backend_clients.routing.router import Operation, Router
from backend_clients.routing.shadow import ShadowPool
from backend_clients.routing.stages import DOMAIN_STAGES
from backend_clients.search.client import SearchClient
from backend_clients.search.index import ExactIndex
from backend_clients.search.legacy import LegacySearch
from backend_clients.search.remote import RemoteSearch
from backend_clients.settings import Settings
from backend_clients.stories.client import StoriesClient
from backend_clients.stories.legacy import LegacyStories
from backend_clients.stories.remote import RemoteStories


@dataclass(frozen=True)
class Clients:
    """One client a domain, and what keeps them running. `flag_problems()` says what is wrong with the flag file."""

    settings: Settings
    corpus: Corpus
    stories: StoriesClient
    search: SearchClient
    industries: IndustriesClient
    flags: Flags
    pool: ShadowPool
    recorder: Recorder
    ledger: Ledger
    breakers: dict[str, Breaker]
    sessions: tuple[ApiSession, ...]

    def operations(self, domain: str) -> tuple[Operation[Any, Any], ...]:
        """Every operation of a domain with both its sides, for those who compare them."""
        return {
            "stories": self.stories.operations,
            "search": self.search.operations,
            "industries": self.industries.operations,
        }[domain]

    def close(self) -> None:
        self.pool.close()
        self.recorder.close()
        self.ledger.close()
        self.flags.close()
        for session in self.sessions:
            session.close()


def build_clients(settings: Settings | None = None) -> Clients:
    """Wire the clients.

    Raises
    ------
    contracts.story_file.StoryFileError
        The story file cannot serve.
    backend_clients.corpus.gate.NonsenseRuleError
        A nonsense rule cannot be used.
    """
    settings = settings or Settings()
    corpus = load_corpus(settings.stories_file)
    gate = QuestionGate(corpus, load_rules(settings.nonsense_file))
    embedder = WordLlamaEmbedder()
    index = ExactIndex(corpus, embedder, settings.data_dir)
    code = settings.code_version
    flags = Flags(settings.flags_file)
    pool = ShadowPool(settings.shadow_workers, settings.shadow_queue, settings.shadow_timeout)
    recorder = Recorder(settings.records_file, settings.record_cap)
    breakers = {domain: Breaker(domain, settings.breaker_failures, settings.breaker_reset) for domain in DOMAIN_STAGES}
    ledger = Ledger(settings.data_dir / "repairs.sqlite3")
    router = Router(flags, breakers, pool, recorder, ledger)
    sessions = {domain: api_session(settings, getattr(settings, f"{domain}_api_url")) for domain in DOMAIN_STAGES}
    return Clients(
        settings=settings,
        corpus=corpus,
        stories=StoriesClient(router, LegacyStories(corpus, code), RemoteStories(sessions["stories"])),
        search=SearchClient(
            router, LegacySearch(corpus, embedder, index, gate, code), RemoteSearch(sessions["search"])
        ),
        industries=IndustriesClient(router, LegacyIndustries(corpus, code), RemoteIndustries(sessions["industries"])),
        flags=flags,
        pool=pool,
        recorder=recorder,
        ledger=ledger,
        breakers=breakers,
        sessions=tuple(sessions.values()),
    )


def api_session(settings: Settings, base_url: str) -> ApiSession:
    """A session to one domain's API with the settings' key and time-outs."""
    return ApiSession(
        base_url,
        settings.api_key.get_secret_value(),
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
    )

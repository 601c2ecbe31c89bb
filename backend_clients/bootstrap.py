"""The only place that wires things together on the site's side."""

from dataclasses import dataclass
from typing import Any

from backend_clients.corpus.corpus import Corpus, load_corpus
from backend_clients.http import ApiSession
from backend_clients.routing.breaker import Breaker
from backend_clients.routing.flags import Flags
from backend_clients.routing.records import Recorder
from backend_clients.routing.router import Operation, Router
from backend_clients.routing.shadow import ShadowPool
from backend_clients.routing.stages import DOMAIN_STAGES
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
    flags: Flags
    pool: ShadowPool
    recorder: Recorder
    breakers: dict[str, Breaker]
    sessions: tuple[ApiSession, ...]

    def operations(self, domain: str) -> tuple[Operation[Any, Any], ...]:
        """Every operation of a domain with both its sides, for those who compare them."""
        return {"stories": self.stories.operations}[domain]

    def close(self) -> None:
        self.pool.close()
        self.recorder.close()
        self.flags.close()
        for session in self.sessions:
            session.close()


def build_clients(settings: Settings | None = None) -> Clients:
    """Wire the clients.

    Raises
    ------
    contracts.story_file.StoryFileError
        The story file cannot serve.
    """
    settings = settings or Settings()
    corpus = load_corpus(settings.stories_file)
    flags = Flags(settings.flags_file)
    pool = ShadowPool(settings.shadow_workers, settings.shadow_queue, settings.shadow_timeout)
    recorder = Recorder(settings.records_file, settings.record_cap)
    breakers = {domain: Breaker(domain, settings.breaker_failures, settings.breaker_reset) for domain in DOMAIN_STAGES}
    router = Router(flags, breakers, pool, recorder)
    stories_api = api_session(settings, settings.stories_api_url)
    return Clients(
        settings=settings,
        corpus=corpus,
        stories=StoriesClient(
            router,
            LegacyStories(corpus, settings.code_version),
            RemoteStories(stories_api),
        ),
        flags=flags,
        pool=pool,
        recorder=recorder,
        breakers=breakers,
        sessions=(stories_api,),
    )


def api_session(settings: Settings, base_url: str) -> ApiSession:
    """A session to one domain's API with the settings' key and time-outs."""
    return ApiSession(
        base_url,
        settings.api_key.get_secret_value(),
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
    )

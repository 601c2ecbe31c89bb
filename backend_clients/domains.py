"""The registry of domains: what differs between domains, as data that all other code reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import SecretStr

from backend_clients.settings import Settings
from backend_clients.stages import READ_ONLY_STAGES, Stage


class Domain(StrEnum):
    """The domains of this application."""

    STORIES = "stories"
    SEARCH = "search"
    ASK = "ask"
    INDUSTRIES = "industries"


@dataclass(frozen=True, slots=True)
class DomainSpec:
    """One domain: its stages and the settings that differ from other domains'.

    Its flag has the domain's name. `stored` is the plural noun of what it writes, "" if it only reads. `package` holds
    its client and both its sides; the default is `backend_clients.<name>`.
    """

    name: str
    stages: tuple[Stage, ...] = READ_ONLY_STAGES
    stored: str = ""
    read_timeout_setting: str = "read_timeout"
    package: str = ""

    @property
    def writes(self) -> bool:
        """Whether the domain has write operations, which some stages send to both sides."""
        return Stage.DUALWRITE in self.stages

    @property
    def api_url_setting(self) -> str:
        """The setting that holds the URL of its API; the environment variable is the same name in capitals."""
        return f"{self.name}_api_url"

    @property
    def api_key_setting(self) -> str:
        """The setting that holds the key of its API."""
        return f"{self.name}_api_key"

    @property
    def legacy_module(self) -> str:
        return f"{self.package or f'backend_clients.{self.name}'}.legacy"

    @property
    def client_class(self) -> str:
        return f"{self.name.capitalize()}Client"

    def api_url(self, settings: Settings) -> str:
        """The URL of its API, "" if none is configured."""
        return str(getattr(settings, self.api_url_setting))

    def api_key(self, settings: Settings) -> str:
        """The key of its API: its own, else the one for all."""
        own: SecretStr = getattr(settings, self.api_key_setting, settings.api_key)
        return own.get_secret_value() or settings.api_key.get_secret_value()

    def read_timeout(self, settings: Settings) -> float:
        """Seconds to wait for an answer."""
        return float(getattr(settings, self.read_timeout_setting))


Registry = Mapping[str, DomainSpec]


def registry_of(*specs: DomainSpec) -> Registry:
    """A registry of these domains, in this order."""
    return {spec.name: spec for spec in specs}


DOMAINS: Final = registry_of(
    DomainSpec(Domain.STORIES.value),
    DomainSpec(Domain.SEARCH.value),
    DomainSpec(
        Domain.ASK.value, tuple(Stage), stored="conversations", read_timeout_setting="ask_read_timeout"
    ),  # answers that a model writes take longer
    DomainSpec(Domain.INDUSTRIES.value),
)


def addresses_of(settings: Settings) -> dict[str, str]:
    """The URL of each domain's API, "" if none is configured."""
    return {spec.name: spec.api_url(settings) for spec in DOMAINS.values()}

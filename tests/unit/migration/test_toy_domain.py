"""A domain that this application does not have moves by the same machinery: how another application would use it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from backend_clients.domains import DOMAINS, DomainSpec, registry_of
from backend_clients.flags.client import Flags
from backend_clients.http.endpoint import Endpoint
from backend_clients.http.session import ApiResponse
from backend_clients.migration.gate.thresholds import COMPARISONS
from backend_clients.migration.service import GateRefused, MigrationService
from backend_clients.records.recorder import Recorder
from backend_clients.routed import Origin
from backend_clients.routing.breaker import Breaker
from backend_clients.routing.read_router import Operation, Router
from backend_clients.routing.repair_ledger import Ledger
from backend_clients.routing.router_parts import RouterParts
from backend_clients.routing.shadow import ShadowPool
from backend_clients.settings import Settings
from tests.support.sides.routed import eventually

QUOTES = DomainSpec("quotes", package="tests.support.sides")
REGISTRY = registry_of(*DOMAINS.values(), QUOTES)
ENOUGH = COMPARISONS + 100


class QuoteRequest(BaseModel):
    author: str


class Quote(BaseModel):
    text: str


class QuoteSettings(Settings):
    """Settings of an application that has the fifth domain."""

    quotes_api_url: str = "http://127.0.0.1:9"


ENDPOINT = Endpoint("quotes", "get", QuoteRequest, Quote, "POST", "/api/quotes")


def legacy(request: QuoteRequest) -> Quote:
    return Quote(text=f"{request.author} said so")


def remote(request: QuoteRequest, /, *, shadow: bool = False) -> ApiResponse[Quote]:
    return ApiResponse(legacy(request))


class Application:
    """The machinery over real files, with the fifth domain in its registry."""

    def __init__(self, folder: Path) -> None:
        flags = folder / "flags.yaml"
        variants = {stage.value: stage.value for stage in QUOTES.stages}
        flag = {"state": "ENABLED", "variants": variants, "defaultVariant": "legacy"}
        flags.write_text(yaml.safe_dump({"flags": {"quotes": flag}}), "utf-8")
        self.settings = QuoteSettings(data_dir=folder, flags_file=flags, parity_allowed_file=folder / "allowed.yaml")
        self.service = MigrationService(self.settings, domains=REGISTRY)
        self.flags = Flags(flags, registry_of(QUOTES))
        self.pool = ShadowPool(2, 10 * ENOUGH, 30.0)
        self.recorder = Recorder(self.settings.records_file, 10_000)
        self.ledger = Ledger(self.settings.ledger_file)
        breakers = {"quotes": Breaker("quotes", 5, 30.0)}
        self.router = Router(RouterParts(self.flags, breakers, self.pool, self.recorder, self.ledger))
        self.operation = Operation(ENDPOINT, legacy, remote, lambda quote: {"text": quote.text})

    def visits(self, count: int) -> set[Origin]:
        """Who answered so many visitors, once everything about them is recorded."""
        request = QuoteRequest(author="Ada")
        found = {self.router.read(self.operation, request, f"visitor-{number}").origin for number in range(count)}
        assert self.pool.drain(30.0)
        assert self.recorder.flush()
        return found

    def goes_to(self, stage: str) -> None:
        self.service.set_stage("quotes", stage, 100, reason="it is time", who="tests")
        assert eventually(lambda: self.flags.stage("quotes", "visitor").stage == stage)

    def close(self) -> None:
        self.pool.close()
        self.recorder.close()
        self.ledger.close()
        self.flags.close()


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    with closing(Application(tmp_path)) as made:
        yield made


def test_a_fifth_domain_goes_through_shadow_live_and_a_gate(application: Application) -> None:
    assert application.visits(1) == {Origin.LEGACY}
    application.goes_to("shadow")
    assert application.visits(3) == {Origin.LEGACY}
    with pytest.raises(GateRefused) as refused:
        application.goes_to("live")
    assert refused.value.report.reasons[0].startswith("comparisons (inconclusive)")
    assert application.visits(ENOUGH) == {Origin.LEGACY}
    status = application.service.status("quotes")
    assert status.window.outcomes == {"match": ENOUGH + 3}
    assert status.gate is not None
    assert status.gate.verdict == "pass"
    application.goes_to("live")
    assert application.visits(1) == {Origin.LAMBDA}
    assert [change.after for change in application.service.changes("quotes")] == ["live", "shadow"]


def test_the_address_of_a_fifth_domain_is_a_setting_named_after_it(application: Application) -> None:
    conditions = application.service.gate("quotes", "shadow").conditions
    assert "http://127.0.0.1:9" in {condition.figure for condition in conditions}


@pytest.mark.parametrize("domain", DOMAINS.values(), ids=list(DOMAINS))
def test_every_domain_has_its_settings(domain: DomainSpec) -> None:
    assert {domain.api_url_setting, domain.read_timeout_setting} <= set(Settings.model_fields)

"""A site with both sides within reach of faults: proxies before the gateway and DynamoDB, a stage for each visitor."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import yaml
from pydantic import SecretStr

from backend_clients.ask.remote import RemoteAsk
from backend_clients.bootstrap import Clients, build_clients
from backend_clients.domains import DOMAINS
from backend_clients.errors import BackendError
from backend_clients.http.session import ApiSession
from backend_clients.industries.remote import RemoteIndustries
from backend_clients.search.remote import RemoteSearch
from backend_clients.settings import Settings
from backend_clients.stories.remote import RemoteStories
from contracts.ask import AskRequest
from contracts.conversations import FeedbackRequest, ForgetRequest, HistoryRequest
from contracts.industries import IndustriesRequest
from contracts.search import SearchRequest
from contracts.stories import StoryRequest
from lambdas.local.launcher import Cloud, running_cloud
from lambdas.local.moto import MotoProcess
from lambdas.local.stack.resources import CREDENTIALS
from operations.stack.loaders import load_into
from operations.stack.local_stack import Stacks, stacks_of
from tests.support.faults.chatter import turn_of
from tests.support.faults.proxy import FaultProxy, fault_proxy
from tests.support.stacks.cloud import KEY

MOST_SECONDS = 90.0  # that anything here may take
_PATIENCE = 0.12  # of the time that the start took, which is eight seconds on an idle machine


@dataclass(frozen=True)
class Direct:
    """The Lambda sides, past every proxy."""

    stories: RemoteStories
    search: RemoteSearch
    ask: RemoteAsk
    industries: RemoteIndustries

    def warm(self) -> None:
        """Have every function called once, in its own time; whatever it answers."""
        with ThreadPoolExecutor(len(_WARMING)) as pool:
            for call in [pool.submit(call, self) for call in _WARMING]:
                with suppress(BackendError):
                    call.result()


_STORY = "payments-modernization|jpmorgan-chase"
_SESSION, _TURN = "warming-up-session", "warming-up-turn"
_WARMING: tuple[Callable[[Direct], object], ...] = (
    lambda to: to.stories.get_story(StoryRequest(id=_STORY)),
    lambda to: to.search.hybrid(SearchRequest(query="payments")),
    lambda to: to.ask.generate(AskRequest(question="How were payments done?", session_id=_SESSION, turn_id=_TURN)),
    lambda to: to.ask.history(HistoryRequest(session_id=_SESSION)),
    lambda to: to.ask.append(turn_of(_SESSION, 0)),
    lambda to: to.ask.forget(ForgetRequest(session_id=_SESSION)),
    lambda to: to.ask.rate(FeedbackRequest(session_id=_SESSION, turn_id=_TURN, helpful=True)),
    lambda to: to.industries.list_industries(IndustriesRequest()),
)


@dataclass(frozen=True)
class FaultSite:
    """Running clients, and everything about them that can be broken."""

    clients: Clients
    wire: FaultProxy
    dynamodb: FaultProxy
    cloud: Cloud
    stacks: Stacks
    direct: "Direct"
    flags: Path

    def s3(self) -> Any:
        return boto3.client("s3", endpoint_url=self.stacks.endpoint("s3"), region_name="us-east-1", **CREDENTIALS)

    def settle(self) -> None:
        """Wait until what was begun off the visitors' path has ended and is recorded."""
        assert self.clients.pool.drain(MOST_SECONDS)
        assert self.clients.recorder.flush(MOST_SECONDS)


def visitor_in(stage: str) -> str:
    """A visitor whom the flags put into this stage."""
    return f"visitor-in-{stage}"


def flags_text() -> str:
    """Flags that put each visitor of `visitor_in` into that stage, and everybody else into `legacy`."""
    return yaml.safe_dump({"flags": {domain: _flag(domain) for domain in DOMAINS}}, sort_keys=False)


def _flag(domain: str) -> dict[str, object]:
    stages = [stage.value for stage in DOMAINS[domain].stages]
    rule: list[object] = []
    for stage in stages:
        rule += [{"===": [{"var": "targetingKey"}, visitor_in(stage)]}, stage]
    return {
        "state": "ENABLED",
        "variants": {stage: stage for stage in stages},
        "defaultVariant": "legacy",
        "targeting": {"if": [*rule, "legacy"]},
    }


@contextmanager
def fault_site(folder: Path, **settings: object) -> Iterator[FaultSite]:
    """Start a cloud with the sample corpus, proxies before it, and clients with these settings.

    The clients wait for answers a second, or longer on a machine that was slow to start all this.
    """
    started = time.monotonic()
    with ExitStack() as stack:
        moto = MotoProcess(0)
        stack.callback(moto.stop)
        dynamodb = stack.enter_context(fault_proxy(moto.url()))
        # One process a function, so that every cold start happens when a test means it to.
        cloud = stack.enter_context(
            running_cloud(
                env={"API_KEY": KEY, "AWS_ENDPOINT_URL_DYNAMODB": dynamodb.url, "TMPDIR": str(folder)},
                options=["--concurrency", "1"],
            )
        )
        stacks = stacks_of(cloud)
        load_into(stacks, Settings(data_dir=folder))
        session = stack.enter_context(ApiSession(cloud.url, KEY, connect_timeout=5.0, read_timeout=29.0))
        direct = Direct(RemoteStories(session), RemoteSearch(session), RemoteAsk(session), RemoteIndustries(session))
        direct.warm()
        wire = stack.enter_context(fault_proxy(cloud.url))
        flags = folder / "feature_flags.yaml"
        flags.write_text(flags_text())
        patience = max(1.0, _PATIENCE * (time.monotonic() - started))
        clients = build_clients(_settings(folder, flags, wire.url, {**settings, "read_timeout": patience}))
        stack.callback(clients.close)
        yield FaultSite(clients, wire, dynamodb, cloud, stacks, direct, flags)


def _settings(folder: Path, flags: Path, url: str, given: dict[str, Any]) -> Settings:
    return Settings(
        data_dir=folder,
        flags_file=flags,
        api_key=SecretStr(KEY),
        stories_api_url=url,
        search_api_url=url,
        ask_api_url=url,
        industries_api_url=url,
        connect_timeout=0.2,
        ask_read_timeout=given["read_timeout"],
        **given,
    )


def eventually_true(condition: Callable[[], object], within: float = MOST_SECONDS) -> None:
    """Wait for a condition; an assertion if it does not come true in time."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)

"""A real local cloud with a corpus in it, and clients of both sides, for tests that compare or break them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from backend_clients.bootstrap import Clients, build_clients
from backend_clients.settings import Settings
from lambdas.local.launcher import Cloud, running_cloud
from operations.stack.loaders import load_into
from operations.stack.local_stack import stacks_of

KEY = "test-key"
FLAGS = """\
flags:
  {domain}:
    state: ENABLED
    variants: {{legacy: legacy, shadow: shadow, live: live, lambda: lambda}}
    defaultVariant: {stage}
"""


@dataclass(frozen=True)
class Both:
    """A running cloud and clients that know both sides; `flags` is the file that decides."""

    cloud: Cloud
    clients: Clients
    flags: Path

    def put(self, domain: str, stage: str) -> None:
        self.flags.write_text(FLAGS.format(domain=domain, stage=stage))


@contextmanager
def both_sides(
    folder: Path, stories: Path | None = None, variables: Mapping[str, str] | None = None, **overrides: object
) -> Iterator[Both]:
    """Start the stack, load the corpus (the sample if none is given), and wire the clients.

    `variables` are of the environment, such as `OPENAI_API_KEY`; both sides are given them.
    """
    variables = variables or {}
    flags = folder / "feature_flags.yaml"
    flags.write_text(FLAGS.format(domain="stories", stage="legacy"))
    with running_cloud(env={"API_KEY": KEY, **variables}) as cloud:
        # A cold start on a busy machine is no mismatch: wait as long as API Gateway would.
        given = (
            {"read_timeout": 29.0}
            | {name.lower(): value for name, value in variables.items()}
            | ({"stories_file": stories} if stories else {})
            | overrides
        )
        settings = Settings(
            data_dir=folder,
            flags_file=flags,
            api_key=SecretStr(KEY),
            stories_api_url=cloud.url,
            search_api_url=cloud.url,
            ask_api_url=cloud.url,
            industries_api_url=cloud.url,
            **given,
        )
        stack = stacks_of(cloud)
        load_into(stack, settings)
        clients = build_clients(settings)
        try:
            yield Both(cloud, clients, flags)
        finally:
            clients.close()

"""Finds the running local Lambda stack, or starts one for a run."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import boto3
import requests
from pydantic import SecretStr

from backend_clients.domains import DOMAINS
from backend_clients.settings import Settings
from lambdas.local.launcher import Cloud, running_cloud

LOCAL_KEY: Final = "local-key"


class MissingOutput(LookupError):
    """A stack is not running, or its version lacks the output."""


@dataclass(frozen=True)
class Stacks:
    """Running stacks: the gateway, the AWS endpoint ("" for AWS itself) and each domain's stack outputs."""

    url: str
    aws_endpoint: str
    dynamodb_endpoint: str
    region: str
    outputs: Mapping[str, Mapping[str, str]]

    @property
    def api_urls(self) -> dict[str, str]:
        """The site's API URL settings: all domains are behind one gateway."""
        return {domain.api_url_setting: self.url for domain in DOMAINS.values()}

    def endpoint(self, service: str) -> str | None:
        """The endpoint of an AWS service, None for AWS itself. DynamoDB may have a separate endpoint."""
        endpoint = self.dynamodb_endpoint if service == "dynamodb" else self.aws_endpoint
        return endpoint or None

    def output(self, stack: str, name: str) -> str:
        """One of a stack's outputs; raises `MissingOutput`."""
        try:
            return self.outputs[stack][name]
        except KeyError:
            raise MissingOutput(f"no stack {stack!r} with an output {name!r} runs there") from None


def find_stack(port: int) -> Stacks | None:
    """The local cloud on this port, None if there is none."""
    url = f"http://127.0.0.1:{port}"
    session = requests.Session()
    session.trust_env = False
    try:
        response = session.get(f"{url}/-/stacks", timeout=2.0)
        response.raise_for_status()
        return _described(url, response.json())
    except (requests.RequestException, KeyError, TypeError):  # no server, or another one
        return None


@contextmanager
def own_stack(api_key: str) -> Iterator[Stacks]:
    """Start a local cloud on a free port and stop it at the end."""
    with running_cloud(env={"API_KEY": api_key}) as cloud:
        yield stacks_of(cloud)


def stacks_of(cloud: Cloud) -> Stacks:
    """The stacks of a local cloud that this process started."""
    return _described(cloud.url, cloud.request("GET", "/-/stacks"))


def deployed_stack() -> Stacks:
    """The stacks deployed in the AWS account, by the stack names in the `samconfig.toml` files."""
    client = boto3.client("cloudformation")
    outputs = {}
    for domain in DOMAINS:
        found = client.describe_stacks(StackName=f"mattgpt-{domain}")["Stacks"][0]
        outputs[domain] = {item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", ())}
    return Stacks(url="", aws_endpoint="", dynamodb_endpoint="", region=client.meta.region_name, outputs=outputs)


def site_settings(settings: Settings, stack: Stacks, key: str = "") -> Settings:
    """The settings for clients of these stacks."""
    own = key or settings.api_key.get_secret_value() or LOCAL_KEY
    return settings.model_copy(update={**stack.api_urls, "api_key": SecretStr(own)})


def _described(url: str, found: dict[str, Any]) -> Stacks:
    return Stacks(
        url=url,
        aws_endpoint=found["aws_endpoint"],
        dynamodb_endpoint=found["dynamodb_endpoint"],
        region=found["region"],
        outputs={name: stack["outputs"] for name, stack in found["stacks"].items()},
    )

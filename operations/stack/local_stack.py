"""Finds the running local Lambda stack, or starts one for a run."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import boto3
import requests
from botocore.config import Config
from pydantic import SecretStr

from backend_clients.domains import DOMAINS, DomainSpec
from backend_clients.settings import Settings
from lambdas.local.launcher import Cloud, running_cloud

_CONFIG: Final = Config(retries={"total_max_attempts": 6, "mode": "standard"}, s3={"addressing_style": "path"})

DEFAULT_PORT: Final = 3000
_NOTE: Final = "stack.json"


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
    sources: str = ""  # fingerprint of the sources that the functions run by; "" for built artefacts and AWS

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


def running_stack(settings: Settings, api_port: int | None) -> Stacks | None:
    """The local cloud on a port, or else the one that `mattgpt up` noted in the data folder, or on `DEFAULT_PORT`."""
    if api_port is not None:
        return find_stack(api_port)
    ports = dict.fromkeys((_noted_port(settings), DEFAULT_PORT))
    return next((stack for port in ports if port and (stack := find_stack(port))), None)


def note_stack(settings: Settings, port: int) -> None:
    """Note in the data folder on which port its stack runs, for the commands that use the same folder."""
    with suppress(OSError):
        (settings.data_dir / _NOTE).write_text(json.dumps({"port": port}), "utf-8")


def forget_stack(settings: Settings, port: int) -> None:
    """Remove the note unless another stack's port is in it."""
    if _noted_port(settings) == port:
        (settings.data_dir / _NOTE).unlink(missing_ok=True)


def _noted_port(settings: Settings) -> int | None:
    try:
        port = json.loads((settings.data_dir / _NOTE).read_text("utf-8"))["port"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return port if isinstance(port, int) and 0 < port < 65536 else None


@contextmanager
def own_stack(settings: Settings) -> Iterator[Stacks]:
    """Start a local cloud on a free port, with the settings' keys if they have any, and stop it at the end."""
    keys = {domain.api_key_setting.upper(): domain.api_key(settings) for domain in DOMAINS.values()}
    with running_cloud(env=keys) as cloud:
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


def site_settings(settings: Settings, stack: Stacks) -> Settings:
    """The settings for clients of these stacks: their addresses, and their keys where the settings have none."""
    missing = [domain for domain in DOMAINS.values() if not domain.api_key(settings)]
    keys = api_keys(stack, missing) if missing else {}
    return settings.model_copy(update={**stack.api_urls, **{name: SecretStr(key) for name, key in keys.items()}})


def api_keys(stack: Stacks, domains: Iterable[DomainSpec]) -> dict[str, str]:
    """The keys of domains' APIs by the name of the site's setting, read from API Gateway by the stacks' `ApiKeyId`."""
    client = aws_client(stack, "apigateway")
    return {
        domain.api_key_setting: client.get_api_key(apiKey=key_id, includeValue=True)["value"]
        for domain in domains
        if (key_id := stack.outputs.get(domain.name, {}).get("ApiKeyId"))
    }


def aws_client(stack: Stacks, service: str) -> Any:
    """A client of an AWS service where the stack runs."""
    local = {"aws_access_key_id": "local", "aws_secret_access_key": "local"} if stack.aws_endpoint else {}
    return boto3.client(  # type: ignore[call-overload]  # the service is a variable
        service, endpoint_url=stack.endpoint(service), region_name=stack.region, config=_CONFIG, **local
    )


def _described(url: str, found: dict[str, Any]) -> Stacks:
    return Stacks(
        url=url,
        aws_endpoint=found["aws_endpoint"],
        dynamodb_endpoint=found["dynamodb_endpoint"],
        region=found["region"],
        outputs={name: stack["outputs"] for name, stack in found["stacks"].items()},
        sources=found.get("sources", ""),
    )

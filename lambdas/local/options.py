"""The command line of the local cloud."""

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lambdas.local.sources import git_version

SECRETS = {
    "OpenAiApiKeyArn": "OPENAI_API_KEY",
    "EmbeddingsApiKeyArn": "EMBEDDINGS_API_KEY",
    "PineconeApiKeyArn": "PINECONE_API_KEY",
}
_VARIABLES = {
    "OpenAiEndpoint": "OPENAI_BASE_URL",
    "OpenAiChatModel": "OPENAI_CHAT_MODEL",
    "EmbeddingsEndpoint": "EMBEDDINGS_BASE_URL",
    "EmbeddingsModel": "EMBEDDINGS_MODEL",
    "LlmDailyTokens": "LLM_DAILY_TOKENS",
    "PineconeIndexHost": "PINECONE_INDEX_HOST",
    "PineconeIndex": "PINECONE_INDEX",
}
REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Options:
    host: str
    port: int
    moto_port: int
    templates: tuple[Path, ...]
    artefacts: Path | None
    parameters: dict[str, str]
    secrets: dict[str, str]
    concurrency: int
    log_level: str

    @property
    def source_root(self) -> Path | None:
        """Root of the source tree, searched after the CodeUri; None for built artefacts, which must be complete."""
        return None if self.artefacts else REPOSITORY


def api_key_of(stack: str, environment: Mapping[str, str] = os.environ) -> str:
    """The key of a stack's API: `<STACK>_API_KEY`, else `API_KEY`, else one that is made for this stack."""
    own = environment.get(f"{stack.replace('-', '_').upper()}_API_KEY")
    return own or environment.get("API_KEY") or f"local-key-of-{stack}-api"


def parse_options(arguments: list[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m lambdas.local", description="Run the SAM stacks locally.")
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    add("--port", type=_port, default=3000, help="port of the gateway, 0 for any (default %(default)s)")
    add("--moto-port", type=_port, default=0, help="port of the moto server, 0 for any (default)")
    add("--templates", nargs="+", default=["lambdas/*/template.yaml"], metavar="GLOB", help="SAM templates")
    add("--artefacts", type=Path, metavar="DIR", help="run DIR/STACK/template.yaml, made by `sam build -b DIR/STACK`")
    add("--param", action="append", default=[], metavar="NAME=VALUE", help="value of a template parameter")
    add("--concurrency", type=int, default=4, help="processes per function at most (default %(default)s)")
    add("--log-level", default="INFO", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    given = parser.parse_args(arguments)
    templates = _find(given.templates)
    if not templates:
        parser.error(f"no template matches {' '.join(given.templates)}")
    if bad := [item for item in given.param if "=" not in item]:
        parser.error(f"--param wants NAME=VALUE, not {bad[0]}")
    if given.artefacts:
        templates = [given.artefacts / template.resolve().parent.name / template.name for template in templates]
    return Options(
        host=given.host,
        port=given.port,
        moto_port=given.moto_port,
        templates=tuple(templates),
        artefacts=given.artefacts,
        parameters=_defaults() | dict(item.split("=", 1) for item in given.param),
        secrets={name: os.environ[variable] for name, variable in SECRETS.items() if os.environ.get(variable)},
        concurrency=max(1, given.concurrency),
        log_level=given.log_level,
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 0 to 65535")
    return int(text)


def _defaults() -> dict[str, str]:
    """Template parameters that are taken from the working tree and the site's environment variables."""
    given = {name: os.environ[variable] for name, variable in _VARIABLES.items() if variable in os.environ}
    return {"CodeVersion": git_version(REPOSITORY), **given}


def _find(patterns: list[str]) -> list[Path]:
    """Templates by path or glob; relative ones start at the repository."""
    found: list[Path] = []
    for pattern in patterns:
        path = Path(pattern)
        root, rest = (Path(path.anchor), path.relative_to(path.anchor)) if path.anchor else (REPOSITORY, path)
        found += sorted(root.glob(str(rest)))
    return list(dict.fromkeys(found))

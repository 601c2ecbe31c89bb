"""Settings of the search functions, from the environment that the template sets."""

import tempfile
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr

from lambdas.common.settings import FunctionSettings


class CacheUse(StrEnum):
    """When answers are cached. `AUTO` caches if an answer calls another service; otherwise reading the cache would be
    slower than computing the answer."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class SearchSettings(FunctionSettings):
    table_name: str = Field(min_length=1, description="the domain's DynamoDB table")
    index_bucket: str = Field(min_length=1, description="bucket of search indexes")
    cache_table: str = Field(min_length=1, description="table of cached answers")
    answer_cache: CacheUse = Field(
        CacheUse.AUTO,
        description="when answers are cached: `auto` (where an answer calls another service), `always`, `never`",
    )
    openai_api_key: SecretStr = Field(
        SecretStr(""),
        description="key of an OpenAI-compatible server that embeds queries, or the ARN of the secret that holds it",
    )
    openai_base_url: str = Field("", description="base URL of that server")
    embeddings_api_key: SecretStr = Field(
        SecretStr(""),
        description="key of a server for embeddings alone, or its secret's ARN; empty, and no base URL: "
        "the chat model's",
    )
    embeddings_base_url: str = Field("", description="base URL of the server for embeddings alone")
    embeddings_model: str = Field(
        "", description="model that embeds texts; `local`: the built-in WordLlama, whatever answers questions"
    )
    pinecone_api_key: SecretStr = Field(
        SecretStr(""), description="key of Pinecone, or the ARN of the secret that holds it"
    )
    pinecone_index_host: str = Field("", description="host of the Pinecone index")
    pinecone_index: str = Field("", description="name of the Pinecone index")
    snapshot_folder: Path = Field(
        default_factory=lambda: Path(tempfile.gettempdir()) / "search-indexes",
        description="folder of downloaded snapshots",
    )


@cache
def search_settings() -> SearchSettings:
    return SearchSettings()

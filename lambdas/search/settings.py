"""The environment of the search functions, as their template sets it."""

import tempfile
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr

from lambdas.common.settings import FunctionSettings


class CacheUse(StrEnum):
    """When answers are cached. `AUTO`: where an answer takes a call to another service; reading the cache takes one
    too, so it is slower than what is worked out in the process."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class SearchSettings(FunctionSettings):
    table_name: str = Field(min_length=1)
    index_bucket: str = Field(min_length=1)
    cache_table: str = Field(min_length=1)
    answer_cache: CacheUse = CacheUse.AUTO
    openai_api_key: SecretStr = SecretStr("")
    openai_base_url: str = ""
    pinecone_api_key: SecretStr = SecretStr("")
    pinecone_index_host: str = ""
    pinecone_index: str = ""
    snapshot_folder: Path = Field(default_factory=lambda: Path(tempfile.gettempdir()) / "search-indexes")


@cache
def search_settings() -> SearchSettings:
    return SearchSettings()

"""The environment of the search functions, as their template sets it."""

import tempfile
from functools import cache
from pathlib import Path

from pydantic import Field

from lambdas.common.settings import FunctionSettings


class SearchSettings(FunctionSettings):
    table_name: str = Field(min_length=1)
    index_bucket: str = Field(min_length=1)
    snapshot_folder: Path = Field(default_factory=lambda: Path(tempfile.gettempdir()) / "search-indexes")


@cache
def search_settings() -> SearchSettings:
    return SearchSettings()

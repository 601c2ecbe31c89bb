"""The environment of the stories functions, as their template sets it."""

import tempfile
from functools import cache
from pathlib import Path

from pydantic import Field

from lambdas.common.settings import FunctionSettings


class StoriesSettings(FunctionSettings):
    table_name: str = Field(min_length=1)
    listing_bucket: str = Field(min_length=1)
    snapshot_folder: Path = Field(default_factory=lambda: Path(tempfile.gettempdir()) / "stories-listings")


@cache
def stories_settings() -> StoriesSettings:
    return StoriesSettings()

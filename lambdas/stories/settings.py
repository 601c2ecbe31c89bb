"""Settings of the stories functions, read from the environment that their template sets."""

import tempfile
from functools import cache
from pathlib import Path

from pydantic import Field

from lambdas.common.settings import FunctionSettings


class StoriesSettings(FunctionSettings):
    table_name: str = Field(min_length=1, description="the domain's DynamoDB table")
    listing_bucket: str = Field(min_length=1, description="bucket of catalogs")
    snapshot_folder: Path = Field(
        default_factory=lambda: Path(tempfile.gettempdir()) / "stories-listings",
        description="folder of downloaded snapshots",
    )


@cache
def stories_settings() -> StoriesSettings:
    return StoriesSettings()

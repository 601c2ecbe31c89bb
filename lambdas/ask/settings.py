"""The environment of the ask functions, as their template sets it."""

from functools import cache

from pydantic import Field

from lambdas.common.settings import FunctionSettings


class ConversationSettings(FunctionSettings):
    table_name: str = Field(min_length=1, description="the domain's DynamoDB table")


class StoriesApiSettings(FunctionSettings):
    stories_base_url: str = Field(min_length=1, description="base URL of the stories API")
    stories_api_key: str = Field("", description="its key")


class SearchApiSettings(FunctionSettings):
    search_base_url: str = Field(min_length=1, description="base URL of the search API")
    search_api_key: str = Field("", description="its key")


class ExportSettings(ConversationSettings):
    export_bucket: str = Field(min_length=1, description="bucket of exported conversations")


@cache
def conversation_settings() -> ConversationSettings:
    return ConversationSettings()


@cache
def stories_api_settings() -> StoriesApiSettings:
    return StoriesApiSettings()


@cache
def search_api_settings() -> SearchApiSettings:
    return SearchApiSettings()


@cache
def export_settings() -> ExportSettings:
    return ExportSettings()

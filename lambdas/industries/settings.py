"""Settings of the industries functions, read from the environment that their template sets."""

from functools import cache

from pydantic import Field

from lambdas.common.settings import FunctionSettings


class IndustriesSettings(FunctionSettings):
    table_name: str = Field(min_length=1, description="the domain's DynamoDB table")


@cache
def industries_settings() -> IndustriesSettings:
    return IndustriesSettings()

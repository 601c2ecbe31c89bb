"""The environment of the industries functions, as their template sets it."""

from functools import cache

from pydantic import Field

from lambdas.common.settings import FunctionSettings


class IndustriesSettings(FunctionSettings):
    table_name: str = Field(min_length=1, description="the domain's DynamoDB table")


@cache
def industries_settings() -> IndustriesSettings:
    return IndustriesSettings()

"""Settings that all functions share, read from the environment that a template sets."""

from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class FunctionSettings(BaseSettings):
    """Settings of one function; a domain adds its tables and buckets in a subclass."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    code_version: str = Field("dev", description="stamped on answers")
    allowed_origins: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(), description="origins that browsers may call from, comma-separated"
    )

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """A template's CommaDelimitedList arrives as one comma-separated string."""
        if not isinstance(value, str):
            return value
        return frozenset(origin.strip() for origin in value.split(",") if origin.strip())

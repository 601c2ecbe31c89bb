"""The only reader of the environment on the site's side."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

REPOSITORY = Path(__file__).resolve().parent.parent


def _readable_by_flagd(path: Path) -> Path:
    if path.suffix not in (".yaml", ".json"):
        raise ValueError("must end in .yaml or .json, which are the formats flagd reads")
    return path


class Settings(BaseSettings):
    """Where things are and how long to wait. Times are in seconds.

    A domain without an API address has no Lambda side: it then answers "unavailable", and legacy serves where the stage
    lets it.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    stories_file: Path = REPOSITORY / "streamlit_app" / "data" / "stories.jsonl"
    profile_file: Path = REPOSITORY / "streamlit_app" / "data" / "profile.yaml"
    nonsense_file: Path = REPOSITORY / "streamlit_app" / "data" / "nonsense_filters.jsonl"
    flags_file: Annotated[Path, AfterValidator(_readable_by_flagd)] = REPOSITORY / "feature_flags.yaml"
    parity_allowed_file: Path = REPOSITORY / "parity_allowed.yaml"
    data_dir: Path = REPOSITORY / "var"
    stories_api_url: str = ""
    search_api_url: str = ""
    ask_api_url: str = ""
    industries_api_url: str = ""
    api_key: SecretStr = SecretStr("")
    code_version: str = "dev"
    show_origin: bool = True
    admin_token: SecretStr = SecretStr("")

    openai_api_key: SecretStr = SecretStr("")
    openai_base_url: str = ""
    openai_chat_model: str = "gpt-4o-mini"
    pinecone_api_key: SecretStr = SecretStr("")
    pinecone_index_host: str = ""
    pinecone_index: str = "mattgpt-stories"
    llm_daily_tokens: Annotated[int, Field(ge=0)] = 0
    repair_seconds: Annotated[float, Field(gt=0)] = 5.0

    connect_timeout: Annotated[float, Field(gt=0)] = 1.0
    read_timeout: Annotated[float, Field(gt=0)] = 5.0
    ask_read_timeout: Annotated[float, Field(gt=0)] = 25.0
    shadow_workers: Annotated[int, Field(ge=1)] = 4
    shadow_queue: Annotated[int, Field(ge=1)] = 200
    shadow_timeout: Annotated[float, Field(gt=0)] = 10.0
    breaker_failures: Annotated[int, Field(ge=1)] = 5
    breaker_reset: Annotated[float, Field(gt=0)] = 30.0
    record_cap: Annotated[int, Field(ge=1)] = 200_000
    record_days: Annotated[float, Field(gt=0)] = 30.0
    record_requests: Annotated[int, Field(ge=0)] = 0

    @property
    def ledger_file(self) -> Path:
        return self.data_dir / "repairs.sqlite3"

    @property
    def records_file(self) -> Path:
        return self.data_dir / "migration.sqlite3"

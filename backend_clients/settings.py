"""The only reader of the environment on the site's side."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MIN_ADMIN_TOKEN = 16
REPOSITORY = Path(__file__).resolve().parent.parent


def _readable_by_flagd(path: Path) -> Path:
    if path.suffix not in (".yaml", ".json"):
        raise ValueError("must end in .yaml or .json, which are the formats flagd reads")
    return path


def _hard_to_guess(token: SecretStr) -> SecretStr:
    if 0 < len(token.get_secret_value()) < MIN_ADMIN_TOKEN:
        raise ValueError(f"must have {MIN_ADMIN_TOKEN} characters or more")
    return token


def _web_address(url: str) -> str:
    if url and not url.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    return url


WebAddress = Annotated[str, AfterValidator(_web_address)]


class Settings(BaseSettings):
    """Paths, URLs, keys, limits and time-outs. Times are in seconds.

    A domain without an API URL has no Lambda side: calls to it raise `Unavailable`, and legacy serves in stages that
    fall back.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    stories_file: Path = Field(
        REPOSITORY / "streamlit_app" / "data" / "stories.jsonl", description="story file (JSONL)"
    )
    profile_file: Path = Field(
        REPOSITORY / "streamlit_app" / "data" / "profile.yaml", description="the owner's profile"
    )
    nonsense_file: Path = Field(
        REPOSITORY / "streamlit_app" / "data" / "nonsense_filters.jsonl",
        description="rules that decline questions, a regular expression a line",
    )
    flags_file: Annotated[Path, AfterValidator(_readable_by_flagd)] = Field(
        REPOSITORY / "feature_flags.yaml", description="flag definitions in flagd's format, `.yaml` or `.json`"
    )
    parity_allowed_file: Path = Field(REPOSITORY / "parity_allowed.yaml", description="accepted differences")
    data_dir: Path = Field(REPOSITORY / "var", description="folder of the site's own data")
    stories_api_url: WebAddress = Field(
        "", description="base URL of the stories API; empty: this domain has no Lambda side"
    )
    search_api_url: WebAddress = Field("", description="base URL of the search API")
    ask_api_url: WebAddress = Field("", description="base URL of the ask API")
    industries_api_url: WebAddress = Field("", description="base URL of the industries API")
    stories_api_key: SecretStr = Field(SecretStr(""), description="key of the stories API; empty: `API_KEY`")
    search_api_key: SecretStr = Field(SecretStr(""), description="key of the search API; empty: `API_KEY`")
    ask_api_key: SecretStr = Field(SecretStr(""), description="key of the ask API; empty: `API_KEY`")
    industries_api_key: SecretStr = Field(SecretStr(""), description="key of the industries API; empty: `API_KEY`")
    api_key: SecretStr = Field(SecretStr(""), description="key of every API that has no key of its own here")
    api_auth: Literal["key", "iam"] = Field(
        "key", description="`iam`: requests are signed (SigV4) with AWS credentials, for APIs with IAM authorization"
    )
    code_version: str = Field("", description="stamped on legacy answers; empty: the commit of the working tree")
    show_maintainer: bool = Field(
        False,
        description="whether everybody sees what is for the maintainer: which side answered, percentages of a match, "
        "the Migration page; `mattgpt up` sets it. Changing anything needs the admin token all the same",
    )
    admin_token: Annotated[SecretStr, AfterValidator(_hard_to_guess)] = Field(
        SecretStr(""),
        description="token to sign in on the Migration page, of 16 characters or more; empty: nobody can change "
        "anything there",
    )

    notify_webhook: SecretStr = Field(
        SecretStr(""), description="URL that gets a JSON message at every step back of a domain; empty: none"
    )
    notify_topic_arn: Annotated[str, Field(pattern=r"^$|^arn:[^:]+:sns:[^:]+:[^:]*:[^:]+$")] = Field(
        "", description="ARN of an SNS topic that gets the same message; empty: none"
    )

    openai_api_key: SecretStr = Field(
        SecretStr(""), description="key of an OpenAI-compatible server; empty: no model writes answers"
    )
    openai_base_url: str = Field("", description="base URL of that server; empty: OpenAI")
    openai_chat_model: str = Field("gpt-4o-mini", description="model that writes answers")
    embeddings_api_key: SecretStr = Field(
        SecretStr(""), description="key of a server for embeddings alone; empty, and no base URL: the chat model's"
    )
    embeddings_base_url: str = Field("", description="base URL of the server for embeddings alone")
    embeddings_model: str = Field(
        "", description="model that embeds texts; `local`: the built-in WordLlama, whatever answers questions"
    )
    pinecone_api_key: SecretStr = Field(SecretStr(""), description="key of Pinecone; empty: exact search in memory")
    pinecone_index_host: str = Field("", description="host of the Pinecone index")
    pinecone_index: str = Field("mattgpt-stories", description="name of the Pinecone index, where no host is given")
    llm_daily_tokens: Annotated[int, Field(ge=0)] = Field(0, description="tokens a day for model answers; 0: no limit")
    repair_seconds: Annotated[float, Field(gt=0)] = Field(5.0, description="time between two replays of pending writes")

    connect_timeout: Annotated[float, Field(gt=0)] = Field(1.0, description="time to connect to an API")
    read_timeout: Annotated[float, Field(gt=0)] = Field(5.0, description="time for an answer of an API")
    ask_read_timeout: Annotated[float, Field(gt=0)] = Field(25.0, description="time for an answer of the ask API")
    shadow_workers: Annotated[int, Field(ge=1)] = Field(4, description="threads that run shadow calls")
    shadow_queue: Annotated[int, Field(ge=1)] = Field(
        200, description="shadow calls that may wait; more are dropped and counted"
    )
    shadow_timeout: Annotated[float, Field(gt=0)] = Field(
        10.0, description="time after which a waiting comparison is dropped"
    )
    breaker_failures: Annotated[int, Field(ge=1)] = Field(5, description="failures in a row that open a circuit")
    breaker_reset: Annotated[float, Field(gt=0)] = Field(
        30.0, description="time until an open circuit lets one call try"
    )
    record_cap: Annotated[int, Field(ge=1)] = Field(200_000, description="rows that records keep at most")
    record_days: Annotated[float, Field(gt=0)] = Field(30.0, description="days that records are kept")
    record_requests: Annotated[int, Field(ge=0)] = Field(
        0, description="requests kept of each domain for later replays; 0: none"
    )

    @property
    def ledger_file(self) -> Path:
        return self.data_dir / "repairs.sqlite3"

    @property
    def records_file(self) -> Path:
        return self.data_dir / "migration.sqlite3"

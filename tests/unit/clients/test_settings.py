"""Settings come from the environment, have working defaults, and reject invalid values."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from backend_clients.domains import DOMAINS
from backend_clients.settings import REPOSITORY, Settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_the_defaults_point_at_files_that_the_repository_ships() -> None:
    settings = Settings()
    assert settings.stories_file.is_file()
    assert settings.flags_file.is_file()
    assert settings.records_file == REPOSITORY / "var" / "migration.sqlite3"


def test_nothing_configured_means_no_lambda_side_and_no_key() -> None:
    settings = Settings()
    assert settings.stories_api_url == ""
    assert settings.api_key.get_secret_value() == ""


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("STORIES_FILE", "/data/mine.jsonl", "stories_file", Path("/data/mine.jsonl")),
        ("FLAGS_FILE", "/etc/flags.json", "flags_file", Path("/etc/flags.json")),
        ("STORIES_API_URL", "https://api.example.com/v1", "stories_api_url", "https://api.example.com/v1"),
        ("READ_TIMEOUT", "2.5", "read_timeout", 2.5),
        ("SHOW_MAINTAINER", "1", "show_maintainer", True),
        ("CODE_VERSION", "abc", "code_version", "abc"),
    ],
)
def test_the_environment_overrides_a_default(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, field: str, expected: Any
) -> None:
    monkeypatch.setenv(name, value)
    assert getattr(Settings(), field) == expected


def test_the_records_lie_in_the_data_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert Settings().records_file == tmp_path / "migration.sqlite3"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONNECT_TIMEOUT", "0"),
        ("READ_TIMEOUT", "-1"),
        ("READ_TIMEOUT", "soon"),
        ("SHADOW_WORKERS", "0"),
        ("SHADOW_QUEUE", "0"),
        ("SHADOW_TIMEOUT", "0"),
        ("BREAKER_FAILURES", "0"),
        ("BREAKER_RESET", "0"),
        ("RECORD_CAP", "0"),
        ("FLAGS_FILE", "flags.yml"),
        ("STORIES_API_URL", "localhost:3000"),
        ("ASK_API_URL", "ftp://stack.example"),
        ("ADMIN_TOKEN", "fifteen letters"),
        ("FLAGS_FILE", "flags"),
    ],
)
def test_a_value_that_cannot_work_is_rejected_and_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_the_key_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", "hush-hush")
    settings = Settings()
    assert settings.api_key.get_secret_value() == "hush-hush"
    assert "hush-hush" not in repr(settings) + settings.model_dump_json()


def test_a_domain_without_a_key_of_its_own_takes_the_one_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", "for all")
    monkeypatch.setenv("SEARCH_API_KEY", "for search")
    keys = {domain.name: domain.api_key(Settings()) for domain in DOMAINS.values()}
    assert keys == {"stories": "for all", "search": "for search", "ask": "for all", "industries": "for all"}


def test_settings_do_not_change_once_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().read_timeout = 1.0

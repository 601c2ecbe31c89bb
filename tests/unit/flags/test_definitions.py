"""Flags beyond the stages: what the file says, the default where it says nothing, and a word where it is wrong."""

import logging
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend_clients.flags.client import Flags
from backend_clients.flags.definitions import AUTO_ROLLBACK, DEFINITIONS, SHADOW_SAMPLE, FlagDefinition
from backend_clients.flags.file import read_flag_file
from backend_clients.settings import REPOSITORY

VARIANTS: dict[str, dict[str, Any]] = {
    "shadow-sample": {"all": 100, "tenth": 10, "none": 0},
    "auto-rollback": {"on": True, "off": False},
}
PER_DOMAIN = {"if": [{"==": [{"var": "domain"}, "search"]}, "tenth", "all"]}


def flag(name: str, default: Any, **changes: Any) -> dict[str, Any]:
    return {"state": "ENABLED", "variants": VARIANTS[name], "defaultVariant": default} | changes


def asked(
    tmp_path: Path, definition: FlagDefinition[Any], saved: Any, visitor: str = "visitor", domain: str = ""
) -> tuple[Any, list[str]]:
    """What the flag says, twice over, and what is wrong with the file."""
    path = tmp_path / "flags.yaml"
    path.write_text(yaml.safe_dump({"flags": {} if saved is None else {definition.flag: saved}}), "utf-8")
    flags = Flags(path, {})
    try:
        first, second = (flags.value(definition, visitor, domain) for _ in range(2))
        assert first == second
        return first, flags.problems()
    finally:
        flags.close()


@pytest.mark.parametrize(
    ("definition", "variant", "value"),
    [(SHADOW_SAMPLE, "none", 0), (AUTO_ROLLBACK, "on", True)],
    ids=lambda item: getattr(item, "flag", None),
)
def test_a_flag_is_what_its_variant_says(
    tmp_path: Path, definition: FlagDefinition[Any], variant: str, value: Any
) -> None:
    found, problems = asked(tmp_path, definition, flag(definition.flag, variant))
    assert (found, type(found), problems) == (value, type(value), [])


@pytest.mark.parametrize(("domain", "percent"), [("search", 10), ("stories", 100), ("", 100)])
def test_a_rule_may_ask_for_the_domain(tmp_path: Path, domain: str, percent: int) -> None:
    saved = flag("shadow-sample", "none", targeting=PER_DOMAIN)
    assert asked(tmp_path, SHADOW_SAMPLE, saved, domain=domain) == (percent, [])


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.flag)
def test_a_flag_that_is_missing_or_switched_off_means_its_default_without_a_word(
    tmp_path: Path, definition: FlagDefinition[Any], caplog: pytest.LogCaptureFixture
) -> None:
    other = next(name for name, value in VARIANTS[definition.flag].items() if value != definition.default)
    for saved in (None, flag(definition.flag, other, state="DISABLED")):
        assert asked(tmp_path, definition, saved) == (definition.default, [])
    assert [record.message for record in caplog.records if record.name.startswith("backend_clients")] == []


@pytest.mark.parametrize(
    ("definition", "saved", "problem"),
    [
        (SHADOW_SAMPLE, "none", "must be a mapping"),
        (SHADOW_SAMPLE, flag("shadow-sample", "best"), "Resolved variant best not in variants config; 100 is in force"),
        (SHADOW_SAMPLE, flag("shadow-sample", "a", variants={"a": 101}), "variant 'a' is 101"),
        (SHADOW_SAMPLE, flag("shadow-sample", "a", variants={"a": "10"}), "variant 'a' is '10'"),
        (SHADOW_SAMPLE, flag("shadow-sample", "a", variants={"a": True}), "variant 'a' is True"),
        (AUTO_ROLLBACK, flag("auto-rollback", "a", variants={"a": 1}), "variant 'a' is 1,"),
        (AUTO_ROLLBACK, flag("auto-rollback", "a", variants={"a": "on"}), "variant 'a' is 'on'"),
        (AUTO_ROLLBACK, flag("auto-rollback", "on", state="enabled"), "Incorrect 'state' value"),
    ],
)
def test_a_broken_flag_means_its_default_and_is_reported(
    tmp_path: Path, definition: FlagDefinition[Any], saved: Any, problem: str
) -> None:
    found, problems = asked(tmp_path, definition, saved)
    assert found == definition.default
    assert any(problem in text for text in problems), problems
    assert all(str(tmp_path) in text for text in problems)


def test_a_value_that_is_not_allowed_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "flags.yaml"
    saved = {"shadow-sample": flag("shadow-sample", "a", variants={"a": 101})}
    path.write_text(yaml.safe_dump({"flags": saved}), "utf-8")
    flags = Flags(path, {})
    with caplog.at_level(logging.WARNING):
        for visitor in ("one", "two", "three"):
            flags.value(SHADOW_SAMPLE, visitor)
    flags.close()
    told = [record.message for record in caplog.records if record.name.startswith("backend_clients")]
    assert told == ["flag 'shadow-sample' in flags.yaml: 101 is not allowed; 100 is in force"]


def test_the_repositorys_own_file_has_every_flag_at_its_default() -> None:
    path = REPOSITORY / "feature_flags.yaml"
    assert {definition.flag for definition in DEFINITIONS} <= set(yaml.safe_load(path.read_text("utf-8"))["flags"])
    assert read_flag_file(path, {}).definition_problems == []
    flags = Flags(path)
    try:
        for definition in DEFINITIONS:
            assert flags.value(definition, "") == definition.default
    finally:
        flags.close()

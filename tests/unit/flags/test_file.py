"""Checking a flag file: a mistake is named with its line or its flag."""

from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.domains import DOMAINS, DomainSpec
from backend_clients.flags.client import Flags
from backend_clients.flags.file import FlagFile, FlagFileError, RolloutShare, read_flag_file
from backend_clients.settings import REPOSITORY
from backend_clients.stages import Stage

VARIANTS = {"legacy": "legacy", "shadow": "shadow", "live": "live", "lambda": "lambda"}

STORIES = {"stories": DOMAINS["stories"]}


def flag(default: Any = "legacy", **changes: Any) -> dict[str, Any]:
    return {"state": "ENABLED", "variants": VARIANTS, "defaultVariant": default} | changes


def fractional(*weighted: Any) -> dict[str, Any]:
    return {"fractional": [{"cat": ["mattgpt", {"var": "targetingKey"}]}, *weighted]}


def read(path: Path, stories: Any) -> FlagFile:
    file = path / "flags.yaml"
    file.write_text(yaml.safe_dump({"flags": {"stories": stories}}), "utf-8")
    return read_flag_file(file, STORIES)


def problem(path: Path, stories: Any) -> str:
    found = read(path, stories)
    assert found.shares == {}
    (message,) = found.problems
    assert message.startswith(f"{path / 'flags.yaml'}: flag 'stories': ")
    return message


def test_the_repositorys_own_flag_file_is_well_formed_and_starts_at_legacy() -> None:
    found = read_flag_file(REPOSITORY / "feature_flags.yaml", STORIES)
    assert found.problems == []
    assert found.shares["stories"] == (RolloutShare(Stage.LEGACY, 100.0),)


@pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.SHADOW, Stage.LIVE, Stage.LAMBDA])
def test_a_default_variant_is_everybodys_stage(tmp_path: Path, stage: Stage) -> None:
    assert read(tmp_path, flag(stage.value)) == FlagFile({"stories": (RolloutShare(stage, 100.0),)}, [])


def test_weights_become_shares_in_percent_and_a_weight_of_none_is_left_out(tmp_path: Path) -> None:
    found = read(tmp_path, flag(targeting=fractional(["live", 1], ["lambda", 0], ["shadow", 3])))
    assert found.shares["stories"] == (RolloutShare(Stage.LIVE, 25.0), RolloutShare(Stage.SHADOW, 75.0))


@pytest.mark.parametrize("targeting", [{}, None])
def test_empty_targeting_is_no_targeting(tmp_path: Path, targeting: Any) -> None:
    assert read(tmp_path, flag("live", targeting=targeting)).shares["stories"] == (RolloutShare(Stage.LIVE, 100.0),)


@pytest.mark.parametrize("targeting", [{"if": [{"==": [{"var": "x"}, 1]}, "live", "legacy"]}, {"fractional": {"x": 1}}])
def test_a_rule_of_the_maintainers_own_shows_no_shares_and_is_no_problem(tmp_path: Path, targeting: Any) -> None:
    assert read(tmp_path, flag(targeting=targeting)) == FlagFile({"stories": ()}, [])


@pytest.mark.parametrize(
    ("stories", "message"),
    [
        (None, "is missing"),
        ("live", "is missing"),
        (flag(state="DISABLED"), "state is 'DISABLED', not 'ENABLED'"),
        (flag(state=None), "state is None"),
        (flag(variants=["live"]), "holds no `variants` mapping"),
        (flag("lvie"), "defaultVariant names the variant 'lvie', which is not defined"),
        (flag(None), "defaultVariant names the variant None, which is not defined"),
        (flag(["live"]), "defaultVariant names the variant ['live'], which is not defined"),
        (flag(variants={"legacy": "off"}), "variant 'legacy' is 'off'; a stage is one of legacy, shadow, live, lambda"),
        (flag(variants={"legacy": False}), "variant 'legacy' is False; a stage is one of"),
        (flag(variants={"legacy": "rampdown"}), "variant 'legacy' is 'rampdown'; a stage is one of"),
        (flag(targeting=fractional(["lvie", 10])), "targeting.fractional names the variant 'lvie'"),
        (flag(targeting=fractional([["live"], 10])), "targeting.fractional names the variant ['live']"),
    ],
)
def test_a_mistake_in_a_flag_is_named(tmp_path: Path, stories: Any, message: str) -> None:
    assert message in problem(tmp_path, stories)


RULES: list[tuple[list[Any], str]] = [
    ([], "targeting.fractional names no variants"),
    ([["live", "10"]], "['live', '10'] is not a variant with a whole number as its weight"),
    ([["live", True]], "['live', True] is not a variant with a whole number"),
    ([["live", 10.5], ["lambda", 89.5]], "['live', 10.5] is not a variant with a whole number"),
    ([["live", 1, 2]], "['live', 1, 2] is not a variant with a whole number"),
    ([["live", -1]], "the weights add up to nothing"),
    ([["live", 0]], "the weights add up to nothing"),
    ([["live"], ["lambda"]], ""),
    ([["live", 3], ["lambda"]], ""),
    ([["live", -5], ["lambda", 1]], ""),
    ([["live", 20], ["lambda", 80]], ""),
]


@pytest.mark.parametrize(("weighted", "message"), RULES)
def test_a_rules_shares_are_those_of_the_visitors(tmp_path: Path, weighted: list[Any], message: str) -> None:
    """Also where flagd ignores it, and everyone gets the default."""
    found = read(tmp_path, flag("shadow", targeting=fractional(*weighted)))
    assert [message in problem for problem in found.problems] == [True] * bool(message)
    assert [problem.endswith("; shadow serves everyone") for problem in found.problems] == [True] * bool(message)
    with closing(Flags(tmp_path / "flags.yaml", STORIES)) as flags:
        seen = Counter(flags.stage("stories", f"visitor {number}").stage for number in range(2000))
    assert {share.stage: pytest.approx(share.percent, abs=4) for share in found.shares["stories"]} == {
        stage: count / 20 for stage, count in seen.items()
    }


def test_a_mistake_in_one_flag_leaves_the_others_readable(tmp_path: Path) -> None:
    file = tmp_path / "flags.yaml"
    file.write_text(yaml.safe_dump({"flags": {"stories": flag("live")}}), "utf-8")
    found = read_flag_file(file, {"nowhere": DomainSpec("nowhere"), **STORIES})
    assert found.shares == {"stories": (RolloutShare(Stage.LIVE, 100.0),)}
    assert len(found.problems) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"flags:\n  stories: [\n", "line 3: not YAML"),
        (b"flags:\n\tstories: x\n", "line 2: not YAML"),
        (b"flags:\n  a: 1\n b: 2\n", "line 3: not YAML"),
        (b"flags: *nowhere\n", "line 1: not YAML"),
        (b"flags: !!python/object:os.system {}\n", "line 1: not YAML"),
        (b"since: 2019-13-45\n", "not YAML: month must be in 1..12"),
        (b"\x00", "not YAML"),
        (b"[" * 1000, "not YAML"),
        (b"\xff\xfe\xff", "not UTF-8 text"),
        (b"", "holds no `flags` mapping"),
        (b"flags: []\n", "holds no `flags` mapping"),
        (b"- flags\n", "holds no `flags` mapping"),
    ],
)
def test_a_file_that_is_no_flag_file_is_an_error_that_names_it(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "flags.yaml"
    file.write_bytes(content)
    with pytest.raises(FlagFileError) as raised:
        read_flag_file(file, STORIES)
    assert str(raised.value).startswith(f"{file}: {message}")


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(FlagFileError, match=r"nowhere\.yaml: cannot read the flag file: No such file"):
        read_flag_file(tmp_path / "nowhere.yaml", STORIES)


PLAIN = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["ENABLED", "live", "legacy", "x"])
ODD = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PLAIN, inner, max_size=3))


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "state": st.just("ENABLED") | ODD,
            "variants": st.just(VARIANTS) | st.dictionaries(PLAIN, ODD, max_size=3) | ODD,
            "defaultVariant": st.sampled_from(["legacy", "live"]) | ODD,
            "targeting": st.builds(fractional, ODD, ODD) | st.builds(lambda rule: {"fractional": rule}, ODD) | ODD,
        },
    )
    | ODD
)
def test_whatever_a_flag_holds_it_has_shares_or_a_problem(
    tmp_path_factory: pytest.TempPathFactory, stories: Any
) -> None:
    found = read(tmp_path_factory.getbasetemp(), stories)
    assert found.shares or found.problems
    for shares in found.shares.values():
        assert not shares or sum(share.percent for share in shares) == pytest.approx(100.0)

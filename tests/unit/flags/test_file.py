"""Checking a flag file: a mistake is named with its line or its flag."""

import re
from collections import Counter
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.domains import DOMAINS, DomainSpec
from backend_clients.flags.client import Flags
from backend_clients.flags.file import FlagFile, FlagFileError, Rollout, RolloutShare, read_flag_file
from backend_clients.settings import REPOSITORY
from backend_clients.stages import READ_ONLY_STAGES, Stage

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


def as_percent(shares: Rollout) -> dict[Stage, Any]:
    return {share.stage: pytest.approx(share.percent, abs=4) for share in shares}


def served(path: Path) -> dict[Stage, float]:
    """What 2,000 visitors get from the site's own evaluation, in percent."""
    with closing(Flags(path / "flags.yaml", STORIES)) as flags:
        seen = Counter(flags.stage("stories", uuid5(NAMESPACE_URL, str(number)).hex).stage for number in range(2000))
    return {stage: count / 20 for stage, count in seen.items()}


def test_the_repositorys_own_flag_file_is_well_formed_and_starts_at_legacy() -> None:
    found = read_flag_file(REPOSITORY / "feature_flags.yaml", STORIES)
    assert found.problems == []
    assert found.shares["stories"] == (RolloutShare(Stage.LEGACY, 100.0),)


@pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.SHADOW, Stage.LIVE, Stage.LAMBDA])
def test_a_default_variant_is_everybodys_stage(tmp_path: Path, stage: Stage) -> None:
    found, everyone = read(tmp_path, flag(stage.value)), (RolloutShare(stage, 100.0),)
    assert (found.shares, found.sampled, found.problems) == ({"stories": everyone}, {"stories": everyone}, [])


def test_weights_become_shares_in_percent_and_a_weight_of_none_is_left_out(tmp_path: Path) -> None:
    found = read(tmp_path, flag(targeting=fractional(["live", 1], ["lambda", 0], ["shadow", 3])))
    assert found.shares["stories"] == (RolloutShare(Stage.LIVE, 25.0), RolloutShare(Stage.SHADOW, 75.0))


@pytest.mark.parametrize("targeting", [{}, None])
def test_empty_targeting_is_no_targeting(tmp_path: Path, targeting: Any) -> None:
    assert read(tmp_path, flag("live", targeting=targeting)).shares["stories"] == (RolloutShare(Stage.LIVE, 100.0),)


@pytest.mark.parametrize(
    ("stories", "message"),
    [
        (flag(state="DISABLED"), "it is disabled"),
        (flag("lvie"), "Resolved variant lvie not in variants config"),
        (flag(None), "it names no variant"),
        (flag(""), "it names no variant"),
        (flag(variants={"legacy": "off"}), "unknown stage 'off'"),
        (flag(variants={"legacy": False}), "Expected type str but got bool"),
        (flag(variants={"legacy": "rampdown"}), "stage 'rampdown' is not one of this domain's"),
        (flag(targeting=fractional(["lvie", 10])), "Resolved variant lvie not in variants config"),
        (flag(targeting={"fractionl": [["live", 1]]}), "targeting: Unrecognized operator: 'fractionl'"),
        (flag(targeting={"$ref": "nothing"}), "targeting: Unrecognized operator: '$ref'"),
        (flag(targeting={"if": [True, "live"], "or": ["live"]}), "not in variants config"),
        (flag(targeting={"%": ["live", 0]}), "targeting cannot be evaluated: "),
        (flag(targeting="live"), "Invalid 'targeting' value in flag: live"),
    ],
)
def test_a_flag_that_gives_nobody_a_stage_is_named_with_the_reason(tmp_path: Path, stories: Any, message: str) -> None:
    assert message in problem(tmp_path, stories)
    assert served(tmp_path) == {Stage.LEGACY: 100.0}


@pytest.mark.parametrize(
    ("stories", "message"),
    [
        (None, "flag 'stories': must be a mapping"),
        ("live", "flag 'stories': must be a mapping"),
        (flag(state=None), "flag 'stories': Incorrect 'state' value"),
        (flag(state="enabled"), "flag 'stories': Incorrect 'state' value"),
        (flag(variants=["live"]), "flag 'stories': Incorrect 'variants' value"),
        (flag(variants={}), "flag 'stories': Incorrect 'variants' value"),
        (flag(["live"]), "flag 'stories': Incorrect 'defaultVariant' value"),
        (flag(describtion="x"), "flag 'stories': there is no property 'describtion'"),
        ({"variants": VARIANTS, "defaultVariant": "live"}, "flag 'stories': holds no `state`"),
        (flag(metadata={"owner": None}), "flag 'stories': Metadata value for key owner must be set"),
        (flag(metadata={"since": date(2026, 1, 1)}), "holds a value that JSON does not have"),
    ],
)
def test_a_flag_for_which_flagd_rejects_the_whole_file_is_named(tmp_path: Path, stories: Any, message: str) -> None:
    with pytest.raises(FlagFileError, match=re.escape(f"{tmp_path / 'flags.yaml'}: {message}")):
        read(tmp_path, stories)


IN_LIST = {"if": [{"in": [{"substr": [{"var": "targetingKey"}, 0, 1]}, ["0", "1", "2", "3"]]}, "live", None]}


@pytest.mark.parametrize(
    ("targeting", "words", "reachable"),
    [
        (IN_LIST, "live 2[0-9.]+%, shadow 7[0-9.]+%", (Stage.SHADOW, Stage.LIVE)),
        ({"if": [{"==": [{"var": "targetingKey"}, "x"]}, "lambda", "legacy"]}, "legacy", tuple(READ_ONLY_STAGES)[:2]),
        ({"if": [{"<": [{"var": "$flagd.timestamp"}, 1]}, "live", "legacy"]}, "legacy", None),
        ({"fractional": {"cat": ["x"]}}, "shadow", (Stage.SHADOW,)),
        (fractional(["live", {"+": [1, 1]}], ["lambda", 2]), "lambda [45][0-9.]+%, live [45][0-9.]+%", None),
    ],
)
def test_a_rule_of_its_own_is_told_by_what_a_sample_of_visitors_gets(
    tmp_path: Path, targeting: Any, words: str, reachable: tuple[Stage, ...] | None
) -> None:
    found = read(tmp_path, flag("shadow", targeting=targeting))
    assert (found.shares, found.problems) == ({"stories": ()}, [])
    assert re.fullmatch(f"a rule of its own, sampled: {words}", found.words("stories"))
    assert as_percent(found.sampled["stories"]) == served(tmp_path)
    if reachable is not None:
        assert set(reachable) <= set(found.reachable["stories"])


@pytest.mark.parametrize(
    ("seed", "problem"),
    [
        ({"var": "country"}, "its rule reads 'country', which the site does not pass"),
        ({"var": ["country", "ch"]}, "its rule reads 'country', which the site does not pass"),
        ({"var": "email"}, "its rule reads 'email', which the site does not pass"),
        ({"cat": ["one", "for all"]}, "targeting.fractional states live 1%, shadow 99%; shadow serves everyone"),
    ],
)
def test_percentages_that_no_visitor_falls_into_are_not_told(tmp_path: Path, seed: Any, problem: str) -> None:
    """Everyone is in one bucket, or flagd finds no bucket and everyone gets the default."""
    found = read(tmp_path, flag("legacy", targeting={"fractional": [seed, ["live", 1], ["shadow", 99]]}))
    assert problem in found.problems[0]
    (share,) = found.shares["stories"]
    assert {share.stage: 100.0} == served(tmp_path)


def test_a_share_whose_variant_is_not_defined_is_told_as_legacys(tmp_path: Path) -> None:
    found = read(tmp_path, flag("live", targeting=fractional(["lvie", 20], ["live", 80])))
    assert as_percent(found.shares["stories"]) == served(tmp_path)
    assert re.search(r"Resolved variant lvie not in variants config; legacy serves [12]\d\.\d%$", found.problems[0])


def test_a_rare_share_is_sampled_by_more_visitors(tmp_path: Path) -> None:
    rare = ["live", 1], ["shadow", 999]
    assert read(tmp_path, flag(targeting=fractional(*rare))).words("stories") == "live 0.1%, shadow 99.9%"
    constant = {"fractional": [{"cat": ["one"]}, *rare]}
    assert read(tmp_path, flag(targeting=constant)).words("stories") == "shadow"


def test_a_shared_rule_counts_like_one_written_into_the_flag(tmp_path: Path) -> None:
    file = tmp_path / "flags.yaml"
    shared = {
        "flags": {"stories": flag(targeting={"$ref": "tenth"})},
        "$evaluators": {"tenth": fractional(["live", 1])},
    }
    file.write_text(yaml.safe_dump(shared), "utf-8")
    assert read_flag_file(file, STORIES).words("stories") == "live"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("flags:\n  a: 1\n  b: 2\n  a: 3\n", "line 4: the key 'a' stands twice, first in line 2"),
        ("flags: {}\nflags: {}\n", "line 2: the key 'flags' stands twice, first in line 1"),
        ("flags:\n  a:\n    variants: {on: 1, true: 2}\n", "line 3: the key 'true' stands twice, first in line 3"),
        ('{"flags": {"a": 1, "a": 2}}', "line 1: the key 'a' stands twice"),
    ],
)
def test_a_key_that_stands_twice_is_an_error_with_both_lines(tmp_path: Path, text: str, message: str) -> None:
    """flagd takes the later one without a word."""
    file = tmp_path / "flags.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(FlagFileError) as raised:
        read_flag_file(file, STORIES)
    assert str(raised.value).startswith(f"{file}: {message}")


def test_a_key_that_stands_twice_in_json_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "flags.json"
    file.write_text('{"flags": {"a": 1,\t"a": 2}}', "utf-8")
    with pytest.raises(FlagFileError, match="the key 'a' stands twice"):
        read_flag_file(file, STORIES)


def test_a_merged_mapping_may_be_overridden(tmp_path: Path) -> None:
    file = tmp_path / "flags.yaml"
    file.write_text(
        "flags:\n  search: &s {state: ENABLED, variants: {legacy: legacy, live: live}, defaultVariant: legacy}\n"
        "  stories: &t {<<: *s, defaultVariant: live}\n  industries: {<<: *t, defaultVariant: legacy}\n",
        "utf-8",
    )
    assert read_flag_file(file, DOMAINS).words("stories") == "live"


def test_a_name_close_to_that_of_a_flag_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "flags.yaml"
    own = {"state": "ENABLED", "variants": {"on": True}, "defaultVariant": "on"}
    file.write_text(yaml.safe_dump({"flags": {"stories": flag(), "auto-rolback": own, "banner": own}}), "utf-8")
    (problem,) = read_flag_file(file, STORIES).definition_problems
    assert problem == f"{file}: flag 'auto-rolback' is not one of this site's; 'auto-rollback' was probably meant"


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
    assert as_percent(found.shares["stories"]) == served(tmp_path)


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
    try:
        found = read(tmp_path_factory.getbasetemp(), stories)
    except FlagFileError:
        return
    assert found.shares or found.problems
    for shares in (*found.shares.values(), *found.sampled.values()):
        assert not shares or sum(share.percent for share in shares) == pytest.approx(100.0)

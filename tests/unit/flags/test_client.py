"""Flags as flagd's file resolver evaluates them: hot reload, broken files, and shares that keep their visitors."""

import itertools
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend_clients.domains import DOMAINS
from backend_clients.flags.client import Flags
from backend_clients.settings import REPOSITORY
from backend_clients.stages import READ_ONLY_STAGES, Stage
from tests.support.sides.routed import eventually

VISITORS = [f"visitor-{number}" for number in range(1000)]
RELOAD = 1.5
_saves = itertools.count(1)


def flag(default: str = "legacy", *weighted: tuple[str, int], **changes: Any) -> dict[str, Any]:
    made = {
        "state": "ENABLED",
        "variants": {stage.value: stage.value for stage in READ_ONLY_STAGES},
        "defaultVariant": default,
    }
    if weighted:
        seed = {"cat": ["mattgpt", {"var": "targetingKey"}]}
        made["targeting"] = {"fractional": [seed, *map(list, weighted)]}
    return made | changes


def save(path: Path, text: str) -> None:
    """Save as an editor does, whole, but with an older time each time, as when a backup is moved back."""
    draft = path.with_suffix(".draft")
    draft.write_text(text, "utf-8")
    changed = time.time() - next(_saves)
    os.utime(draft, (changed, changed))
    draft.replace(path)


def write(path: Path, **flags: Any) -> Path:
    save(path, yaml.safe_dump({"flags": flags}))
    return path


@contextmanager
def flags_of(path: Path, *domains: str) -> Iterator[Flags]:
    made = Flags(path, {domain: DOMAINS[domain] for domain in domains or ("stories",)})
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "flags.yaml"


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.name.startswith("backend_clients")]


def in_stage(flags: Flags, stage: Stage, domain: str = "stories") -> set[str]:
    return {visitor for visitor in VISITORS if flags.stage(domain, visitor).stage is stage}


@pytest.mark.parametrize("stage", READ_ONLY_STAGES)
def test_the_default_variant_is_every_visitors_stage(path: Path, stage: Stage) -> None:
    with flags_of(write(path, stories=flag(stage.value))) as flags:
        assert in_stage(flags, stage) == set(VISITORS)
        decision = flags.stage("stories", "visitor")
    assert (decision.stage, decision.reason) == (stage, "default")


def test_the_repositorys_own_file_is_read_with_its_comments() -> None:
    with flags_of(REPOSITORY / "feature_flags.yaml") as flags:
        assert flags.problems() == []
        assert flags.stage("stories", "visitor").reason == "default"


def test_one_edited_word_takes_effect_without_a_restart(path: Path) -> None:
    save(path, (REPOSITORY / "feature_flags.yaml").read_text("utf-8"))
    with flags_of(path) as flags:
        assert flags.stage("stories", "visitor").stage is Stage.LEGACY
        save(path, path.read_text("utf-8").replace("defaultVariant: legacy", "defaultVariant: live"))
        assert eventually(lambda: flags.stage("stories", "visitor").stage is Stage.LIVE, within=RELOAD)


def test_a_json_file_serves_too(tmp_path: Path) -> None:
    file = tmp_path / "flags.json"
    file.write_text(
        '{"flags": {"stories": {"state": "ENABLED", "variants": {"on": "live"}, "defaultVariant": "on"}}}', "utf-8"
    )
    with flags_of(file) as flags:
        assert flags.stage("stories", "visitor").stage is Stage.LIVE


# Broken files


def test_a_broken_file_keeps_the_last_good_one_says_the_line_once_and_recovers_when_repaired(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), flags_of(write(path, stories=flag("live"))) as flags:
        save(path, "flags:\n  stories: [\n")
        assert eventually(lambda: warnings_of(caplog))
        time.sleep(1.1)  # the provider looks at the file twice more
        assert warnings_of(caplog) == [
            f"{path}: line 3: not YAML: expected the node content, but found '<stream end>'; "
            "the last good flags stay in force"
        ]
        assert flags.stage("stories", "visitor").stage is Stage.LIVE
        assert flags.stage("stories", "someone new").stage is Stage.LIVE
        assert "line 3" in flags.problems()[0]

        write(path, stories=flag("shadow"))
        assert eventually(lambda: flags.stage("stories", "visitor").stage is Stage.SHADOW)
        assert flags.problems() == []

        save(path, "flags:\n  stories: [\n")
        assert eventually(lambda: len(warnings_of(caplog)) == 2)


def test_a_file_that_yaml_can_read_but_flagd_rejects_is_reported_too(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), flags_of(write(path, stories=flag("live"))) as flags:
        write(path, stories=flag("shadow"), other={"state": "MAYBE", "variants": {"a": "a"}, "defaultVariant": "a"})
        assert eventually(flags.problems)
        assert eventually(lambda: warnings_of(caplog))
        (message,) = warnings_of(caplog)
        assert "Incorrect 'state' value" in message
        assert message.endswith("the last good flags stay in force")
        assert flags.stage("stories", "visitor").stage is Stage.LIVE
        write(path, stories=flag("shadow"))
        assert eventually(lambda: flags.stage("stories", "visitor").stage is Stage.SHADOW)
        assert flags.problems() == []


def test_a_repeated_key_leaves_the_last_good_flags_in_force(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """flagd itself would take the later one and move everybody."""
    with caplog.at_level(logging.WARNING), flags_of(write(path, stories=flag("shadow"))) as flags:
        text = path.read_text("utf-8")
        save(path, f"{text}  stories: {{state: ENABLED, variants: {{lambda: lambda}}, defaultVariant: lambda}}\n")
        assert eventually(lambda: warnings_of(caplog))
        assert flags.stage("stories", "visitor").stage is Stage.SHADOW
        assert "the key 'stories' stands twice" in flags.problems()[0]
        assert "the key 'stories' stands twice" in warnings_of(caplog)[0]


def test_a_file_that_comes_back_unchanged_is_in_force_and_its_next_loss_is_reported(path: Path, caplog: Any) -> None:
    with caplog.at_level(logging.WARNING), flags_of(write(path, stories=flag("live"))) as flags:
        for losses in (1, 2):
            kept = path.rename(path.with_suffix(".kept"))
            assert eventually(lambda: len(warnings_of(caplog)) == losses)  # noqa: B023
            kept.rename(path)
            assert eventually(lambda: not flags._reported)
        assert flags.stage("stories", "visitor").stage is Stage.LIVE


def test_a_rule_by_the_time_takes_effect_while_the_file_stays(path: Path) -> None:
    rule = {"if": [{"<": [{"var": "$flagd.timestamp"}, time.time() + 2]}, "live", "shadow"]}
    with flags_of(write(path, stories=flag(targeting=rule))) as flags:
        assert flags.stage("stories", "visitor").stage is Stage.LIVE
        assert eventually(lambda: flags.stage("stories", "visitor").stage is Stage.SHADOW, within=5)


def test_a_file_that_goes_missing_leaves_the_last_good_flags_in_force(path: Path, caplog: Any) -> None:
    with caplog.at_level(logging.WARNING), flags_of(write(path, stories=flag("live"))) as flags:
        path.unlink()
        assert eventually(lambda: warnings_of(caplog))
        assert flags.stage("stories", "visitor").stage is Stage.LIVE


def test_a_missing_file_means_legacy_says_so_and_is_read_once_it_exists(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), flags_of(path) as flags:
        decision = flags.stage("stories", "visitor")
        assert decision.stage is Stage.LEGACY
        assert decision.reason.startswith("flag: ")
        assert flags.problems() == [f"{path}: cannot read the flag file: No such file or directory"]
        assert sum("cannot read the flag file" in message for message in warnings_of(caplog)) == 1
        write(path, stories=flag("live"))
        assert eventually(lambda: flags.stage("stories", "visitor").stage is Stage.LIVE)
        assert flags.problems() == []


def test_a_file_broken_from_the_start_means_legacy_until_it_is_repaired(path: Path) -> None:
    save(path, "flags: [")
    with flags_of(path) as flags:
        assert flags.stage("stories", "visitor").stage is Stage.LEGACY
        assert "not YAML" in flags.problems()[0]
        write(path, stories=flag("live"))
        assert eventually(lambda: flags.stage("stories", "visitor").stage is Stage.LIVE)


# Broken flags


@pytest.mark.parametrize(
    ("flags_in_file", "reason"),
    [
        ({"other": flag("live")}, "not present"),
        ({"stories": flag("lvie")}, "lvie"),
        ({"stories": flag("on", variants={"on": "off"})}, "unknown stage 'off'"),
        ({"stories": flag("on", variants={"on": "rampdown"})}, "stage 'rampdown' is not one of this domain's"),
        ({"stories": flag("on", variants={"on": True})}, "type"),
        ({"stories": flag("live", state="DISABLED")}, "it is disabled"),
        ({"stories": flag("")}, "it names no variant"),
        ({"stories": flag("legacy", ("lvie", 100))}, "lvie"),
    ],
)
def test_a_flag_that_names_no_stage_means_legacy_with_the_reason_and_one_line_in_the_log(
    path: Path, flags_in_file: dict[str, Any], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), flags_of(write(path, **flags_in_file)) as flags:
        for visitor in VISITORS[:5]:
            decision = flags.stage("stories", visitor)
            assert decision.stage is Stage.LEGACY
            assert decision.reason.startswith("flag: ")
            assert reason in decision.reason
        assert flags.problems()
    (message,) = warnings_of(caplog)
    assert message == f"flag 'stories' in flags.yaml: {decision.reason.removeprefix('flag: ')}; legacy serves"


def test_an_unknown_domain_means_legacy(path: Path) -> None:
    with flags_of(write(path, stories=flag("live"))) as flags:
        assert flags.stage("nowhere", "visitor").stage is Stage.LEGACY


# Shares


def test_a_share_is_about_as_large_as_asked_and_named_as_the_reason(path: Path) -> None:
    with flags_of(write(path, stories=flag("legacy", ("live", 10), ("shadow", 90)))) as flags:
        live, shadow = in_stage(flags, Stage.LIVE), in_stage(flags, Stage.SHADOW)
        assert {flags.stage("stories", visitor).reason for visitor in VISITORS} == {"share"}
    assert live | shadow == set(VISITORS)
    assert 60 <= len(live) <= 140


def test_a_share_is_sticky_across_restarts(path: Path) -> None:
    write(path, stories=flag("legacy", ("live", 30), ("shadow", 70)))
    shares = []
    for _ in range(2):
        with flags_of(path) as flags:
            shares.append(in_stage(flags, Stage.LIVE))
    assert shares[0] == shares[1]


def test_a_growing_share_keeps_its_visitors(path: Path) -> None:
    seen: set[str] = set()
    with flags_of(write(path, stories=flag("legacy", ("live", 1), ("shadow", 99)))) as flags:
        for percent in (1, 10, 50, 100):
            write(path, stories=flag("legacy", ("live", percent), ("shadow", 100 - percent)))
            share = set(seen)

            def has_settled(expected: int = percent * 10) -> bool:
                nonlocal share
                share = in_stage(flags, Stage.LIVE)
                return abs(len(share) - expected) <= 50

            assert eventually(has_settled)
            assert seen <= share
            seen = share
    assert seen == set(VISITORS)


def test_flags_with_one_seed_choose_the_same_visitors(path: Path) -> None:
    share = flag("legacy", ("live", 10), ("legacy", 90))
    with flags_of(write(path, stories=share, search=share), "stories", "search") as flags:
        assert in_stage(flags, Stage.LIVE, "stories") == in_stage(flags, Stage.LIVE, "search") != set()


def test_a_smaller_share_of_one_flag_lies_within_a_larger_share_of_another(path: Path) -> None:
    some, more = flag("legacy", ("live", 10), ("legacy", 90)), flag("legacy", ("live", 40), ("legacy", 60))
    with flags_of(write(path, stories=some, search=more), "stories", "search") as flags:
        assert in_stage(flags, Stage.LIVE, "stories") < in_stage(flags, Stage.LIVE, "search")


def test_a_targeting_rule_that_matches_no_visitor_serves_the_default_variant(path: Path) -> None:
    rule = {"if": [{"==": [{"var": "targetingKey"}, "boss"]}, "live", None]}
    with flags_of(write(path, stories=flag("shadow", targeting=rule))) as flags:
        boss, other = flags.stage("stories", "boss"), flags.stage("stories", "visitor")
    assert (boss.stage, boss.reason) == (Stage.LIVE, "share")
    assert (other.stage, other.reason) == (Stage.SHADOW, "default")


@pytest.mark.parametrize("visitor", ["", " ", "ünï", "x" * 5000, "\ud800"])
def test_any_visitor_id_gets_a_stage(path: Path, visitor: str) -> None:
    with flags_of(write(path, stories=flag("legacy", ("live", 50), ("shadow", 50)))) as flags:
        assert flags.stage("stories", visitor).stage in READ_ONLY_STAGES


def test_two_readers_of_different_files_do_not_disturb_each_other(tmp_path: Path) -> None:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    with flags_of(write(one, stories=flag("live"))) as first, flags_of(write(other, stories=flag("shadow"))) as second:
        assert first.stage("stories", "visitor").stage is Stage.LIVE
        assert second.stage("stories", "visitor").stage is Stage.SHADOW

"""Editing the flag file: nothing but the flag changes, readers never see half a file, and every change is kept."""

import json
import multiprocessing
import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_clients.domains import DOMAINS
from backend_clients.flags.audit_log import Audit, AuditError
from backend_clients.flags.editor import FlagEditError, FlagEditor, GateDecision, Rollout, format_rollout
from backend_clients.flags.file import FlagFileError, RolloutShare, read_flag_file
from backend_clients.flags.text_edits import NotEditable, with_variants
from backend_clients.stages import Stage

COMMENTED = """\
# before the document
---
# about all flags
$schema: https://flagd.dev/schema/v0/flags.json
flags:
  # about stories
  stories: # beside stories
    state: "ENABLED"

    # about the variants
    variants: {legacy: legacy, shadow: 'shadow', live: live, lambda: lambda} # beside the variants
    # about the default
    defaultVariant: legacy # beside the default

  # about search
  search:
    targeting: # beside the rule
      fractional:
      - cat: [mattgpt, {var: targetingKey}]
      - [live, 10]   # the pilot
      - [shadow, 90] # everyone else
    # between the rule and the default
    defaultVariant: shadow
    state: ENABLED
    variants:
      legacy: legacy
      shadow: shadow
      live: live # the one that counts
      lambda: lambda
    # about nothing in particular
# about ask
  ask: {state: ENABLED, variants: {legacy: legacy, live: live}, defaultVariant: legacy} # beside ask

# the end
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "flags.yaml"
    path.write_text(COMMENTED, "utf-8")
    return path


@pytest.fixture
def editor(file: Path, tmp_path: Path) -> FlagEditor:
    return FlagEditor(file, Audit(tmp_path / "data" / "migration.sqlite3"))


def flag_of(path: Path, domain: str) -> dict:
    return yaml.safe_load(path.read_text("utf-8"))["flags"][domain]


def comments(text: str) -> list[str]:
    return [line.partition("#")[2].strip() for line in text.splitlines() if "#" in line]


# What changes, and what does not


@pytest.mark.parametrize("stage", [Stage.SHADOW, Stage.LIVE, Stage.LAMBDA])
def test_a_stage_for_everyone_changes_one_word(editor: FlagEditor, file: Path, stage: Stage) -> None:
    editor.set_stage("stories", stage, 100)
    expected = COMMENTED.replace("defaultVariant: legacy # beside", f"defaultVariant: {stage.value} # beside")
    assert file.read_text("utf-8") == expected


def test_a_share_adds_a_rule_below_the_default(editor: FlagEditor, file: Path) -> None:
    editor.set_stage("stories", Stage.LIVE, 10)
    rule = """\
    defaultVariant: legacy # beside the default
    targeting:
      fractional:
        - cat: [mattgpt, {var: targetingKey}]
        - [live, 10]
        - [legacy, 90]
"""
    assert file.read_text("utf-8") == COMMENTED.replace("    defaultVariant: legacy # beside the default\n", rule)
    assert editor.shares("stories") == (RolloutShare(Stage.LIVE, 10), RolloutShare(Stage.LEGACY, 90))


def test_a_share_grows_and_the_others_stay_where_they_are(editor: FlagEditor, file: Path) -> None:
    editor.set_stage("search", Stage.LIVE, 50)
    assert editor.shares("search") == (RolloutShare(Stage.LIVE, 50), RolloutShare(Stage.SHADOW, 50))
    assert flag_of(file, "search")["defaultVariant"] == "shadow"


def test_taking_a_share_back_leaves_the_file_as_it_was(editor: FlagEditor, file: Path) -> None:
    editor.set_stage("stories", Stage.SHADOW, 10)
    editor.set_stage("stories", Stage.SHADOW, 60)
    editor.rollback("stories")
    assert file.read_text("utf-8") == COMMENTED


def test_comments_survive_a_rule_that_goes(editor: FlagEditor, file: Path) -> None:
    editor.set_stage("search", Stage.LIVE, 100)
    gone = {"beside the rule", "the pilot", "everyone else"}  # they were about the rule itself
    assert comments(file.read_text("utf-8")) == [item for item in comments(COMMENTED) if item not in gone]
    assert flag_of(file, "search") == {
        "defaultVariant": "live",
        "state": "ENABLED",
        "variants": {stage: stage for stage in ("legacy", "shadow", "live", "lambda")},
    }


def test_comments_after_a_rule_survive_every_change_of_it(editor: FlagEditor, file: Path) -> None:
    for share in (10, 50, 90, 100):
        editor.set_stage("stories", Stage.LIVE, share)
        editor.set_stage("search", Stage.LAMBDA, share)
    text = file.read_text("utf-8")
    assert [item for item in comments(text) if item.startswith("a")] == [
        item for item in comments(COMMENTED) if item.startswith("a")
    ]
    assert text.index("# about search") < text.index("search:") < text.index("# about nothing in particular")


@pytest.mark.parametrize("share", [1, 37, 100])
def test_a_flag_on_one_line_is_edited_there(editor: FlagEditor, file: Path, share: int) -> None:
    for wanted in (50, share):
        editor.set_stage("ask", Stage.LIVE, wanted)
    lines = zip(COMMENTED.splitlines(), file.read_text("utf-8").splitlines(), strict=True)
    (changed,) = [new for old, new in lines if old != new]
    assert changed.startswith("  ask: {state: ENABLED, ")
    assert changed.endswith("} # beside ask")
    live = (RolloutShare(Stage.LIVE, share),)
    assert editor.shares("ask") == (live if share == 100 else (*live, RolloutShare(Stage.LEGACY, 100 - share)))


@pytest.mark.parametrize("share", [10, 100])
def test_a_json_file_stays_json(tmp_path: Path, share: int) -> None:
    path = tmp_path / "flags.json"
    variants = {stage.value: stage.value for stage in DOMAINS["stories"].stages}
    flags = {"stories": {"state": "ENABLED", "variants": variants, "defaultVariant": "legacy"}}
    path.write_text(json.dumps({"flags": flags}, indent=2), "utf-8")
    editor = FlagEditor(path, Audit(tmp_path / "migration.sqlite3"))
    editor.set_stage("stories", Stage.LIVE, 50)
    editor.set_stage("stories", Stage.LIVE, share)
    found = json.loads(path.read_text("utf-8"))["flags"]["stories"]
    assert found["defaultVariant"] == ("legacy" if share < 100 else "live")
    assert [item[1] for item in found["targeting"].get("fractional", [])[1:]] == ([10, 90] if share < 100 else [])


def test_line_endings_byte_order_mark_and_a_missing_last_newline_stay(editor: FlagEditor, file: Path) -> None:
    text = "\ufeff" + "\n".join(COMMENTED.splitlines()[3:13]).replace("\n", "\r\n")
    file.write_bytes(text.encode())
    for share in (20, 80):
        editor.set_stage("stories", Stage.LIVE, share)
        data = file.read_bytes()
        assert data.startswith(text[:-30].encode())
        assert data.count(b"\n") == data.count(b"\r\n")
    editor.rollback("stories")
    assert file.read_bytes() == text.encode()


def test_the_flags_own_names_of_stages_are_kept(editor: FlagEditor, file: Path) -> None:
    file.write_text('flags:\n  stories:\n    state: ENABLED\n    variants: {"no": legacy, "1": live}\n')
    with file.open("a") as lines:
        lines.write("    defaultVariant: 'no'\n")
    editor.set_stage("stories", Stage.LIVE, 5)
    assert editor.shares("stories") == (RolloutShare(Stage.LIVE, 5), RolloutShare(Stage.LEGACY, 95))
    editor.set_stage("stories", Stage.LIVE, 100)
    assert flag_of(file, "stories")["defaultVariant"] == "1"


def test_a_link_stays_a_link_and_permissions_stay(editor: FlagEditor, file: Path, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere" / "real.yaml"
    real.parent.mkdir()
    file.rename(real)
    file.symlink_to(real)
    real.chmod(0o640)
    editor.set_stage("stories", Stage.LIVE, 100)
    assert file.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert flag_of(real, "stories")["defaultVariant"] == "live"
    assert [path.name for path in real.parent.iterdir()] == ["real.yaml"]


@settings(max_examples=40)
@given(
    edits=st.lists(
        st.tuples(st.sampled_from(["stories", "search"]), st.sampled_from(["legacy", "live"]), st.integers(1, 100)),
        max_size=6,
    ),
    blanks=st.lists(st.sampled_from(["", "# a note", "   # an indented note"]), max_size=3),
)
def test_any_edits_of_any_layout_do_what_they_say(edits: list[tuple[str, str, int]], blanks: list[str]) -> None:
    text = COMMENTED.replace("\n  search:\n", "\n" + "".join(f"{line}\n" for line in blanks) + "  search:\n")
    noted = comments(text)
    for domain, variant, percent in edits:
        other = "legacy" if variant == "live" else "live"
        pairs = [(variant, percent), (other, 100 - percent)] if percent < 100 else [(variant, 100)]
        text = with_variants(text, domain, pairs)
        flag = yaml.safe_load(text)["flags"][domain]
        assert flag["defaultVariant"] == pairs[-1][0]
        assert flag.get("targeting", {}).get("fractional", [0])[1:] == [list(p) for p in pairs if len(pairs) > 1]
    inside = {"beside the rule", "the pilot", "everyone else"}
    assert [item for item in comments(text) if item not in inside] == [item for item in noted if item not in inside]


# Going back


@pytest.mark.parametrize(
    ("now", "back"),
    [
        ([(Stage.SHADOW, 100)], "legacy"),
        ([(Stage.LIVE, 100)], "shadow"),
        ([(Stage.LAMBDA, 100)], "live"),
        ([(Stage.LIVE, 100), (Stage.LAMBDA, 10)], "live"),
        ([(Stage.SHADOW, 100), (Stage.LAMBDA, 10)], "shadow"),
    ],
)
def test_a_rollback_takes_everyone_one_stage_back(editor: FlagEditor, now: list[tuple[Stage, int]], back: str) -> None:
    for stage, share in now:
        editor.set_stage("stories", stage, share)
    change = editor.rollback("stories", "it was slow")
    assert (change.after, change.reason) == (back, "it was slow")
    assert editor.shares("stories") == (RolloutShare(Stage(back), 100.0),)


def test_a_rule_of_the_maintainers_own_goes_back_to_its_earliest_stage(editor: FlagEditor, file: Path) -> None:
    rule = "targeting: {if: [{ends_with: [{var: email}, example.org]}, live, shadow]}"
    file.write_text(COMMENTED.replace("defaultVariant: legacy #", f"defaultVariant: lambda\n    {rule}\n    #"))
    change = editor.rollback("stories")
    assert (change.before, change.after) == ("a rule of its own, sampled: shadow", "shadow")
    assert "targeting" not in flag_of(file, "stories")


def test_a_rule_that_flagd_ignores_goes_back_from_the_default(editor: FlagEditor, file: Path) -> None:
    file.write_text(COMMENTED.replace("[live, 10]", "[live, 10.5]"), "utf-8")
    change = editor.rollback("search")
    assert (change.before, change.after) == ("shadow", "legacy")
    assert editor.shares("search") == (RolloutShare(Stage.LEGACY, 100.0),)


def test_from_the_first_stage_there_is_no_way_back(editor: FlagEditor, file: Path) -> None:
    with pytest.raises(FlagEditError, match="flag 'stories' is at 'legacy', the first stage, already"):
        editor.rollback("stories")
    assert file.read_text("utf-8") == COMMENTED


# What is refused


@pytest.mark.parametrize(
    ("domain", "stage", "share", "message"),
    [
        ("weather", Stage.LIVE, 100, "there is no domain 'weather'; it is one of stories, "),
        ("stories", Stage.DUALWRITE, 100, "flag 'stories' has no stage 'dualwrite'; it is one of legacy, shadow,"),
        ("stories", Stage.LIVE, 0, "flag 'stories': the share must be 1 to 100 percent, not 0"),
        ("stories", Stage.LIVE, 101, "flag 'stories': the share must be 1 to 100 percent, not 101"),
        ("stories", Stage.LEGACY, 50, "flag 'stories' is at 'legacy' for everyone already"),
        ("ask", Stage.SHADOW, 100, "flag 'ask' must be changed by hand: it defines no variant for stage 'shadow'"),
    ],
)
def test_what_cannot_be_is_named_and_nothing_is_touched(
    file: Path, tmp_path: Path, domain: str, stage: Stage, share: int, message: str
) -> None:
    editor = FlagEditor(file, Audit(tmp_path / "data" / "migration.sqlite3"))
    with pytest.raises(FlagEditError) as raised:
        editor.set_stage(domain, stage, share)
    assert message in str(raised.value)
    assert file.read_text("utf-8") == COMMENTED
    assert Audit(tmp_path / "data" / "migration.sqlite3").changes() == []


def test_a_share_in_addition_to_a_custom_rule_is_rejected(editor: FlagEditor, file: Path) -> None:
    own = COMMENTED.replace("defaultVariant: legacy #", "targeting: {if: [true, live]}\n    defaultVariant: legacy #")
    file.write_text(own)
    with pytest.raises(FlagEditError, match="flag 'stories' has a rule of its own"):
        editor.set_stage("stories", Stage.LIVE, 50)
    assert file.read_text("utf-8") == own
    editor.set_stage("stories", Stage.LIVE, 100)
    assert editor.shares("stories") == (RolloutShare(Stage.LIVE, 100.0),)


ANCHORED = """\
flags:
  stories: &common
    state: ENABLED
    variants: &stages {legacy: legacy, live: live}
    defaultVariant: legacy
  search: *common
  ask: {<<: *common, state: ENABLED}
  industries: {state: ENABLED, variants: *stages, defaultVariant: &first legacy, metadata: {at: *first}}
"""


@pytest.mark.parametrize("domain", ["stories", "search", "ask", "industries"])
def test_a_flag_that_others_share_is_left_to_the_maintainer(file: Path, domain: str) -> None:
    with pytest.raises(NotEditable):
        with_variants(ANCHORED, domain, [("live", 100)])


def test_variants_may_be_shared(file: Path) -> None:
    text = ANCHORED.replace("&first legacy, metadata: {at: *first}", "legacy")
    changed = with_variants(text, "industries", [("live", 25), ("legacy", 75)])
    assert changed.replace(', "targeting"', "§").partition("§")[0] == text.rpartition("}")[0]


BROKEN = [
    (b"flags:\n  stories: [\n", r"flags\.yaml: line 3: not YAML"),
    (b"flags:\n\tstories: {}\n", r"flags\.yaml: line 2: not YAML"),
    (b"\xff\xfe", r"flags\.yaml: not UTF-8 text"),
    (b"", r"flags\.yaml: holds no `flags` mapping"),
]


@pytest.mark.parametrize(("content", "message"), BROKEN)
def test_a_garbled_file_is_named_with_its_line_and_left_alone(
    editor: FlagEditor, file: Path, content: bytes, message: str
) -> None:
    file.write_bytes(content)
    attempts: list[Callable[[], object]] = [
        lambda: editor.set_stage("stories", Stage.LIVE, 100),
        lambda: editor.rollback("stories"),
        lambda: editor.shares("stories"),
    ]
    for attempt in attempts:
        with pytest.raises(FlagFileError, match=message):
            attempt()
    assert file.read_bytes() == content


@pytest.mark.parametrize("name", ["nowhere.yaml", "no/such/folder.yaml"])
def test_a_missing_file_is_named_and_not_made(tmp_path: Path, name: str) -> None:
    editor = FlagEditor(tmp_path / name, Audit(tmp_path / "migration.sqlite3"))
    with pytest.raises(FlagFileError, match=f"{name}: cannot read the flag file: No such file"):
        editor.set_stage("stories", Stage.LIVE, 100)
    assert not (tmp_path / name).exists()


def test_a_flag_that_is_missing_or_disabled_is_named(editor: FlagEditor, file: Path) -> None:
    with pytest.raises(FlagEditError, match="flag 'industries': Flag with key industries not present in flag store"):
        editor.set_stage("industries", Stage.LIVE, 100)
    file.write_text(COMMENTED.replace('state: "ENABLED"', "state: DISABLED"))
    with pytest.raises(FlagEditError, match="flag 'stories': it is disabled"):
        editor.set_stage("stories", Stage.LIVE, 100)


# Keeping record


def test_a_change_is_kept_with_all_that_it_was(editor: FlagEditor, tmp_path: Path) -> None:
    change = editor.set_stage(
        "stories", Stage.LIVE, 10, reason="the pilot", who="ada", judge=lambda *_: GateDecision(True, {"seen": 7})
    )
    assert (change.before, change.after, change.reason, change.forced) == (
        "legacy",
        "live 10%, legacy 90%",
        "the pilot",
        True,
    )
    assert Audit(tmp_path / "data" / "migration.sqlite3").changes() == [change]


def test_a_change_that_cannot_be_kept_is_not_made(editor: FlagEditor, file: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "migration.sqlite3").write_text(
        "this is no database, and it is long enough to be seen as none"
    )
    with pytest.raises(AuditError, match=r"migration\.sqlite3: the record of changes cannot be used: file is not a"):
        editor.set_stage("stories", Stage.LIVE, 100)
    assert file.read_text("utf-8") == COMMENTED


def test_a_data_folder_that_cannot_be_made_stops_a_change(file: Path, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(AuditError, match=r"the record of changes cannot be used: (Not a directory|File exists)"):
        FlagEditor(file, Audit(tmp_path / "data" / "migration.sqlite3")).set_stage("stories", Stage.LIVE, 100)
    assert file.read_text("utf-8") == COMMENTED


def test_a_change_that_cannot_be_made_is_not_kept(
    editor: FlagEditor, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FlagFileError, match="cannot write the flag file: No space left on device"):
        editor.set_stage("stories", Stage.LIVE, 100)
    assert file.read_text("utf-8") == COMMENTED
    assert Audit(tmp_path / "data" / "migration.sqlite3").changes() == []
    assert {path.name for path in tmp_path.iterdir()} == {"flags.yaml", "data"}


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ((RolloutShare(Stage.LIVE, 100.0),), "live"),
        ((RolloutShare(Stage.LIVE, 12.5), RolloutShare(Stage.SHADOW, 87.5)), "live 12.5%, shadow 87.5%"),
        ((), "a rule of its own"),
    ],
)
def test_shares_in_words(shares: tuple[RolloutShare, ...], words: str) -> None:
    assert format_rollout(shares) == words


# What judges a step


@pytest.mark.parametrize(
    ("now", "stage", "share", "gaining"),
    [
        ([], Stage.SHADOW, 10, Stage.SHADOW),
        ([(Stage.SHADOW, 10)], Stage.SHADOW, 20, Stage.SHADOW),
        ([], Stage.LIVE, 10, Stage.LIVE),
        ([(Stage.LIVE, 10)], Stage.SHADOW, 100, Stage.SHADOW),
        ([(Stage.SHADOW, 100), (Stage.LIVE, 60)], Stage.SHADOW, 30, Stage.LIVE),  # the others are more now
        ([(Stage.LIVE, 50)], Stage.LIVE, 40, None),
        ([(Stage.LIVE, 50)], Stage.LEGACY, 80, None),
        ([(Stage.LIVE, 100)], Stage.LIVE, 100, None),
        ([(Stage.LIVE, 100), (Stage.LAMBDA, 10)], Stage.SHADOW, 30, None),
    ],
)
def test_a_step_is_judged_by_the_furthest_stage_that_gains_visitors(
    editor: FlagEditor, now: list[tuple[Stage, int]], stage: Stage, share: int, gaining: Stage | None
) -> None:
    for before in now:
        editor.set_stage("stories", *before)
    in_force, judged = editor.shares("stories"), []
    editor.set_stage("stories", stage, share, judge=lambda *asked: judged.append(asked) or GateDecision())
    assert judged == ([(in_force, gaining)] if gaining else [])


def test_what_a_judge_raises_leaves_everything_as_it_was(editor: FlagEditor, file: Path, tmp_path: Path) -> None:
    def refuse(_: Rollout, __: Stage) -> GateDecision:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        editor.set_stage("stories", Stage.LIVE, 100, judge=refuse)
    assert file.read_text("utf-8") == COMMENTED
    assert Audit(tmp_path / "data" / "migration.sqlite3").changes() == []
    editor.set_stage("stories", Stage.LIVE, 100)


def test_no_other_change_comes_between_a_verdict_and_its_change(editor: FlagEditor) -> None:
    judging, go_on, done = threading.Event(), threading.Event(), list[str]()

    def slowly(_: Rollout, __: Stage) -> GateDecision:
        judging.set()
        assert go_on.wait(20)
        return GateDecision()

    def step() -> None:
        done.append(editor.set_stage("stories", Stage.SHADOW, 100, judge=slowly).after)

    def back() -> None:
        done.append(editor.rollback("search").after)

    threads = [threading.Thread(target=work) for work in (step, back)]
    threads[0].start()
    assert judging.wait(20)
    threads[1].start()
    threads[1].join(0.2)
    assert done == []
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert done == ["shadow", "shadow"]


# More than one at a time


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    file = tmp_path / "flags.yaml"
    domains = ("stories", "search")
    flag = "  {}: {{state: ENABLED, variants: {{legacy: legacy, shadow: shadow}}, defaultVariant: legacy}}\n"
    file.write_text("flags:\n" + "".join(map(flag.format, domains)))
    editor = FlagEditor(file, Audit(tmp_path / "migration.sqlite3"))
    done, faults, versions = threading.Event(), [], set()

    def poll() -> None:
        while not done.wait(0.0005):
            text = file.read_text("utf-8")
            if text not in versions:
                versions.add(text)
                flags = yaml.safe_load(text)["flags"]
                if [domain for domain in domains if "defaultVariant" not in flags.get(domain, {})]:
                    faults.append(text)

    reader = threading.Thread(target=poll)
    reader.start()
    for number in range(200):
        editor.set_stage(domains[number % 2], Stage.SHADOW, number % 99 + 1)
    done.set()
    reader.join()
    assert faults == []
    assert len(versions) > 10


def _edit(file: Path, records: Path, domain: str, edits: int) -> None:
    editor = FlagEditor(file, Audit(records))
    for number in range(edits):
        editor.set_stage(domain, Stage.LIVE, number + 1, reason=f"{domain} {number}")


def test_editors_in_several_processes_all_land_and_are_all_kept(file: Path, tmp_path: Path) -> None:
    records = [tmp_path / "one.sqlite3", tmp_path / "one.sqlite3", tmp_path / "another.sqlite3"]
    jobs = list(zip(("stories", "search", "ask"), records, strict=True))
    spawned = multiprocessing.get_context("spawn")
    editors = [spawned.Process(target=_edit, args=(file, path, domain, 15)) for domain, path in jobs]
    for process in editors:
        process.start()
    for process in editors:
        process.join(60)
    assert [process.exitcode for process in editors] == [0, 0, 0]
    for domain, path in jobs:
        assert read_flag_file(file, {domain: DOMAINS[domain]}).shares[domain][0] == RolloutShare(Stage.LIVE, 15.0)
        kept = [change.reason for change in Audit(path).changes(domain)]
        assert kept == [f"{domain} {number}" for number in reversed(range(15))]
    with sqlite3.connect(records[0]) as connection:
        assert connection.execute("SELECT count(*) FROM flag_changes").fetchone() == (30,)

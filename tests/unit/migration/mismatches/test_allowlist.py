"""The list of accepted differences: what an entry covers, what is refused, and how entries are added."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.migration.mismatches.allowlist import AllowedError, Allowlist, AllowlistEntry
from backend_clients.migration.mismatches.allowlist_editor import add_entries, with_entries
from backend_clients.settings import REPOSITORY
from tests.support.builders.mismatches import kept, stored

ENTRY: dict[str, Any] = {
    "domain": "search",
    "operation": "hybrid",
    "layer": "scores",
    "path": "[*][*]",
    "kind": "values_changed",
    "tolerance": 0.1,
    "reason": "rounds to four places",
    "date": date.today(),
}
SHIPPED = REPOSITORY / "parity_allowed.yaml"


def entry(**changes: Any) -> AllowlistEntry:
    return AllowlistEntry(**{name: value for name, value in (ENTRY | changes).items() if value is not None})


def written(path: Path, *rows: Any) -> Path:
    path.write_text(yaml.safe_dump(list(rows), allow_unicode=True), "utf-8")
    return path


# What an entry covers


def test_an_entry_accepts_what_it_names() -> None:
    assert Allowlist([entry()]).accepted_reason(stored()) == "rounds to four places"


def numbers(legacy: Any, remote: Any) -> Any:
    return kept({"scores": [[legacy]]}, {"scores": [[remote]]})


@pytest.mark.parametrize(
    ("remote", "accepted"), [(10, True), (8.5, True), (10.1, False), (-49_999, False), (9e99, False)]
)
def test_numbers_are_accepted_within_the_tolerance_alone(remote: float, accepted: bool) -> None:
    assert bool(Allowlist([entry(tolerance=1.0)]).accepted_reason(numbers(9, remote))) is accepted


def test_an_entry_without_a_tolerance_accepts_no_number_and_one_with_it_nothing_else() -> None:
    bounded, worded = entry(tolerance=1e9), entry(tolerance=None, reason="spelt otherwise")
    text = numbers("a", "b")
    assert [bool(Allowlist([one]).accepted_reason(numbers(9, 10))) for one in (bounded, worded)] == [True, False]
    assert [bool(Allowlist([one]).accepted_reason(text)) for one in (bounded, worded)] == [False, True]
    both = kept({"scores": [[9, "a"]]}, {"scores": [[10, "b"]]})
    assert Allowlist([bounded]).accepted_reason(both) == Allowlist([worded]).accepted_reason(both) == ""
    assert Allowlist([bounded, worded]).accepted_reason(both) == "rounds to four places; spelt otherwise"


def test_a_number_that_became_none_or_a_word_is_no_number_within_a_tolerance() -> None:
    for other in (None, "9", True, float("nan")):
        assert Allowlist([entry(tolerance=1e9)]).accepted_reason(numbers(9, other)) == ""


@pytest.mark.parametrize(
    ("age", "days", "counts"), [(30, None, True), (31, None, False), (5, 4, False), (90, 91, True)]
)
def test_an_entry_expires_after_thirty_days_or_on_its_own_day(age: int, days: int | None, counts: bool) -> None:
    accepted_on = date.today() - timedelta(age)
    expires = None if days is None else accepted_on + timedelta(days)
    allowed = Allowlist([entry(date=accepted_on, expires=expires)])
    assert bool(allowed.accepted_reason(stored())) is counts
    assert bool(allowed.expired("search")) is not counts
    assert allowed.expired("stories") == []


def test_an_entry_that_was_renewed_is_not_told_as_expired() -> None:
    old = entry(date=date(2026, 1, 1))
    assert Allowlist([old]).expired("search") == [
        "search/hybrid scores [*][*] values_changed up to 0.1 was accepted until 2026-01-31: rounds to four places"
    ]
    assert Allowlist([old, entry(tolerance=0.2)]).expired("search") == []


@pytest.mark.parametrize(
    "change",
    [
        {"domain": "stories"},
        {"operation": "semantic"},
        {"layer": "order"},
        {"path": "[*]"},
        {"path": "[*][*].x"},
        {"kind": "type_changes"},
    ],
    ids=str,
)
def test_an_entry_accepts_nothing_else(change: dict[str, str]) -> None:
    assert Allowlist([entry(**change)]).accepted_reason(stored()) == ""


def test_without_an_operation_an_entry_holds_for_the_whole_domain() -> None:
    allowed = Allowlist([entry(operation=None)])
    assert [allowed.accepted_reason(stored(operation=name)) for name in ("hybrid", "semantic")] == [
        "rounds to four places"
    ] * 2
    assert allowed.accepted_reason(stored(domain="ask")) == ""


def test_a_mismatch_is_accepted_when_each_of_its_differences_is() -> None:
    both = stored(differences=(*stored().differences, "iterable_item_added root[3]: 0.1"))
    assert Allowlist([entry()]).accepted_reason(both) == ""
    added = entry(path="[*]", kind="iterable_item_added", tolerance=None, reason="one more")
    assert Allowlist([entry(), added]).accepted_reason(both) == "rounds to four places; one more"


def test_an_accepted_difference_hides_none_in_a_later_layer() -> None:
    item = kept({"scores": [[0.5, 0.5]], "payload": {"x": 1}}, {"scores": [[0.5, 0.4]], "payload": {"x": 2}})
    assert item.layer == "scores"
    assert Allowlist([entry()]).accepted_reason(item) == ""
    assert (
        Allowlist([entry(), entry(layer="payload", path="x", tolerance=1)]).accepted_reason(item)
        == "rounds to four places"
    )


def test_a_mismatch_of_which_not_every_difference_is_known_is_not_accepted() -> None:
    lines = tuple(f'values_changed root[{number}][1]: {{"new_value": 1, "old_value": 1.05}}' for number in range(20))
    assert Allowlist([entry()]).accepted_reason(stored(differences=lines)) == ""
    assert Allowlist([entry()]).accepted_reason(stored(differences=lines[:19])) != ""


# Reading the file


def test_the_shipped_list_accepts_nothing_and_explains_its_format() -> None:
    assert Allowlist.read(SHIPPED).entries == ()
    example = [line.removeprefix("# ") for line in SHIPPED.read_text("utf-8").splitlines() if line.startswith("# ")]
    block = "\n".join(example[next(n for n, line in enumerate(example) if line.startswith("- domain")) :])
    assert AllowlistEntry(**yaml.safe_load(block)[0]).kind == "values_changed"


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "[]\n"])
def test_an_empty_list_accepts_nothing(tmp_path: Path, text: str) -> None:
    file = tmp_path / "allowed.yaml"
    file.write_text(text)
    assert Allowlist.read(file).entries == ()


def test_a_file_that_is_missing_accepts_nothing(tmp_path: Path) -> None:
    assert Allowlist.read(tmp_path / "none.yaml").entries == ()


@pytest.mark.parametrize("field", ["domain", "layer", "path", "kind", "reason", "date"])
def test_a_field_that_is_missing_is_named_with_its_entry(tmp_path: Path, field: str) -> None:
    bad = {name: value for name, value in ENTRY.items() if name != field}
    with pytest.raises(AllowedError, match=rf"allowed\.yaml: entry 2, {field}: Field required"):
        Allowlist.read(written(tmp_path / "allowed.yaml", ENTRY, bad))


@pytest.mark.parametrize("field", ["domain", "operation", "layer", "path", "kind"])
@pytest.mark.parametrize("everything", ["*", "**", "*.*", "", "  "])
def test_an_entry_that_would_match_everything_is_rejected(tmp_path: Path, field: str, everything: str) -> None:
    with pytest.raises(AllowedError, match=rf"entry 1, {field}: "):
        Allowlist.read(written(tmp_path / "allowed.yaml", ENTRY | {field: everything}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"domain": "weather"}, "entry 1, domain: there is no domain 'weather'"),
        ({"reason": " "}, "entry 1, reason: "),
        ({"date": "soon"}, "entry 1, date: "),
        ({"path": ["a"]}, "entry 1, path: "),
        ({"paths": "a"}, "entry 1, paths: Extra inputs are not permitted"),
    ],
)
def test_a_field_that_is_wrong_is_named_with_its_entry(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(AllowedError, match=said):
        Allowlist.read(written(tmp_path / "allowed.yaml", ENTRY | change))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"- a\n", "entry 1: "),
        (b"domain: search\n", "must hold a list of entries"),
        (b"- {domain: [\n", "is not YAML.*line 2"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_a_file_that_is_no_list_of_entries_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "allowed.yaml"
    file.write_bytes(content)
    with pytest.raises(AllowedError, match=rf"(?s)allowed\.yaml: {said}"):
        Allowlist.read(file)


# Adding entries


@pytest.mark.parametrize(
    "before",
    [
        "",
        "# why\n",
        "# why\n[]\n",
        "# why\n[] # none yet\n",
        "# why\n[]",
        "# one\n- {domain: ask, layer: gate, path: $, kind: type_changes, reason: x, date: 2026-01-01} # kept\n# end\n",
        "- domain: ask\n  layer: gate\n  path: $\n  kind: type_changes\n  reason: x\n  date: 2026-01-01",
        "# why\r\n[]\r\n",
    ],
)
def test_an_added_entry_leaves_the_rest_of_the_file_as_it_was(tmp_path: Path, before: str) -> None:
    file = tmp_path / "allowed.yaml"
    file.write_bytes(before.encode())
    known = Allowlist.read(file).entries
    add_entries(file, [entry()])
    after = file.read_bytes().decode()
    assert Allowlist.read(file).entries == (*known, entry())
    for line in before.replace("[]", "").splitlines():
        assert line in after
    assert after.startswith(before.partition("[]")[0])
    assert ("\r\n" in before) is ("\r\n" in after)
    add_entries(file, [entry(layer="order")])
    assert file.read_bytes().decode().startswith(after)
    assert len(Allowlist.read(file).entries) == len(known) + 2
    assert [path.name for path in tmp_path.iterdir()] == ["allowed.yaml"]


def test_the_shipped_list_can_be_added_to() -> None:
    text = SHIPPED.read_text("utf-8")
    assert with_entries(text, [entry()], SHIPPED).startswith(text.removesuffix("[]\n"))


@pytest.mark.parametrize(
    "text",
    [
        "[{domain: ask, layer: gate, path: $, kind: type_changes, reason: x, date: 2026-01-01}]\n",
        "- {domain: ask, layer: gate, path: $, kind: type_changes, reason: x, date: 2026-01-01}\n...\n",
        "  - {domain: ask, layer: gate, path: $, kind: type_changes, reason: x, date: 2026-01-01}\n",
    ],
)
def test_a_list_that_cannot_be_added_to_is_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "allowed.yaml"
    file.write_text(text)
    with pytest.raises(AllowedError, match="by hand"):
        add_entries(file, [entry(), entry(layer="order")])
    assert file.read_text() == text


def test_a_list_in_a_folder_that_is_gone_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(AllowedError, match=r"allowed\.yaml: cannot be changed"):
        add_entries(tmp_path / "gone" / "allowed.yaml", [entry()])


WORDS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=60)


@given(WORDS.filter(lambda text: text.strip() != ""), WORDS.filter(lambda text: set(text.strip()) - {"*", "."}))
def test_whatever_a_reason_or_a_path_holds_is_read_back(reason: str, path: str) -> None:
    made = entry(reason=reason, path=path)
    text = with_entries("# why\n[]\n", [made], SHIPPED)
    assert AllowlistEntry(**yaml.safe_load(text)[0]) == made

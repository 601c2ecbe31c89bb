"""Mismatches that differ in the same place and way are put together, whatever their values."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.migration.mismatches.allowlist import Allowlist, AllowlistEntry
from backend_clients.migration.mismatches.causes import Signature, all_signatures, signatures
from backend_clients.migration.mismatches.groups import grouped
from backend_clients.routing.comparison import differences
from tests.support.builders.mismatches import kept, stored

NO_ONE_ACCEPTED = Allowlist()


@pytest.mark.parametrize(
    ("legacy", "remote", "found"),
    [
        ({"hits": [{"score": 0.5}]}, {"hits": [{"score": 0.4}]}, [("hits[*].score", "values_changed")]),
        ([{"id": "a"}], [{"id": "b"}], [("[*].id", "values_changed")]),
        ([[0.5], [0.1]], [[0.4], [0.2]], [("[*][*]", "values_changed")]),
        ("text", "other", [("$", "values_changed")]),
        ([1], {"a": 1}, [("$", "type_changes")]),
        ({"a|acme": {"title": 1}}, {"a|acme": {"title": 2}}, [("[*].title", "values_changed")]),
        ({"x: y]['z": {"title": 1}}, {"x: y]['z": {"title": 2}}, [("[*].title", "values_changed")]),
        ({"it's": [1]}, {"it's": [2]}, [("[*][*]", "values_changed")]),
        ({"tags": ["a"]}, {"tags": ["a", "b"]}, [("tags[*]", "iterable_item_added")]),
        ({"a": 1}, {"a": 1, "b": 2}, [("b", "dictionary_item_added")]),
        ({"a": 1, "b": None}, {"a": 2}, [("b", "dictionary_item_removed"), ("a", "values_changed")]),
    ],
)
def test_a_cause_is_a_place_and_a_way_without_numbers_and_names(legacy: Any, remote: Any, found: list[Any]) -> None:
    assert signatures("layer", differences(legacy, remote)) == tuple(Signature("layer", *cause) for cause in found)


def test_many_alike_differences_are_one_cause() -> None:
    lines = differences([{"score": number} for number in range(300)], [{"score": number + 1} for number in range(300)])
    assert len(lines) == 300
    assert signatures("scores", lines) == (Signature("scores", "[*].score", "values_changed"),)


def test_a_side_that_rejected_is_a_cause_whatever_its_words() -> None:
    one = signatures("status", ("legacy: NotFound: there is no story 'a'", "lambda: answered"))
    other = signatures("status", ("legacy: NotFound: there is no story 'b'", "lambda: answered"))
    assert one == other == (Signature("status", "$", "legacy NotFound, lambda answered"),)


def test_a_broken_comparer_and_a_mismatch_that_says_nothing_have_causes_too() -> None:
    assert signatures("comparer", ("KeyError: 'x'",)) == (Signature("comparer", "$", "KeyError"),)
    assert signatures("text", ()) == (Signature("text", "$", "unknown"),)


LINE_PARTS = st.text(alphabet="rot[]'\": {}0a1|\n", max_size=40)


@given(LINE_PARTS)
def test_any_line_has_a_cause(text: str) -> None:
    assert len(signatures("layer", (f"values_changed root{text}",))) == 1


JSON_KEYS = st.text(alphabet="ab0 |:'é]", min_size=1, max_size=6).filter(lambda key: '"' not in key)


@given(st.dictionaries(JSON_KEYS, st.lists(st.integers(0, 3), max_size=3), max_size=4), st.integers(4, 9))
def test_causes_do_not_depend_on_values(legacy: dict[str, list[int]], other: int) -> None:
    remote = {key: [other for _ in values] for key, values in legacy.items()}
    another = {key: [other + 7 for _ in values] for key, values in legacy.items()}
    assert set(signatures("a", differences(legacy, remote))) == set(signatures("a", differences(legacy, another)))


def test_groups_are_by_domain_operation_and_cause_the_largest_first() -> None:
    order = {"layer": "order", "differences": ('values_changed root[0]: {"new_value": "b", "old_value": "a"}',)}
    found = [stored(1), stored(2, **order), stored(3), stored(4, operation="semantic"), stored(5)]
    first, *others = grouped(found, NO_ONE_ACCEPTED)
    assert (first.domain, first.operation, first.layer, first.path, first.kind) == (
        "search",
        "hybrid",
        "scores",
        "[*][*]",
        "values_changed",
    )
    assert (first.count, first.numbers, first.latest.id, first.accepted) == (3, (5, 3, 1), 5, "")
    assert {(group.operation, group.layer, group.count) for group in others} == {
        ("hybrid", "order", 1),
        ("semantic", "scores", 1),
    }


def test_a_mismatch_that_differs_in_two_ways_is_in_a_group_for_each() -> None:
    both = (*stored().differences, "iterable_item_added root[3]: 0.1")
    groups = grouped([stored(1, differences=both), stored(2)], NO_ONE_ACCEPTED)
    assert [(group.path, group.kind, group.numbers) for group in groups] == [
        ("[*][*]", "values_changed", (2, 1)),
        ("[*]", "iterable_item_added", (1,)),
    ]


def test_a_group_says_why_it_is_accepted() -> None:
    entry = {"domain": "search", "layer": "scores", "path": "[*][*]", "kind": "values_changed"}
    allowed = Allowlist([AllowlistEntry(**entry, reason="rounding", tolerance=0.1, date=date.today())])
    assert [group.accepted for group in grouped([stored()], allowed)] == ["rounding"]
    further = stored(2, differences=('values_changed root[0][1]: {"new_value": 9, "old_value": 0.5}',))
    assert [group.accepted for group in grouped([stored(), further], allowed)] == [""]


def test_nothing_stored_is_no_group() -> None:
    assert grouped([], NO_ONE_ACCEPTED) == []


def test_where_the_answers_were_kept_the_causes_of_every_layer_are_known() -> None:
    item = kept({"total": 3, "order": ["a"], "payload": {"x": 1}}, {"total": 3, "order": ["b"], "payload": {"x": 2}})
    assert item.layer == "order"
    assert all_signatures(item) == (
        Signature("order", "[*]", "values_changed"),
        Signature("payload", "x", "values_changed"),
    )


def test_where_they_were_not_and_the_list_was_cut_not_all_are_known() -> None:
    lines = tuple(f'values_changed root[{number}]: {{"new_value": 1}}' for number in range(20))
    assert all_signatures(stored(differences=lines)) is None
    assert all_signatures(stored(differences=lines[:19])) is not None
    assert all_signatures(stored(cut=True)) is None  # later layers may differ too

"""Both answers of a mismatch, layer by layer: nothing that differs is left out, and what is alike is short."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from backend_clients.migration.mismatches.layer_diff import Change, Row, side_by_side


def rows(legacy: Any, remote: Any) -> tuple[Row, ...]:
    (layer,) = side_by_side({"only": legacy}, {"only": remote})
    return layer.rows


def test_layers_keep_their_order_and_alike_ones_have_no_rows() -> None:
    found = side_by_side({"gate": 1, "order": ["a"], "payload": 0.1}, {"gate": 1, "order": ["b"], "payload": 0.1})
    assert [(layer.layer, bool(layer.rows)) for layer in found] == [
        ("gate", False),
        ("order", True),
        ("payload", False),
    ]


def test_numbers_within_the_tolerance_are_alike() -> None:
    assert rows([1.0], [1.0 + 1e-9]) == ()


def test_a_layer_that_is_missing_on_the_other_side_is_shown() -> None:
    (layer,) = side_by_side({"order": "a"}, {})
    assert layer.rows == (Row(Change.CHANGED, '"a"', "null"),)


def test_lines_are_paired_added_and_removed() -> None:
    assert rows(["a", "b", "c"], ["a", "x"]) == (
        Row(Change.SAME, "[", "["),
        Row(Change.SAME, '  "a"', '  "a"'),
        Row(Change.CHANGED, '  "b"', '  "x"'),
        Row(Change.REMOVED, '  "c"', ""),
        Row(Change.SAME, "]", "]"),
    )
    assert [row.change for row in rows([], ["a"])][-2:] == [Change.ADDED, Change.ADDED]


def test_a_long_equal_stretch_is_one_line() -> None:
    legacy = list(range(100))
    found = rows(legacy, [*legacy[:50], -1, *legacy[51:]])
    assert [row.change for row in found] == [
        Change.SKIPPED,
        *[Change.SAME] * 2,
        Change.CHANGED,
        *[Change.SAME] * 2,
        Change.SKIPPED,
    ]
    assert (found[0].left, found[-1].left) == ("49 lines alike", "48 lines alike")


def test_of_long_lines_the_part_that_differs_is_shown() -> None:
    ((row),) = rows("x" * 5000 + "left" + "y" * 5000, "x" * 5000 + "right" + "y" * 5000)
    assert "left" in row.left
    assert "right" in row.right
    assert max(len(row.left), len(row.right)) < 410


def test_very_many_differences_end_in_a_line_that_counts_the_rest() -> None:
    found = rows(list(range(5000)), list(range(5000, 10_000)))
    assert len(found) == 201
    assert found[-1].change is Change.SKIPPED
    assert found[-1].left.endswith("more lines")


SMALL = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("aé\n<", max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab|", max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(SMALL, SMALL)
def test_every_line_that_one_side_alone_has_is_in_a_row_that_says_so(legacy: Any, remote: Any) -> None:
    found = rows(legacy, remote)
    if not found:
        return
    left, right = (json.dumps(view, ensure_ascii=False, indent=2).split("\n") for view in (legacy, remote))
    skipped = sum(int(row.left.split()[0]) for row in found if row.change is Change.SKIPPED)
    shown = [row for row in found if row.change is not Change.SKIPPED]
    assert sum(row.change is not Change.ADDED for row in shown) + skipped == len(left)
    assert sum(row.change is not Change.REMOVED for row in shown) + skipped == len(right)
    assert all((row.left == row.right) is (row.change is Change.SAME) for row in shown)
    assert any(row.change is not Change.SAME for row in shown)

"""How owner data becomes a story."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.story import DATE_KEYS, LIST_KEYS, OWNER_KEYS, TEXT_KEYS, Story, story_from_row, with_one_spelling
from tests.support.builders.stories import story


def row(**values: Any) -> Story:
    return story_from_row("a", values)


@pytest.mark.parametrize(("field", "key"), TEXT_KEYS.items())
def test_each_text_key_fills_its_field(field: str, key: str) -> None:
    assert getattr(story_from_row("a", {key: "  words "}), field) == "words"


@pytest.mark.parametrize(("field", "key"), LIST_KEYS.items())
def test_each_list_key_fills_its_field_and_a_string_becomes_a_list(field: str, key: str) -> None:
    assert getattr(story_from_row("a", {key: ["one", "two"]}), field) == ("one", "two")
    assert getattr(story_from_row("a", {key: "one\ntwo"}), field) == ("one", "two")


@pytest.mark.parametrize(("field", "key"), DATE_KEYS.items())
def test_each_date_key_fills_its_field(field: str, key: str) -> None:
    assert getattr(story_from_row("a", {key: " 2019-03 "}), field) == "2019-03"


def test_missing_keys_are_empty() -> None:
    assert row() == Story(id="a")
    assert row(Title=None, Action=None, public_tags=None, Start_Date=None) == Story(id="a")


def test_bullets_and_indentation_are_kept_as_written() -> None:
    assert row(Action=["Did this:", "  - first  ", "    - nested", "- last"]).action == (
        "Did this:",
        "  - first",
        "    - nested",
        "- last",
    )


def test_blank_lines_of_a_list_are_left_out() -> None:
    assert row(Action=["", " ", "x", None]).action == ("x",)


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        (7, ("7",)),
        (True, ("true",)),
        ({"k": 1}, ('{"k": 1}',)),
        ([1.5, ["a", "b"]], ("1.5", "a, b")),
        ("", ()),
        ([], ()),
    ],
)
def test_an_odd_value_in_a_list_field_is_coerced(value: Any, lines: tuple[str, ...]) -> None:
    assert row(Situation=value).situation == lines


@pytest.mark.parametrize(
    ("value", "text"),
    [(7, "7"), (False, "false"), (["a", "", "b"], "a, b"), ({"k": "é"}, '{"k": "é"}'), ("a\x00\tb\n", "a b")],
)
def test_an_odd_value_in_a_text_field_is_coerced(value: Any, text: str) -> None:
    assert row(Title=value).title == text


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        ("one, two ,three", ("one", "two", "three")),
        ("SQL, sql, Sql, python, SQL", ("SQL", "python")),
        ("Straße, STRASSE", ("Straße",)),
        (", ,one,,", ("one",)),
        (["one", "two, Three", "ONE"], ("one", "two", "Three")),
        ([["a", "b"], 7], ("a", "b", "7")),
        ("", ()),
        (7, ("7",)),
    ],
)
def test_tags_are_split_on_commas_and_deduplicated_ignoring_case_keeping_the_first_spelling(
    value: Any, tags: tuple[str, ...]
) -> None:
    assert row(public_tags=value).tags == tags


@given(st.lists(st.text(max_size=8), max_size=8))
def test_no_two_tags_of_a_story_differ_by_case_alone_and_none_is_blank(values: list[str]) -> None:
    tags = row(public_tags=values).tags
    assert len({tag.casefold() for tag in tags}) == len(tags)
    assert all(tag == tag.strip() and tag and "," not in tag for tag in tags)


@pytest.mark.parametrize(
    "value", ["2019", "2019-13", "2019-00", "March 2019", 201903, ["2019-03"], "\uff12\uff10\uff11\uff19-03"]
)
def test_a_date_that_is_none_is_empty_and_kept_aside(value: Any) -> None:
    read = row(Start_Date=value)
    assert read.start_date == ""
    assert read.extra == {"Start_Date": value}


def test_unknown_keys_are_kept_aside() -> None:
    assert row(Title="t", Mood="calm", Nested={"deep": [1, None]}).extra == {
        "Mood": "calm",
        "Nested": {"deep": [1, None]},
    }


def test_a_key_named_like_a_field_but_not_an_owner_key_fills_nothing() -> None:
    read = row(title="wrong case", tags="no")
    assert (read.title, read.tags) == ("", ())
    assert read.extra == {"title": "wrong case", "tags": "no"}


def test_every_owner_key_has_a_field() -> None:
    assert len(OWNER_KEYS) == len(TEXT_KEYS) + len(DATE_KEYS) + len(LIST_KEYS) + 2
    assert set(Story.model_fields) == {"id", "tags", "extra", *TEXT_KEYS, *DATE_KEYS, *LIST_KEYS}


@pytest.mark.parametrize(
    ("category", "sub_category", "domain"), [("A", "B", "A / B"), ("A", "", "A"), ("", "B", "B"), ("", "", "")]
)
def test_the_domain_joins_category_and_sub_category(category: str, sub_category: str, domain: str) -> None:
    assert story(category=category, sub_category=sub_category).domain == domain


def test_a_narrative_is_told_by_its_theme() -> None:
    assert story(theme="Professional Narrative").is_narrative
    assert not story(theme="Execution & Delivery").is_narrative


def test_the_texts_to_search_leave_out_id_person_dates_and_unknown_keys() -> None:
    fields = {name: f"{name}-word" for name in TEXT_KEYS} | {name: (f"{name}-word",) for name in LIST_KEYS}
    texts = set(story("id-word", **fields, tags=("tag-word",), start_date="2019-03", extra={"x": "extra-word"}).texts())
    assert texts == {f"{name}-word" for name in (*TEXT_KEYS, *LIST_KEYS, "tag") if name != "person"}


def test_a_story_cannot_be_changed_nor_given_a_field_it_does_not_know() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        story().title = "new"
    with pytest.raises(ValidationError, match="Extra inputs"):
        story(colour="red")


def test_spellings_that_differ_in_case_white_space_or_invisible_characters_become_the_first() -> None:
    rows = [
        {
            "Client": "Acme Bank",
            "Industry": "Retail",
            "Era": "Cloud",
            "Solution / Offering": "Data",
            "public_tags": "A\u00a0B, a b",
        },
        {
            "Client": "ACME\u00a0bank",
            "Industry": "re\u00adtail",
            "Era": "Cloud\u200b",
            "Solution / Offering": "\ufeffdata ",
        },
        {"Client": "Other", "Theme": "professional\u2003Narrative"},
    ]
    stories = with_one_spelling(story_from_row(str(number), row) for number, row in enumerate(rows))
    for field in ("client", "industry", "era", "capability"):
        assert getattr(stories[1], field) == getattr(stories[0], field) != ""
    assert stories[0].tags == ("A B",)
    assert [story.client for story in stories] == ["Acme Bank", "Acme Bank", "Other"]
    assert stories[2].is_narrative

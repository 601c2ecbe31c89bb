"""Conversion of the owner's data to a story."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.story import DATE_KEYS, LIST_KEYS, OWNER_KEYS, TEXT_KEYS, Story, with_one_spelling
from contracts.story_row import story_from_row, with_owner_keys
from tests.support.builders.stories import story


def row(**values: Any) -> Story:
    return story_from_row("a", values)[0]


@pytest.mark.parametrize(("field", "key"), TEXT_KEYS.items())
def test_each_text_key_fills_its_field(field: str, key: str) -> None:
    assert getattr(row(**{key: "  words "}), field) == "words"


@pytest.mark.parametrize(("field", "key"), LIST_KEYS.items())
def test_each_list_key_fills_its_field_and_a_string_becomes_a_list(field: str, key: str) -> None:
    assert getattr(row(**{key: ["one", "two"]}), field) == ("one", "two")
    assert getattr(row(**{key: "one\ntwo"}), field) == ("one", "two")


@pytest.mark.parametrize(("field", "key"), DATE_KEYS.items())
def test_each_date_key_fills_its_field(field: str, key: str) -> None:
    assert getattr(row(**{key: " 2019-03 "}), field) == "2019-03"


def test_missing_keys_are_empty() -> None:
    assert row() == Story(id="a")
    assert row(Title=None, Action=None, public_tags=None, Start_Date=None) == Story(id="a")


def test_bullets_and_indentation_are_preserved() -> None:
    assert row(Action=["Did this:", "  - first  ", "    - nested", "- last"]).action == (
        "Did this:",
        "  - first",
        "    - nested",
        "- last",
    )


def test_blank_lines_of_a_list_are_omitted() -> None:
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


@pytest.mark.parametrize("value", ["2019-13", "soon", 201903, ["2019-03"], True, "\uff12\uff10\uff11\uff19-03"])
def test_an_invalid_date_is_empty_stored_apart_and_reported(value: Any) -> None:
    read, notices = story_from_row("a", {"Start_Date": value, "End_Date": "2020"})
    assert (read.start_date, read.end_date) == ("", "2020-12")
    assert read.extra == {"Start_Date": value}
    assert [notice.split(" ")[0] for notice in notices] == ["Start_Date"]
    assert notices[0].endswith("is no date such as 2020-03, Mar 2020 or 2020; left out")


def test_an_end_before_the_start_is_omitted_and_reported() -> None:
    read, notices = story_from_row("a", {"Start_Date": "March 2020", "End_Date": "2019"})
    assert (read.start_date, read.end_date, read.extra) == ("2020-03", "", {"End_Date": "2019"})
    assert notices == ["End_Date '2019' ends before it starts (2020-03); left out"]


def test_an_open_end_is_no_date_and_is_not_reported() -> None:
    read, notices = story_from_row("a", {"Start_Date": 2020, "End_Date": "Present"})
    assert (read.start_date, read.end_date, read.extra, notices) == ("2020-01", "", {}, [])


def test_unknown_keys_are_stored_apart() -> None:
    assert row(Title="t", Mood="calm", Nested={"deep": [1, None]}).extra == {
        "Mood": "calm",
        "Nested": {"deep": [1, None]},
    }


def test_keys_that_differ_by_case_spaces_and_punctuation_are_read_and_reported() -> None:
    written = {
        "ID": "a",
        "title": "t",
        "start date": "2019-03",
        "Sub Category": "s",
        "solution/offering": "o",
        "use_cases": ["u"],
        "5P Summary": "5",
        "INTERVIEW-QUESTIONS": "How?",
        "Public\u00a0Tags": "x",
    }
    keyed, notices = with_owner_keys(written)
    assert list(keyed.values()) == list(written.values())
    assert set(keyed) <= OWNER_KEYS
    assert notices[1] == "the key 'title' is read as 'Title'"
    assert len(notices) == len(written)


def test_a_second_spelling_of_a_present_key_is_unknown_and_reported() -> None:
    keyed, notices = with_owner_keys({"title": "a", "TITLE": "b", "Client": "c", "client": "d", "Clients": "e"})
    assert keyed == {"Title": "a", "TITLE": "b", "Client": "c", "client": "d", "Clients": "e"}
    assert notices == [
        "the key 'title' is read as 'Title'",
        "the key 'TITLE' is left aside: 'Title' is there too",
        "the key 'client' is left aside: 'Client' is there too",
    ]


@given(st.sampled_from(sorted(OWNER_KEYS)), st.randoms(use_true_random=False))
def test_any_spelling_of_an_owner_key_is_that_key(key: str, random) -> None:
    spelled = "".join(random.choice((char.upper(), char.lower())) for char in key)
    spelled = "".join(random.choice((" ", "_", "-", "")) if char in " _-" else char for char in spelled)
    assert with_owner_keys({spelled: "value"})[0] == {key: "value"}


def test_typesetters_spaces_become_plain_and_invisible_characters_within_words_go() -> None:
    read = row(
        Client="Acme\u00a0\u200bBank", Result=["Cut pay\u00adments by 40\u202f%"], public_tags="Cloud\ufeff,cloud"
    )
    assert (read.client, read.result, read.tags) == ("Acme Bank", ("Cut payments by 40 %",), ("Cloud",))


def test_bullets_of_word_processors_become_plain_ones_and_stay_nested() -> None:
    read = row(Action="\u2022\tFirst\n\u00a0\u00a0\u25e6\tNested\n2)\tSecond", **{"5PSummary": "\u2022 Summed up"})
    assert read.action == ("- First", "  - Nested", "- Second")
    assert read.curated_summary == "Summed up"


def test_an_item_of_several_lines_becomes_several_items() -> None:
    assert row(Result=["One\n\n\u2022 Two", "Three"]).result == ("One", "- Two", "Three")


def test_every_owner_key_has_a_field() -> None:
    assert len(OWNER_KEYS) == len(TEXT_KEYS) + len(DATE_KEYS) + len(LIST_KEYS) + 2
    assert set(Story.model_fields) == {"id", "tags", "extra", *TEXT_KEYS, *DATE_KEYS, *LIST_KEYS}


@pytest.mark.parametrize(
    ("category", "sub_category", "domain"), [("A", "B", "A / B"), ("A", "", "A"), ("", "B", "B"), ("", "", "")]
)
def test_the_domain_joins_category_and_sub_category(category: str, sub_category: str, domain: str) -> None:
    assert story(category=category, sub_category=sub_category).domain == domain


def test_a_narrative_is_recognised_by_its_theme() -> None:
    assert story(theme="Professional Narrative").is_narrative
    assert not story(theme="Execution & Delivery").is_narrative


def test_searched_texts_exclude_id_person_dates_and_unknown_keys() -> None:
    fields = {name: f"{name}-word" for name in TEXT_KEYS} | {name: (f"{name}-word",) for name in LIST_KEYS}
    texts = set(story("id-word", **fields, tags=("tag-word",), start_date="2019-03", extra={"x": "extra-word"}).texts())
    assert texts == {f"{name}-word" for name in (*TEXT_KEYS, *LIST_KEYS, "tag") if name != "person"}


def test_a_story_is_frozen_and_rejects_unknown_fields() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        story().title = "new"
    with pytest.raises(ValidationError, match="Extra inputs"):
        story(colour="red")


def test_spellings_that_differ_in_case_or_white_space_become_the_first() -> None:
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
    stories = with_one_spelling(story_from_row(str(number), row)[0] for number, row in enumerate(rows))
    for field in ("client", "industry", "era", "capability"):
        assert getattr(stories[1], field) == getattr(stories[0], field) != ""
    assert stories[0].tags == ("A B",)
    assert [story.client for story in stories] == ["Acme Bank", "Acme Bank", "Other"]
    assert stories[2].is_narrative

"""Loading a story file: bad lines are rejected with number and reason, and the rest always loads."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.story import MAX_ID_LENGTH, OWNER_KEYS, Story, content_hash, corpus_version
from contracts.story_file import (
    MAX_LINE_BYTES,
    MAX_NAMES_BYTES,
    MAX_STORY_BYTES,
    LoadedStories,
    StoryFileError,
    parse_file,
    parse_stories,
    read_stories,
)
from lambdas.stories.ingest.preparation import prepare
from tests.support.builders.stories import line, write_rows

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
USABLE_IDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(
    lambda text: text.strip() and text not in (".", "..")
)
ODD_ROWS = st.dictionaries(st.sampled_from(sorted(OWNER_KEYS - {"id"})) | st.text(max_size=3), JSON_VALUES, max_size=4)
JUNK_LINES = st.binary(max_size=80).map(lambda raw: raw.replace(b"\n", b" ")) | JSON_VALUES.map(
    lambda value: json.dumps(value).encode()
)


def load(tmp_path: Path, data: bytes) -> LoadedStories:
    path = tmp_path / "stories.jsonl"
    path.write_bytes(data)
    return read_stories(path)


def nested(depth: int) -> bytes:
    return b'{"id": "deep", "x": ' + b"[" * depth + b"]" * depth + b"}"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"{not json}", "not JSON: Expecting property name enclosed in double quotes at column 2"),
        (b'{"id": "a"} trailing', "not JSON: Extra data at column 13"),
        (b"[1, 2]", "not a JSON object but an array"),
        (b'"text"', "not a JSON object but a string"),
        (b"7", "not a JSON object but a number"),
        (b"null", "not a JSON object but null"),
        (b"true", "not a JSON object but true"),
        (b"{}", "no usable id: it must be a string that is not empty"),
        (b'{"id": null}', "no usable id: it must be a string that is not empty"),
        (b'{"id": 7}', "no usable id: it must be a string that is not empty"),
        (b'{"id": "  "}', "no usable id: it must be a string that is not empty"),
        (b'{"id": ["a"]}', "no usable id: it must be a string that is not empty"),
        (b'{"id": "a\\ud800b"}', "no usable id: it holds half of a surrogate pair"),
        (b'{"id": "a\\u0000b"}', "no usable id: it holds a control character"),
        (b'{"id": "a\\nb"}', "no usable id: it holds a control character"),
        (line({"id": "x" * (MAX_ID_LENGTH + 1)}), "no usable id: it is longer than 1000 characters"),
        (b'{"id": "."}', "no usable id: '.' cannot stand in a URL path"),
        (b'{"id": ".."}', "no usable id: '..' cannot stand in a URL path"),
        (b'{"id": "\xff"}', "not UTF-8 text"),
        (b'{"id": "a", "n": NaN}', "not JSON: NaN is not a JSON number"),
        (b'{"id": "a", "n": -Infinity}', "not JSON: -Infinity is not a JSON number"),
        (b'{"id": "a", "n": 1e999}', "not JSON: the number '1e999' is out of range"),
        (nested(101), "nested more than 100 levels deep"),
        (nested(100_000), "not JSON: nested too deeply"),
    ],
)
def test_a_bad_line_is_rejected_with_its_number_and_reason_and_the_rest_loads(raw: bytes, reason: str) -> None:
    loaded = parse_stories([line({"id": "first"}), b"", raw, line({"id": "last"})])
    assert [story.id for story in loaded.stories] == ["first", "last"]
    assert [(refusal.line, refusal.reason) for refusal in loaded.refusals] == [(3, reason)]


def test_a_number_of_more_digits_than_python_reads_is_rejected() -> None:
    (refusal,) = parse_stories([b'{"id": "a", "n": ' + b"1" * 5000 + b"}"]).refusals
    assert refusal.line == 1
    assert refusal.reason.startswith("not JSON: ")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"content": "x" * MAX_STORY_BYTES}, "story 'big' is too large: 389,"),
        ({"Situation": ["ü" * 200_000]}, "story 'big' is too large: 40"),
        ({"Title": "x" * MAX_NAMES_BYTES}, "story 'big' is too large: title, names and tags have 20,"),
        ({"public_tags": ["tag" * 10_000]}, "story 'big' is too large: title, names and tags have 30,"),
        ({"Performance": ["9% " * 6_000]}, "story 'big' is too large: a line of its results has 1"),
    ],
    ids=["content", "bytes not characters", "title", "tags", "headline"],
)
def test_an_oversized_story_is_left_out_and_named_and_the_rest_loads(row: dict[str, object], reason: str) -> None:
    """So that every side serves the same stories, and each of those fits into its tables and answers."""
    loaded = parse_stories([line({"id": "a"}), line({"id": "big", **row}), line({"id": "c"})])
    assert [story.id for story in loaded.stories] == ["a", "c"]
    (refused,) = loaded.refusals
    assert (refused.line, refused.reason[: len(reason)]) == (2, reason)


def test_what_is_not_left_out_fits_into_the_tables() -> None:
    lines = ["9% " + "y" * (MAX_LINE_BYTES - 10)] * 20
    row = {"id": "big", "Title": "x" * (MAX_NAMES_BYTES - 1000), "Performance": lines}
    (story,) = parse_stories([json.dumps(row).encode()]).stories
    prepare([story], "embedder", lambda _: None)


def test_a_repeated_id_is_rejected_and_names_the_line_that_had_it_first() -> None:
    rows = [{"id": "b|x"}, {"id": "a|x", "Title": "one"}, {"id": "a|x", "Title": "two"}]
    loaded = parse_stories([line(row) for row in rows])
    assert [(refusal.line, refusal.reason) for refusal in loaded.refusals] == [(3, "id 'a|x' repeats line 2")]
    assert [story.title for story in loaded.stories if story.id == "a|x"] == ["one"]


def test_a_repeated_long_id_is_shortened_in_the_reason() -> None:
    raw = line({"id": "x" * 1000})
    (refusal,) = parse_stories([raw, raw]).refusals
    assert len(refusal.reason) < 120


def test_ids_differing_in_case_or_outer_space_are_different_ids() -> None:
    loaded = parse_stories([line({"id": story_id}) for story_id in ("a", "A", " a", "a ")])
    assert len(loaded.stories) == 4
    assert not loaded.refusals


@pytest.mark.parametrize("story_id", ["a b", "a/b", "a|b", "50%", "größe|日本", "x" * MAX_ID_LENGTH, "..a", "?#&"])
def test_an_id_may_hold_spaces_slashes_and_any_script(story_id: str) -> None:
    assert [story.id for story in parse_stories([line({"id": story_id})]).stories] == [story_id]


def test_a_row_nested_a_hundred_deep_still_loads_and_is_written_as_json() -> None:
    (story,) = parse_stories([nested(99)]).stories
    assert Story.model_validate_json(story.model_dump_json()) == story


def test_blank_lines_are_skipped_but_counted() -> None:
    loaded = parse_stories([b"", b"  \t", line({"id": "a"}), b"\r", b"oops"])
    assert [story.id for story in loaded.stories] == ["a"]
    assert [refusal.line for refusal in loaded.refusals] == [5]


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    loaded = load(tmp_path, b'\xef\xbb\xbf{"id": "a", "Title": "One"}\r\n\r\n{"id": "b"}\r\n')
    assert [(story.id, story.title) for story in loaded.stories] == [("a", "One"), ("b", "")]
    assert not loaded.refusals


def test_a_last_line_without_a_line_end_loads(tmp_path: Path) -> None:
    assert len(load(tmp_path, b'{"id": "a"}\n{"id": "b"}').stories) == 2


def test_a_line_separator_inside_a_string_does_not_end_the_line(tmp_path: Path) -> None:
    loaded = load(tmp_path, '{"id": "a", "Title": "one\u2028two\x85three"}'.encode())
    assert loaded.stories[0].title == "one\u2028two\x85three"


def test_stories_are_sorted_by_id() -> None:
    loaded = parse_stories([line({"id": story_id}) for story_id in ("b", "C", "a")])
    assert [story.id for story in loaded.stories] == ["C", "a", "b"]


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.jsonl"
    with pytest.raises(StoryFileError, match=r"nowhere\.jsonl: cannot read the story file: No such file"):
        read_stories(path)


def test_a_folder_in_place_of_the_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(StoryFileError, match="cannot read the story file: Is a directory"):
        read_stories(tmp_path)


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf\r\n"])
def test_an_empty_file_is_an_error_that_names_it(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(StoryFileError, match=r"stories\.jsonl: no usable story in the file$"):
        load(tmp_path, data)


def test_a_file_without_a_valid_story_reports_its_first_line(tmp_path: Path) -> None:
    with pytest.raises(StoryFileError, match=r"no usable story in the file; line 2: not a JSON object but an array"):
        load(tmp_path, b"\n[]\n{}\n")


def test_the_old_shape_without_dates_era_and_theme_loads(tmp_path: Path) -> None:
    row = {"id": "a|acme", "Title": "Old", "Client": "Acme", "Result": ["40% faster"], "public_tags": "One, Two"}
    (story,) = read_stories(write_rows(tmp_path / "old.jsonl", [row])).stories
    assert (story.title, story.client, story.result, story.tags) == ("Old", "Acme", ("40% faster",), ("One", "Two"))
    assert (story.start_date, story.end_date, story.era, story.theme) == ("", "", "", "")


@given(USABLE_IDS, ODD_ROWS)
@example("a", {"Title": [[[]]], "public_tags": {"a": [None]}, "Situation": {"b": "\ud800"}, "\udc00": "\udfff"})
@example("a", {"Title": "half \ud800", "Action": ["half \udc00"], "public_tags": "half \ud800"})
@example("a", {"Start_Date": "2019-13", "End_Date": 201901, "Action": "\x00\n- x\n\n", "5PSummary": "\x00\x1f"})
def test_any_json_value_in_any_key_loads_and_survives_json(story_id: str, row: dict[str, object]) -> None:
    raw = json.dumps(row | {"id": story_id}).encode()
    loaded = parse_stories([raw])
    assert not loaded.refusals
    (story,) = loaded.stories
    assert story.id == story_id
    assert Story.model_validate_json(story.model_dump_json()) == story
    assert len(content_hash(story)) == 64


@given(
    st.lists(USABLE_IDS, unique=True, max_size=5), st.lists(JUNK_LINES, max_size=5), st.randoms(use_true_random=False)
)
def test_valid_rows_load_whatever_is_between_them(ids: list[str], junk: list[bytes], random) -> None:
    lines = [line({"id": story_id, "Title": f"title {number}"}) for number, story_id in enumerate(ids)] + junk
    random.shuffle(lines)
    loaded = parse_stories(lines)
    titles = {story.id: story.title for story in loaded.stories}
    taken_by_junk = {story.id for story in parse_stories(junk).stories}
    for number, story_id in enumerate(ids):
        assert story_id in taken_by_junk or titles[story_id] == f"title {number}"
    assert {refusal.line for refusal in loaded.refusals} <= set(range(1, len(lines) + 1))
    assert len(loaded.stories) + len(loaded.refusals) == sum(1 for raw in lines if raw.strip())


@given(st.binary(max_size=300))
def test_arbitrary_bytes_load_or_are_an_error_that_names_the_file(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
):
    path = tmp_path_factory.getbasetemp() / "arbitrary.jsonl"
    path.write_bytes(data)
    with contextlib.suppress(StoryFileError):
        assert read_stories(path).stories


@given(st.dictionaries(USABLE_IDS, ODD_ROWS, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_the_corpus_version_does_not_depend_on_the_order_of_the_file(
    rows: dict[str, dict[str, object]], random
) -> None:
    lines = [json.dumps(row | {"id": story_id}).encode() for story_id, row in rows.items()]
    shuffled = random.sample(lines, len(lines))
    first, second = parse_stories(lines).stories, parse_stories(shuffled).stories
    assert first == second
    assert corpus_version(first, "model") == corpus_version(reversed(second), "model")


def test_the_corpus_version_changes_with_a_word_a_story_and_the_embedder() -> None:
    one, two = parse_stories([line({"id": "a", "Title": "one"}), line({"id": "b"})]).stories
    edited = one.model_copy(update={"title": "two"})
    versions = {
        corpus_version([one, two], "model"),
        corpus_version([edited, two], "model"),
        corpus_version([one], "model"),
        corpus_version([one, two], "other model"),
    }
    assert len(versions) == 4
    assert all(len(version) == 16 for version in versions)


def test_the_order_of_keys_in_a_row_does_not_change_its_hash() -> None:
    first = parse_stories([b'{"id": "a", "Title": "t", "x": {"p": 1, "q": 2}}']).stories[0]
    second = parse_stories([b'{"x": {"q": 2, "p": 1}, "Title": "t", "id": "a"}']).stories[0]
    assert content_hash(first) == content_hash(second)


def test_notices_name_the_line_and_the_story_still_loads() -> None:
    rows = [{"id": "a", "title": "One"}, {"ID": "b", "Start_Date": "soon"}, {"id": "c", "Title": "Three"}]
    loaded = parse_stories([line(row) for row in rows])
    assert [story.title for story in loaded.stories] == ["One", "", "Three"]
    assert not loaded.refusals
    assert [(notice.line, notice.message) for notice in loaded.notices] == [
        (1, "the key 'title' is read as 'Title'"),
        (2, "the key 'ID' is read as 'id'"),
        (2, "Start_Date 'soon' is no date such as 2020-03, Mar 2020 or 2020; left out"),
    ]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(("start", "ends"), [(b"", b""), (b"\xef\xbb\xbf", b"\r\n\r\n")])
def test_an_array_is_read_as_one_story_an_item(indent: int | None, start: bytes, ends: bytes) -> None:
    rows = [{"id": "a", "Title": "One [1]"}, {"id": "b", "Title": "]["}]
    loaded = parse_file(start + json.dumps(rows, indent=indent).encode().replace(b"\n", b"\r\n") + ends)
    assert [(story.id, story.title) for story in loaded.stories] == [("a", "One [1]"), ("b", "][")]
    assert not loaded.refusals


def test_errors_in_an_array_name_item_and_line() -> None:
    rows = [{"id": "a"}, 7, {"id": "a"}, {"id": "b", "x": float("nan")}, {"id": "c", "title": "t"}]
    loaded = parse_file("[\n{}\n]".format(",\n".join(map(json.dumps, rows))).encode())
    assert [story.id for story in loaded.stories] == ["a", "c"]
    assert [(refusal.line, refusal.reason) for refusal in loaded.refusals] == [
        (3, "item 2: not a JSON object but a number"),
        (4, "item 3: id 'a' repeats item 1"),
        (5, "item 4: not JSON: NaN is not a JSON number"),
    ]
    assert [(notice.line, notice.message) for notice in loaded.notices] == [
        (6, "item 5: the key 'title' is read as 'Title'")
    ]


@pytest.mark.parametrize(
    ("tail", "line_number", "reason"),
    [
        (b',\n{"id": "b" "x"}]', 2, "item 2: not JSON: Expecting ',' delimiter at line 2 column 12"),
        (b'\n{"id": "b"}]', 2, "item 2: there is no comma before it"),
        (b",\n", 2, "item 2: the file ends before the array does"),
        (b"\n]\nmore", 2, "item 2: what follows the end of the array is not read"),
        (b',\n{"id": "\xff"}]', 2, "item 2: not UTF-8 text"),
        (b',\n{"id": "b", "x": ' + b"[" * 100_000, 2, "item 2: not JSON: nested too deeply"),
    ],
)
def test_a_broken_array_is_read_up_to_its_error(tail: bytes, line_number: int, reason: str) -> None:
    loaded = parse_file(b'[{"id": "a"}' + tail)
    assert [story.id for story in loaded.stories] == ["a"]
    (refusal,) = loaded.refusals
    assert refusal.line == line_number
    assert refusal.reason.startswith(reason)


def test_a_line_that_is_an_array_does_not_change_the_other_lines() -> None:
    loaded = parse_file(b'[{"id": "x"}]\n{"id": "a"}')
    assert [story.id for story in loaded.stories] == ["a"]
    assert [(refusal.line, refusal.reason) for refusal in loaded.refusals] == [(1, "not a JSON object but an array")]


@given(st.dictionaries(USABLE_IDS, ODD_ROWS, min_size=1, max_size=4))
def test_an_array_loads_as_its_items_would_line_by_line(rows: dict[str, dict[str, object]]) -> None:
    items = [row | {"id": story_id} for story_id, row in rows.items()]
    assert parse_file(json.dumps(items, indent=1).encode()).stories == parse_stories(map(line, items)).stories

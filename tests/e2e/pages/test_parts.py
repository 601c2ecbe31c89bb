"""Shared parts of pages: escaping, bullets, dates, the list in the URL, profile and visitor."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import streamlit_app
from contracts.stories import Sort, StoryFilters, StoryRequest
from streamlit_app.session import site
from streamlit_app.session.site import SetupError, open_site
from streamlit_app.shared import wording
from streamlit_app.shared.answer_markdown import prose, with_mail_link
from streamlit_app.shared.markdown_escape import escape_file_markdown, escape_markdown, shortened
from streamlit_app.shared.story_document.export import file_name, story_markdown
from streamlit_app.shared.story_document.star_parts import bullets
from streamlit_app.shared.story_list import ListPosition, StoryListState, View, read_listing, read_place, story_params
from streamlit_app.story.actions import why_related
from streamlit_app.story.metric_tiles import strongest_metrics
from tests.support.builders.stories import complete_story
from tests.support.sides.lambda_rules import stories_side
from tests.support.site.rendered import html_of

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

lines = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))  # CommonMark replaces NUL


def as_query(params: dict[str, str | list[str]]) -> dict[str, list[str]]:
    return {name: value if isinstance(value, list) else [value] for name, value in params.items()}


@given(lines)
def test_plain_text_comes_out_of_markdown_as_it_went_in(text: str) -> None:
    tokens = MARKDOWN.parseInline(escape_markdown(text))[0].children or []

    assert {token.type for token in tokens} <= {"text", "text_special"}
    assert "".join(token.content for token in tokens).replace("\u2060", "") == " ".join(text.split()).replace(
        "\u2060", ""
    )


@pytest.mark.parametrize(
    "text",
    [
        ":smile:",
        ":material/home:",
        ":streamlit:",
        "https://x.example",
        "www.x.example",
        "a@x.example",
        "a -- b",
        "a -> b",
    ],
)
def test_what_streamlit_replaces_late_is_broken_up(text: str) -> None:
    assert "\u2060" in escape_markdown(text)


@pytest.mark.parametrize("text", ["10:30", "ratio 3:1", "a-b", "$1.2B", "C++", "R&D", "50% <= x", "me@home"])
def test_ordinary_text_of_a_file_stays_readable(text: str) -> None:
    assert escape_file_markdown(text).replace("\\", "") == text


@given(lines)
def test_a_line_of_a_file_makes_no_block_and_no_markup(text: str) -> None:
    tokens = MARKDOWN.parse(escape_file_markdown(text))

    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}


def test_shortened_text_ends_in_an_ellipsis() -> None:
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abc def", 5) == "abc…"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("One.",), "One."),
        (("- One.",), "One."),
        (("a", "  - b", "  - c", "d"), "- a\n    - b\n    - c\n- d"),
        (("a", "      - far", "  - near"), "- a\n    - far\n    - near"),
        (("  - b first", "a"), "- b first\n- a"),
        (("a", "\tb"), "- a\n    - b"),
        (("a", "-", "  "), "a"),
        (("a", " b", "  c", "   d", "    e"), "- a\n    - b\n        - c\n            - d\n            - e"),
        ((), ""),
    ],
)
def test_bullets_nest_as_lines_are_indented(lines: tuple[str, ...], expected: str) -> None:
    assert bullets(lines, str) == expected


def test_spans_in_words() -> None:
    assert wording.span("2006-02", "2007-03") == "Feb 2006 \N{EN DASH} Mar 2007"
    assert wording.span("2006-02", "2006-02") == "Feb 2006"
    assert wording.span("2006-02", "") == "from Feb 2006"
    assert wording.span("", "2007-03") == "until Mar 2007"
    assert wording.span("", "") == ""
    assert (wording.years("2006-02", "2007-03"), wording.years("2006-02", ""), wording.years("", "2007-01")) == (
        "2006\N{EN DASH}2007",
        "2006",
        "2007",
    )
    assert (
        wording.whole_years("2005-03", "2026-01"),
        wording.whole_years("2005-01", "2005-12"),
        wording.whole_years("", "2005-01"),
    ) == (20, 1, 0)


filter_values = st.lists(
    st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc")), min_size=1), max_size=4, unique=True
)


@given(filter_values, filter_values, st.sampled_from(list(Sort)), st.sampled_from(list(View)), st.integers(1, 40_000))
def test_a_list_survives_its_trip_through_the_address(
    industries: list[str], tags: list[str], sort: Sort, view: View, page: int
) -> None:
    listing = StoryListState(StoryFilters(industries=tuple(industries), tags=tuple(tags), q="a b"), sort, view, page)

    assert read_listing(as_query(listing.params())) == (listing, ())


@given(
    st.dictionaries(
        st.sampled_from(["q", "industries", "tags", "sort", "view", "page", "pos", "group"]), st.lists(st.text())
    )
)
def test_no_address_breaks_the_list(params: dict[str, list[str]]) -> None:
    listing, _ = read_listing(params)
    place = read_place(params)

    assert listing.request(limit=3, offset=listing.offset, era=place.group if place else "").limit == 3


def test_a_story_carries_its_list_and_place() -> None:
    listing = StoryListState(view=View.TIMELINE).with_filters(q="x")

    params = story_params(listing, "a|b", ListPosition(3, "Cloud"))
    assert params == {"id": "a--b", "q": "x", "view": "timeline", "pos": "3", "group": "Cloud"}
    assert read_place(as_query(params)) == ListPosition(3, "Cloud")


def test_one_figure_a_line_and_none_twice() -> None:
    tiles = strongest_metrics(["From 3 days to 40%.", "Again 40%.", "Saved $2M in 4 months.", "Nothing."])

    assert [(metric.text, line) for metric, line in tiles] == [
        ("40%", "From 3 days to 40%."),
        ("$2M", "Saved $2M in 4 months."),
    ]


def test_reasons_in_words() -> None:
    assert why_related(("client",)) == "Same client"
    assert why_related(("client", "domain", "tag:A", "tag:B")) == "Same client and domain, shares A and B"
    assert why_related(("tag:A", "tag:B", "tag:C")) == "Shares A, B and C"


def test_the_exported_file() -> None:
    detail = stories_side(complete_story("a", title="A <b> title", client="R&D", tags=("x",))).get_story(
        StoryRequest(id="a")
    )

    assert file_name(detail) == "a-b-title.md"
    text = story_markdown(detail, escape_file_markdown)
    assert text.startswith("# A \\<b\\> title\n\n")
    assert "- **Client:** R&D" in text
    assert "## Situation\n\nIt was slow." in text


def test_a_site_that_cannot_start_says_so_without_details(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ValueError("/secret/path is wrong")

    monkeypatch.setattr(site, "build_clients", broken)
    site.forget_site()
    with pytest.raises(SetupError) as refusal:
        open_site()
    assert "secret" not in str(refusal.value)


def test_no_folder_called_pages_lies_beside_the_entry_point() -> None:
    assert not (Path(streamlit_app.__file__).parent / "pages").exists()  # see Route


def test_the_owners_address_in_an_answer_is_a_link_that_can_be_copied() -> None:
    shown = with_mail_link(prose("Ask ada@example.com, not evil@example.org."), "ada@example.com")
    link = '<a href="mailto:ada@example.com">ada@example.com</a>'
    assert html_of(shown) == f"<p>Ask {link}, not evil@\u2060example.org.</p>\n"
    assert with_mail_link("nothing", "") == "nothing"

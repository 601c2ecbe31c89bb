"""Stories as a table: a row opens its story, a header sorts the list."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, Literal

import streamlit as st

from contracts.ask import Closeness, closeness_of
from contracts.rules.closeness import percent_of
from contracts.search import SearchHit
from contracts.stories import Sort, StoryCard
from streamlit_app.routes import Route
from streamlit_app.session.maintainer import is_maintainer
from streamlit_app.session.site import Key
from streamlit_app.shared.behaviour.component import show_full_titles
from streamlit_app.shared.links import open_page
from streamlit_app.shared.markdown_escape import escape_label
from streamlit_app.shared.query_params import current_listing, set_listing
from streamlit_app.shared.story_list import PAGE_SIZES, ListPosition, StoryListState, View, story_params
from streamlit_app.shared.wording import month, story_title

_ROW_HEIGHT: Final = 35
_MAX_ROWS: Final = PAGE_SIZES[View.TABLE]
_WIDTHS: Final = {"Client": 172, "Role": 156, "Domain": 304, "Start": 88}
_WIDTHS_WITH_MATCH: Final = {"Client": 164, "Role": 146, "Domain": 284, "Start": 78}
_MATCH_WIDTH: Final = 104
_TITLE_WIDTH: Final = 366
_TITLE_WIDTH_WITH_MATCH: Final = 310
_MARKER_WIDTH: Final = 33  # of the column in front, which marks the chosen row
# The dots also sort: the browser sorts a column of text as text.
_MATCHES: Final = {
    Closeness.STRONG: "\N{BLACK CIRCLE}\N{BLACK CIRCLE}\N{BLACK CIRCLE} Strong",
    Closeness.GOOD: "\N{BLACK CIRCLE}\N{BLACK CIRCLE}\N{WHITE CIRCLE} Good",
    Closeness.RELATED: "\N{BLACK CIRCLE}\N{WHITE CIRCLE}\N{WHITE CIRCLE} Related",
}
_BOTH_WAYS: Final = {
    "Title": (Sort.TITLE, Sort.TITLE_DESC),
    "Client": (Sort.CLIENT, Sort.CLIENT_DESC),
    "Role": (Sort.ROLE, Sort.ROLE_DESC),
    "Start": (Sort.NEWEST, Sort.OLDEST),
}
_UP, _DOWN = " ↑", " ↓"
_ARROWS: Final = {"Title": (_UP, _DOWN), "Client": (_UP, _DOWN), "Role": (_UP, _DOWN), "Start": (_DOWN, _UP)}


def draw_table(
    cards: Sequence[StoryCard], listing: StoryListState, first_position: int, hits: Sequence[SearchHit] = ()
) -> None:
    """Draw a page of a list, or all `hits` of a search, which the table sorts by itself.

    `first_position` is the first row's position in the whole list, from 1.
    """
    # A selection opens or sorts once: each state of the list has a widget key of its own, without a selection.
    key = f"{Key.TABLE}-{hash(repr(listing))}"
    height: int | Literal["content"] = _ROW_HEIGHT * (min(len(hits), _MAX_ROWS) + 1) + 2 if hits else "content"
    event = st.dataframe(
        [_row(card) | {"Match": _match(hit)} for card, hit in zip(cards, hits, strict=True)]
        if hits
        else [_row(card) for card in cards],
        hide_index=True,
        height=height,
        on_select=(lambda: None) if hits else (lambda: _sort_by(st.session_state[key].selection.columns)),
        selection_mode="single-row" if hits else ["single-row", "single-column"],
        column_order=["Title", *(["Match"] if hits else []), *_WIDTHS],
        column_config=_columns(None if hits else listing.sort),
        key=key,
        alt=f"Stories{', best match first' if hits else ''}. A column's header sorts them, a row opens its story.",
    )
    show_full_titles(_MARKER_WIDTH, _TITLE_WIDTH_WITH_MATCH if hits else _TITLE_WIDTH)
    click = st.session_state.get(Key.TABLE_OPEN)
    row = click["row"] if click else next(iter(event.selection.rows), None)
    if row is not None and row < len(cards):
        position = ListPosition(first_position + row)
        open_page(Route.STORY, story_params(listing, cards[row].id, position))


def _row(card: StoryCard) -> dict[str, Any]:
    return {
        "Title": escape_label(story_title(card.title)),
        "Client": card.client,
        "Role": card.role,
        "Domain": card.domain,
        "Start": month(card.start_date),
    }


def _match(hit: SearchHit) -> int | str:
    """A percentage for the maintainer, else a word."""
    percent = percent_of(hit.evidence)
    return percent if is_maintainer() else _MATCHES[closeness_of(percent)]


def _match_column() -> Any:
    if is_maintainer():
        return st.column_config.NumberColumn("Match", format="%d%%", width=_MATCH_WIDTH)
    return st.column_config.TextColumn("Match", width=_MATCH_WIDTH)


def _columns(sort: Sort | None) -> dict[str, Any]:
    """The columns of a list in this order; without one, those of a search."""
    arrows = {
        name: dict(zip(both, _ARROWS[name], strict=True)).get(sort, "") if sort else ""
        for name, both in _BOTH_WAYS.items()
    }
    widths = _WIDTHS if sort else _WIDTHS_WITH_MATCH
    texts = {
        name: st.column_config.TextColumn(
            f"{name}{arrows.get(name, '')}",
            width=width,
            help="The list cannot be sorted by domain." if sort and name == "Domain" else None,
        )
        for name, width in widths.items()
    }
    title = st.column_config.ButtonColumn(
        f"Title{arrows['Title']}",
        type="tertiary",
        alignment="left",
        width=_TITLE_WIDTH if sort else _TITLE_WIDTH_WITH_MATCH,
        key=Key.TABLE_OPEN,
    )
    return {"Title": title, "Match": _match_column(), **texts}


def _sort_by(columns: Sequence[str]) -> None:
    """Sort by the chosen column, in the opposite order if the list is sorted by it already."""
    listing = current_listing()
    if both := _BOTH_WAYS.get(next(iter(columns), "")):
        set_listing(replace(listing, sort=both[listing.sort is both[0]], page=1))

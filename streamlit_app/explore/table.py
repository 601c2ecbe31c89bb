"""Stories as a table: a header sorts the whole list, a row opens its story."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from contracts.stories import Sort, StoryCard
from streamlit_app.routes import Route
from streamlit_app.session.site import Key
from streamlit_app.shared.markdown_escape import escape_label
from streamlit_app.shared.query_params import current_listing, set_listing
from streamlit_app.shared.story_list import ListPosition, StoryListState, story_params
from streamlit_app.shared.wording import month, story_title

_BOTH_WAYS: Final = {
    "Title": (Sort.TITLE, Sort.TITLE_DESC),
    "Client": (Sort.CLIENT, Sort.CLIENT_DESC),
    "Role": (Sort.ROLE, Sort.ROLE_DESC),
    "Start": (Sort.NEWEST, Sort.OLDEST),
}
_UP, _DOWN = " ↑", " ↓"
_ARROWS: Final = {"Title": (_UP, _DOWN), "Client": (_UP, _DOWN), "Role": (_UP, _DOWN), "Start": (_DOWN, _UP)}


def draw_table(cards: Sequence[StoryCard], listing: StoryListState, first_position: int) -> None:
    """`first_position` is the first row's place in the whole list, from 1."""
    # A selection means "open" or "sort", once: a key of its own for each state of the list starts it afresh.
    key = f"{Key.TABLE}-{hash(repr(listing))}"
    event = st.dataframe(
        [_row(card) for card in cards],
        hide_index=True,
        height="content",
        on_select=lambda: _sort_by(st.session_state[key].selection.columns),
        selection_mode=["single-row", "single-column"],
        column_config=_columns(listing.sort),
        key=key,
        alt="Stories. A column's header sorts the list, a row opens its story.",
    )
    click = st.session_state.get(Key.TABLE_OPEN)
    row = click["row"] if click else next(iter(event.selection.rows), None)
    if row is not None and row < len(cards):
        st.switch_page(
            Route.STORY, query_params=story_params(listing, cards[row].id, ListPosition(first_position + row))
        )


def _row(card: StoryCard) -> dict[str, str]:
    return {
        "Title": escape_label(story_title(card.title)),
        "Client": card.client,
        "Role": card.role,
        "Domain": card.domain,
        "Start": month(card.start_date),
    }


def _columns(sort: Sort) -> dict[str, Any]:
    arrows = {
        column: dict(zip(both, _ARROWS[column], strict=True)).get(sort, "") for column, both in _BOTH_WAYS.items()
    }
    return {
        "Title": st.column_config.ButtonColumn(
            f"Title{arrows['Title']}", type="tertiary", alignment="left", width=366, key=Key.TABLE_OPEN
        ),
        "Client": st.column_config.TextColumn(f"Client{arrows['Client']}", width=172),
        "Role": st.column_config.TextColumn(f"Role{arrows['Role']}", width=156),
        "Domain": st.column_config.TextColumn("Domain", width=304, help="The list cannot be sorted by domain."),
        "Start": st.column_config.TextColumn(f"Start{arrows['Start']}", width=88),
    }


def _sort_by(columns: Sequence[str]) -> None:
    """Sort by the header chosen, the other way round if the list is sorted by it already."""
    listing = current_listing()
    if both := _BOTH_WAYS.get(next(iter(columns), "")):
        set_listing(replace(listing, sort=both[listing.sort is both[0]], page=1))

"""The bars above and below a list: range, order, view, pages."""

from dataclasses import replace
from typing import Final

import streamlit as st

from contracts.stories import Sort
from streamlit_app.session.site import Key
from streamlit_app.shared.behaviour.component import is_narrow
from streamlit_app.shared.markdown_escape import caption_text
from streamlit_app.shared.query_params import bind_to_url
from streamlit_app.shared.story_list import StoryListState, View
from streamlit_app.shared.wording import counted

_FEW_PAGES: Final = 12
_SOME_PAGES: Final = 7
_VIEWS: Final = {
    View.CARDS: ":material/grid_view: Cards",
    View.TABLE: ":material/table_rows: Table",
    View.TIMELINE: ":material/timeline: Timeline",
}
_SORTS: Final = {
    Sort.NEWEST: "Newest first",
    Sort.OLDEST: "Oldest first",
    Sort.TITLE: "Title, A to Z",
    Sort.TITLE_DESC: "Title, Z to A",
    Sort.CLIENT: "Client, A to Z",
    Sort.CLIENT_DESC: "Client, Z to A",
    Sort.ROLE: "Role, A to Z",
    Sort.ROLE_DESC: "Role, Z to A",
}


def draw_bar(listing: StoryListState, total: int, shown: int = 0) -> None:
    """Draw the range shown, the order and the view. Searches and the timeline have a fixed order."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"## {_extent(listing, total, shown)}", anchors=False, width="content")
        st.space("stretch")
        if listing.filters.q:
            st.markdown(caption_text("Best match first"), width="content")
        elif listing.view is not View.TIMELINE:
            st.selectbox(
                "Order",
                list(Sort),
                format_func=_SORTS.__getitem__,
                label_visibility="collapsed",
                width=160,
                **bind_to_url(Key.SORT, listing.sort, lambda at, sort: replace(at, sort=sort, page=1)),
            )
        views = [view for view in View if view is not View.TABLE or not is_narrow()]
        st.segmented_control(
            "View",
            views,
            format_func=_VIEWS.__getitem__,
            required=True,
            label_visibility="collapsed",
            **bind_to_url(Key.VIEW, listing.view, lambda at, view: replace(at, view=view, page=1), labels=views),
        )


def draw_pages(listing: StoryListState, pages: int) -> None:
    if pages < 2:
        return
    with st.container(horizontal=True, horizontal_alignment="center"):
        visible = pages if pages <= _FEW_PAGES else _SOME_PAGES
        st.pagination(
            pages,
            max_visible_pages=visible,
            **bind_to_url(Key.PAGE, listing.page, lambda at, page: replace(at, page=page)),
        )


def _extent(listing: StoryListState, total: int, shown: int) -> str:
    whole = counted(total, "story", "stories", bold=True)
    if not shown or total == 1:
        return whole
    return f"**{listing.offset + 1}-{listing.offset + shown}** of {whole}"

"""What a search found, as cards or as a table, best first."""

from collections.abc import Sequence
from typing import Any, Final

import streamlit as st

from contracts.search import KEYWORD_WEIGHT, SEMANTIC_WEIGHT, SearchHit
from streamlit_app.explore.highlight import highlighted
from streamlit_app.routes import Route
from streamlit_app.session.site import Key
from streamlit_app.shared.links import FORWARD_ICON, page_link
from streamlit_app.shared.markdown_escape import caption_text, escape_label, escape_markdown
from streamlit_app.shared.story_list import PAGE_SIZES, ListPosition, StoryListState, View, story_params
from streamlit_app.shared.wording import match_in_words, month, percent, story_title, years

_CARD_WIDTH: Final = 300
_ROW_HEIGHT: Final = 35
_MOST_ROWS: Final = PAGE_SIZES[View.TABLE]


def draw_hit_cards(hits: Sequence[SearchHit], listing: StoryListState, first_position: int) -> None:
    """`first_position` is the first hit's place in the whole result, from 1."""
    grid = st.grid(3, min_column_width=_CARD_WIDTH)
    for position, hit in enumerate(hits, start=first_position):
        with grid.container(border=True, height="stretch", gap="xsmall"):
            _draw_card(hit, listing, position)


def draw_hit_table(hits: Sequence[SearchHit], listing: StoryListState) -> None:
    """The whole result: a header sorts it, a row opens its story."""
    key = f"{Key.TABLE}-{hash(repr(listing))}"
    event = st.dataframe(
        [_row(hit) for hit in hits],
        hide_index=True,
        height=_ROW_HEIGHT * (min(len(hits), _MOST_ROWS) + 1) + 2,
        on_select="rerun",
        selection_mode="single-row",
        column_config=_columns(),
        key=key,
        alt="Stories found, best match first. A column's header sorts them, a row opens its story.",
    )
    click = st.session_state.get(Key.TABLE_OPEN)
    row = click["row"] if click else next(iter(event.selection.rows), None)
    if row is not None and row < len(hits):
        st.switch_page(Route.STORY, query_params=story_params(listing, hits[row].card.id, ListPosition(row + 1)))


def explained(hit: SearchHit) -> str:
    """Where a hit's score comes from, as Markdown."""
    lines = [f"**{percent(hit.score)}%** in all, which decides the order."]
    if hit.semantic is not None:
        lines.append(f"**{percent(hit.semantic)}%** in meaning: how close the story's content comes to your words.")
    if hit.keyword is not None:
        lines.append(f"**{percent(hit.keyword)}%** in words: how many of yours it holds, those in its title twice.")
    if hit.semantic is not None and hit.keyword is not None:
        lines.append(f"Meaning weighs {SEMANTIC_WEIGHT:.0%}, words weigh {KEYWORD_WEIGHT:.0%}.")
    return "\n\n".join(lines)


def _draw_card(hit: SearchHit, listing: StoryListState, position: int) -> None:
    card, query = hit.card, listing.filters.q
    st.markdown(f":small[{highlighted(card.client or card.industry or 'Client not named', query, around='gray')}]")
    st.markdown(f"**{highlighted(story_title(card.title), query)}**")
    st.markdown(f":small[{highlighted(card.summary, query)}]")
    if card.headline:
        st.markdown(f":small[:violet[:material/trending_up:] {highlighted(card.headline, query)}]")
    st.space("stretch")
    match = percent(hit.score)
    words, icon, _ = match_in_words(match)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="xsmall"):
        with st.popover(f"{words} · {match}%", icon=icon, type="tertiary"):
            st.markdown(explained(hit))
            when = escape_markdown(years(card.start_date, card.end_date))
            st.markdown(caption_text(" · ".join(filter(None, (escape_markdown(card.domain), when)))))
        page_link(
            Route.STORY, "Read the story", story_params(listing, card.id, ListPosition(position)), icon=FORWARD_ICON
        )


def _row(hit: SearchHit) -> dict[str, Any]:
    card = hit.card
    return {
        "Title": escape_label(story_title(card.title)),
        "Match": percent(hit.score),
        "Client": card.client,
        "Role": card.role,
        "Domain": card.domain,
        "Start": month(card.start_date),
    }


def _columns() -> dict[str, Any]:
    return {
        "Title": st.column_config.ButtonColumn(
            "Title", type="tertiary", alignment="left", width=350, key=Key.TABLE_OPEN
        ),
        "Match": st.column_config.NumberColumn("Match", format="%d%%", width=64),
        "Client": st.column_config.TextColumn("Client", width=164),
        "Role": st.column_config.TextColumn("Role", width=146),
        "Domain": st.column_config.TextColumn("Domain", width=284),
        "Start": st.column_config.TextColumn("Start", width=78),
    }

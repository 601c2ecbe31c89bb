"""Actions and links of a story's page: share, export, print, next, related."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import streamlit as st

from contracts.stories import RelatedStory, StoryCard, StoryDetail
from streamlit_app.routes import Route
from streamlit_app.session.maintainer import is_maintainer
from streamlit_app.shared.conversation_url import ConversationUrl
from streamlit_app.shared.links import BACK, NEXT, PREVIOUS, open_page, page_link, star_button, state_button
from streamlit_app.shared.markdown_escape import caption, escape_file_markdown, escape_markdown
from streamlit_app.shared.navigation.origin import origin_params, read_origin
from streamlit_app.shared.story_cards import draw_related_card
from streamlit_app.shared.story_document.export import file_name, story_markdown
from streamlit_app.shared.story_document.facts import listed_in_words
from streamlit_app.shared.story_list import ListPosition, Params, StoryListState, story_params
from streamlit_app.shared.story_slug import story_slug
from streamlit_app.shared.wording import story_title
from streamlit_app.story.metadata import draw_integrity


@dataclass(frozen=True)
class Neighbours:
    """The stories before and after one in a list of `total`."""

    before: StoryCard | None
    after: StoryCard | None
    total: int


def draw_ways(
    listing: StoryListState,
    place: ListPosition | None,
    neighbours: Neighbours | None,
    params: Mapping[str, Sequence[str]],
) -> None:
    """Draw a link to where the visitor came from and, if the story's position in a list is known, to its neighbours."""
    origin = read_origin(params)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if origin:
            page_link(origin.route, origin.label, origin.params, icon=BACK)
        else:
            page_link(Route.EXPLORE, "Back to the list", _list_params(listing, place), icon=BACK)
        st.space("stretch")
        if place and neighbours:
            ways = origin_params(params)
            _draw_step(-1, neighbours.before, listing, place, ways)
            st.markdown(f":small[{place.position} of {neighbours.total}]", width="content")
            _draw_step(1, neighbours.after, listing, place, ways)


def draw_way_to_talk(at: ConversationUrl) -> None:
    page_link(Route.ASK, "Back to the conversation", at.params(), icon=BACK)


def draw_actions(detail: StoryDetail, params: Params, page_address: str) -> None:
    """Draw the buttons and, for the maintainer, whether the story is complete.

    `params` are this page's query parameters; `page_address` is its URL without them.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if st.button("Ask about this", icon=":material/chat_bubble:"):
            open_page(Route.ASK, ConversationUrl(story=detail.story.id).params())
        with st.popover("Share", icon=":material/link:"):
            st.markdown("A link to this story:")
            st.code(f"{page_address}?{urlencode({'id': story_slug(detail.story.id)})}", language=None, wrap_lines=True)
        st.download_button(
            "Export",
            story_markdown(detail, escape_file_markdown),
            file_name=file_name(detail),
            mime="text/markdown",
            on_click="ignore",
            icon=":material/download:",
            help="Download the story as a Markdown file",
        )
        if st.button("Print view", icon=":material/print:"):
            open_page(Route.STORY, {**params, "print": "1"})
        star_button(detail.story.id, "story")
        if is_maintainer():
            st.space("stretch")
            draw_integrity(detail.integrity)


def draw_related(related: Sequence[RelatedStory], listing: StoryListState) -> None:
    st.header("Related stories", anchor=False)
    if not related:
        caption("No other story shares this one's client, domain or tags.")
        return
    grid = st.grid(3, min_column_width=300)
    for item in related:
        with grid.container(border=True, height="stretch", gap="xsmall"):
            note = f":small[:violet[:material/join_inner:] {escape_markdown(why_related(item.why))}]"
            draw_related_card(item.card, story_params(listing, item.card.id), note)


def why_related(why: Sequence[str]) -> str:
    """Put the contract's reasons into words."""
    same = [reason for reason in why if not reason.startswith("tag:")]
    shared = [reason.removeprefix("tag:") for reason in why if reason.startswith("tag:")]
    words = [f"Same {listed_in_words(same)}"] if same else []
    words += [f"{'shares' if same else 'Shares'} {listed_in_words(shared)}"] if shared else []
    return ", ".join(words)


def _list_params(listing: StoryListState, place: ListPosition | None) -> Params:
    """Query parameters of the list's page that contains the story."""
    if place is None or place.group:
        return listing.params()
    return replace(listing, page=(place.position - 1) // listing.page_size + 1).params()


def _draw_step(step: int, card: StoryCard | None, listing: StoryListState, place: ListPosition, origin: Params) -> None:
    """Draw a button to the previous (-1) or next (1) story; it is disabled if `card` is None."""
    beside = ListPosition(place.position + step, place.group)
    params = story_params(listing, card.id, beside) | origin if card else None
    state_button(
        "Next" if step > 0 else "Previous",
        params,
        icon=NEXT if step > 0 else PREVIOUS,
        note=escape_markdown(story_title(card.title)) if card else None,
    )

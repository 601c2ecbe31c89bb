"""Story: one story in full, with links to its list, neighbours and related stories."""

from typing import Any, Final

import streamlit as st

from backend_clients.errors import BackendError, InvalidRequest, NotFound
from backend_clients.routed import Routed
from contracts.stories import RelatedRequest, StoryDetail
from streamlit_app.routes import Route
from streamlit_app.session.site import Site
from streamlit_app.shared.call_status import load_or_show_error, show_origin
from streamlit_app.shared.conversation_url import read_origin_link
from streamlit_app.shared.layout import draw_head, show_page
from streamlit_app.shared.links import page_link
from streamlit_app.shared.markdown_escape import caption, escape_markdown
from streamlit_app.shared.query_params import address
from streamlit_app.shared.story_list import (
    ListPosition,
    Params,
    StoryListState,
    last,
    read_listing,
    read_place,
    story_params,
)
from streamlit_app.shared.story_search import search_stories
from streamlit_app.shared.wording import story_title
from streamlit_app.story.actions import (
    Neighbours,
    draw_actions,
    draw_print_view,
    draw_related,
    draw_way_to_talk,
    draw_ways,
)
from streamlit_app.story.metadata import draw_facts, draw_headline, draw_tags
from streamlit_app.story.metric_tiles import draw_metric_tiles
from streamlit_app.story.star_sections import draw_parts

_UNKNOWN: Final = (NotFound, InvalidRequest)  # an id that the contract rejects belongs to no story either


def story(site: Site) -> None:
    params = address()
    listing, place = read_listing(params)[0], read_place(params)
    story_id = params.get("id", [""])[-1]
    ways = st.container()
    try:
        found = load_or_show_error(
            lambda: site.reads.get_story(story_id),
            "The story could not be loaded.",
            height=420,
            expected=_UNKNOWN,
        )
    except _UNKNOWN:
        _say_not_found()
        return
    if found is None:
        return
    back = story_params(listing, story_id, place)
    if last(params, "print"):
        draw_print_view(found.value, back)
        return
    answers: list[Routed[Any]] = [found]
    with ways:
        if talk := read_origin_link(params):
            draw_way_to_talk(talk)
        else:
            _show_ways(site, listing, place, story_id, answers)
    _show_story(found.value, back)
    _show_related(site, listing, story_id, answers)
    show_origin(answers, site.clients.settings.show_origin)


def _show_story(detail: StoryDetail, params: Params) -> None:
    st.set_page_config(page_title=story_title(detail.story.title))
    draw_head(escape_markdown(story_title(detail.story.title)))
    draw_headline(detail.story)
    draw_actions(detail, params, st.context.url or "")
    st.markdown(escape_markdown(detail.summary))
    draw_metric_tiles(detail)
    text, facts = st.columns([2, 1], gap="medium")
    with text:
        draw_parts(detail.story)
    with facts:
        draw_facts(detail.story)
        draw_tags(detail.story.tags)


def _show_ways(
    site: Site, listing: StoryListState, place: ListPosition | None, story_id: str, answers: list[Routed[Any]]
) -> None:
    try:
        neighbours = _find_neighbours(site, listing, place, story_id, answers) if place else None
    except BackendError:
        caption("The stories before and after this one could not be loaded.")
        neighbours = None
    draw_ways(listing, place, neighbours)


def _find_neighbours(
    site: Site, listing: StoryListState, place: ListPosition, story_id: str, answers: list[Routed[Any]]
) -> Neighbours | None:
    """Find the neighbours; None if the list has changed and another story is at this position."""
    first = max(place.position - 1, 1)
    if listing.filters.q:
        hits = search_stories(site, listing, limit=3, offset=first - 1, era=place.group)
        answers.append(hits)
        cards, total = [hit.card for hit in hits.value.hits], hits.value.total
    else:
        request = listing.request(limit=3, offset=first - 1, era=place.group)
        found = site.reads.list_stories(request)
        answers.append(found)
        cards, total = list(found.value.cards), found.value.total
    at = {first + index: card for index, card in enumerate(cards)}
    if place.position not in at or at[place.position].id != story_id:
        return None
    return Neighbours(at.get(place.position - 1), at.get(place.position + 1), total)


def _show_related(site: Site, listing: StoryListState, story_id: str, answers: list[Routed[Any]]) -> None:
    related = load_or_show_error(
        lambda: site.reads.related_stories(RelatedRequest(id=story_id)),
        "The related stories could not be loaded.",
    )
    if related is not None:
        answers.append(related)
        draw_related(related.value.related, listing)


def _say_not_found() -> None:
    draw_head("No such story")
    st.markdown("There is no story at this address. It may have been renamed or removed.")
    page_link(Route.EXPLORE, "Explore all stories", icon=":material/search:")


show_page(story)

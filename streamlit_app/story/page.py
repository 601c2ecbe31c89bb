"""Story: one story in full, with links to its list, neighbours and related stories."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from backend_clients.errors import BackendError, NotFound
from backend_clients.routed import Routed
from contracts.stories import RelatedRequest, StoryCard, StoryDetail
from streamlit_app.routes import Route
from streamlit_app.session.shortlist import PARAM as SHORTLIST
from streamlit_app.session.site import Site
from streamlit_app.shared.call_status import load_or_show_error, show_origin
from streamlit_app.shared.conversation_url import read_origin_link
from streamlit_app.shared.layout import draw_head, show_page
from streamlit_app.shared.links import page_link
from streamlit_app.shared.markdown_escape import caption, escape_markdown
from streamlit_app.shared.printing.print_view import draw_print_view
from streamlit_app.shared.query_params import address
from streamlit_app.shared.story_document.export import story_markdown
from streamlit_app.shared.story_document.star_parts import opening_of
from streamlit_app.shared.story_list import (
    ListPosition,
    Params,
    StoryListState,
    last,
    read_listing,
    read_place,
    story_params,
)
from streamlit_app.shared.story_search import AmbiguousName, find_story, search_stories
from streamlit_app.shared.wording import page_title, story_title
from streamlit_app.story.actions import (
    Neighbours,
    draw_actions,
    draw_related,
    draw_way_to_talk,
    draw_ways,
)
from streamlit_app.story.metadata import draw_facts, draw_headline, draw_tags
from streamlit_app.story.metric_tiles import draw_metric_tiles
from streamlit_app.story.star_sections import draw_parts


def story(site: Site) -> None:
    params = address()
    listing, place = read_listing(params)[0], read_place(params)
    name = params.get("id", [""])[-1]
    ways = st.container()
    try:
        found = load_or_show_error(
            lambda: find_story(site.reads, name),
            "The story could not be loaded.",
            height=420,
            expected=(NotFound, AmbiguousName),
        )
    except NotFound:
        _say_not_found(site)
        return
    except AmbiguousName as error:
        _say_ambiguous(site, error.cards)
        return
    if found is None:
        return
    story_id = found.value.story.id
    here: Params = {name: values for name, values in params.items() if name not in ("print", SHORTLIST)}
    if last(params, "print"):
        draw_print_view(story_markdown(found.value, escape_markdown), "Back to the story", here)
        return
    answers: list[Routed[Any]] = [found]
    with ways:
        if talk := read_origin_link({**params, "id": [story_id]}):
            draw_way_to_talk(talk)
        else:
            _show_ways(site, listing, place, story_id, answers)
    _show_story(site, found.value, here)
    _show_related(site, listing, story_id, answers)
    show_origin(answers)


def _show_story(site: Site, detail: StoryDetail, params: Params) -> None:
    st.set_page_config(page_title=page_title(story_title(detail.story.title), site.profile))
    draw_head(escape_markdown(story_title(detail.story.title)))
    draw_headline(detail.story)
    draw_actions(detail, params, st.context.url or "")
    if opening := opening_of(detail):
        st.markdown(escape_markdown(opening))
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
    draw_ways(listing, place, neighbours, address())


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


def _say_not_found(site: Site) -> None:
    st.set_page_config(page_title=page_title("No such story", site.profile))
    draw_head("No such story")
    st.markdown("There is no story at this address. It may have been renamed or removed.")
    page_link(Route.EXPLORE, "Explore all stories", icon=":material/search:")


def _say_ambiguous(site: Site, cards: Sequence[StoryCard]) -> None:
    st.set_page_config(page_title=page_title("Several stories", site.profile))
    draw_head("Several stories have this name")
    st.markdown("Which one do you mean?")
    for card in cards:
        label = " · ".join(filter(None, (story_title(card.title), card.client, card.start_date)))
        page_link(Route.STORY, escape_markdown(label), story_params(StoryListState(), card.id))


show_page(story)

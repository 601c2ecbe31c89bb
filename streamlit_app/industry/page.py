"""Industry: one industry's figures, best results, capabilities and stories."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from backend_clients.errors import InvalidRequest, NotFound
from backend_clients.routed import Routed
from contracts.industries import IndustryCategories, IndustryCount, IndustryDetail
from contracts.rules.folding import fold_key
from streamlit_app.industry.sections import (
    choose_clients,
    choose_industry,
    draw_capabilities,
    draw_figures,
    draw_strongest,
    largest_named,
)
from streamlit_app.routes import Route
from streamlit_app.session.site import Site
from streamlit_app.shared.call_status import load_or_show_error, show_origin
from streamlit_app.shared.layout import draw_head, show_page
from streamlit_app.shared.links import page_link, state_button
from streamlit_app.shared.markdown_escape import escape_markdown
from streamlit_app.shared.navigation.origin import via
from streamlit_app.shared.query_params import address, set_params
from streamlit_app.shared.story_cards import draw_cards
from streamlit_app.shared.story_list import Params, StoryListState, is_filterable, last, read_listing, ways_of
from streamlit_app.shared.wording import count_stories, page_title

_UNKNOWN: Final = (NotFound, InvalidRequest)
_LISTED: Final = 3


def industry(site: Site) -> None:
    params = address()
    head = st.container()
    listed = load_or_show_error(site.reads.list_industries, "The industries could not be listed.", height=420)
    if listed is None:
        with head:
            draw_head("Industries")
        return
    industries = listed.value.industries
    if not industries:
        draw_head("Industries")
        st.info("No story has an industry.", icon=":material/domain:")
        return
    slug = last(params, "slug") or largest_named(industries).slug
    try:
        found = load_or_show_error(
            lambda: _ask(site, slug), "The industry could not be loaded.", height=420, expected=_UNKNOWN
        )
    except _UNKNOWN:
        _say_not_found(industries)
        return
    if found is None:
        with head:
            draw_head("Industries")
        return
    answers: list[Routed[Any]] = [listed, *found]
    _show_industry(site, industries, found[0].value)
    _show_stories(site, found[0].value, params, answers)
    draw_capabilities(found[0].value.name, found[1].value.categories)
    show_origin(answers)


def _ask(site: Site, slug: str) -> tuple[Routed[IndustryDetail], Routed[IndustryCategories]]:
    return site.reads.get_industry(slug), site.reads.list_categories(slug)


def _show_industry(site: Site, industries: Sequence[IndustryCount], detail: IndustryDetail) -> None:
    st.set_page_config(page_title=page_title(detail.name, site.profile))
    with draw_head(escape_markdown(detail.name)):
        choose_industry(industries, detail.slug, _go)
    draw_figures(detail)
    st.space("xsmall")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        if detail.strongest:
            st.header("Strongest results", anchor=False, width="content")
        question = f"Which results stand out in {detail.name}?"
        page_link(Route.ASK, "Ask about this industry", {"q": question}, icon=":material/chat_bubble:")
    draw_strongest(detail.strongest, via(Route.INDUSTRY, _address_of(detail.slug)))


def _show_stories(
    site: Site, detail: IndustryDetail, params: Mapping[str, Sequence[str]], answers: list[Routed[Any]]
) -> None:
    st.header("Stories by client", anchor=False)
    if not is_filterable(detail.name):
        st.info("This industry's name is too long to filter by: find its stories in Explore.", icon=":material/search:")
        return
    known = {fold_key(client.name): client.name for client in detail.clients}
    asked = dict.fromkeys(map(fold_key, read_listing(params)[0].filters.clients))
    clients = tuple(known[key] for key in asked if key in known)
    choose_clients(detail, clients, lambda chosen: _go(detail.slug, chosen))
    listing = StoryListState().with_filters(industries=(detail.name,), clients=clients)
    found = load_or_show_error(
        lambda: site.reads.list_stories(listing.request(limit=_LISTED, offset=0)),
        "The stories could not be listed.",
        height=420,
    )
    if found is None:
        return
    answers.append(found)
    origin = via(Route.INDUSTRY, _address_of(detail.slug, clients))
    draw_cards(found.value.cards, [way | origin for way in ways_of(listing, found.value.cards, 1)])
    label = f"Explore all {count_stories(found.value.total)}" if found.value.total > 1 else "Explore"
    page_link(Route.EXPLORE, label, listing.params(), icon=":material/grid_view:")


def _go(slug: str, clients: Sequence[str] = ()) -> None:
    set_params(_address_of(slug, clients))


def _address_of(slug: str, clients: Sequence[str] = ()) -> Params:
    return {"slug": slug, **({"clients": list(clients)} if clients else {})}


def _say_not_found(industries: Sequence[IndustryCount]) -> None:
    draw_head("No such industry")
    st.markdown("There is no industry at this address. The industries are:")
    with st.container(gap="xxsmall"):
        for item in industries:
            state_button(
                f"{escape_markdown(item.name)} · {item.stories}", {"slug": item.slug}, icon=":material/domain:"
            )


show_page(industry)

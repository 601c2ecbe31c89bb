"""The sections of an industry's page: figures, strongest results, capabilities by tier."""

import re
from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from contracts.industries import CapabilityGroup, ClientCount, IndustryCount, IndustryDetail, MetricLine, Tier
from streamlit_app.routes import Route
from streamlit_app.session.site import Key
from streamlit_app.shared.links import FORWARD_ICON, page_link
from streamlit_app.shared.markdown_escape import caption_text, escape_markdown, shortened
from streamlit_app.shared.query_params import bind_widget
from streamlit_app.shared.story_list import Params, StoryListState, is_filterable
from streamlit_app.shared.story_slug import story_slug
from streamlit_app.shared.wording import count_stories, counted, story_title

_TIERS: Final = {
    Tier.CORE: ("Core capabilities", "Three stories or more each."),
    Tier.SPECIALIZED: ("Specialized capabilities", "One or two stories each."),
}
_FIRST_CARDS: Final = 6
_MOST_CARDS: Final = 60
_MOST_LINES: Final = 4
_MOST_PILLS: Final = 30
_PILL_LENGTH: Final = 48
_SEVERAL: Final = re.compile(
    r"(?:all|cross|mixed|multi|multiple|other|several|various)(?:[\s-]*(?:industr\w+|sectors?))?|n/?a|none|unknown",
    re.IGNORECASE,
)
_DASH: Final = "\N{EN DASH}"


def largest_named(industries: Sequence[IndustryCount]) -> IndustryCount:
    """The industry with most stories that is one industry, as "Cross Industry" is not; the largest if none is."""
    return next((item for item in industries if not _SEVERAL.fullmatch(item.name)), industries[0])


def figures_of(detail: IndustryDetail) -> tuple[tuple[str, str], ...]:
    """An industry's figures as label and value. Only named clients count; years need dates."""
    named = sum(not client.aggregate for client in detail.clients)
    years = sorted({str(year) for year in (detail.first_year, detail.last_year) if year is not None})
    stated = (
        ("Stories", f"{detail.stories:,}"),
        ("Clients", str(named or "")),
        ("Years", _DASH.join(years)),
        ("Metrics", f"{detail.metrics:,}" if detail.metrics else ""),
    )
    return tuple((label, value) for label, value in stated if value)


def draw_figures(detail: IndustryDetail) -> None:
    figures = figures_of(detail)
    grid = st.grid(len(figures), min_column_width=150)
    for label, value in figures:
        grid.metric(label, value, border=True)


def draw_strongest(lines: Sequence[MetricLine], origin: Params) -> None:
    """Draw the strongest results, each with a link to its story, from which `origin` leads back."""
    grid = st.grid(2, min_column_width=400, gap=("xsmall", "medium"))
    for line in lines[:_MOST_LINES]:
        with grid.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
            title = escape_markdown(story_title(line.title))
            st.markdown(
                f":violet[:material/trending_up:] {escape_markdown(line.line)}  \n{caption_text(title)}",
                width="stretch",
            )
            page_link(Route.STORY, "Read", {"id": story_slug(line.story_id), **origin}, icon=FORWARD_ICON)


def draw_capabilities(industry: str, groups: Sequence[CapabilityGroup]) -> None:
    """Draw a card per capability by tier; a tier's remaining ones are names in an expander."""
    for tier, (heading, note) in _TIERS.items():
        of_tier = [group for group in groups if group.tier is tier]
        if not of_tier:
            continue
        with st.container(gap="xxsmall"):
            st.header(heading, anchor=False)
            st.markdown(caption_text(note))
        _draw_cards(industry, of_tier[:_FIRST_CARDS])
        if rest := of_tier[_FIRST_CARDS:_MOST_CARDS]:
            with st.expander(f"{len(of_tier) - _FIRST_CARDS} more {heading.lower()}", type="compact"):
                _draw_names(industry, rest)


def _draw_cards(industry: str, groups: Sequence[CapabilityGroup]) -> None:
    grid = st.grid(min(len(groups), 3), min_column_width=300)
    for group in groups:
        with grid.container(border=True, height="stretch", gap="xsmall"):
            _draw_capability(industry, group)


def _draw_names(industry: str, groups: Sequence[CapabilityGroup]) -> None:
    with st.container(horizontal=True, gap="small"):
        for group in groups:
            label = f"{escape_markdown(group.name)} · {group.stories}"
            if params := _leads_to(industry, group):
                page_link(Route.EXPLORE, label, params)
            else:
                st.markdown(label, width="content")


def choose_industry(industries: Sequence[IndustryCount], slug: str, change: Callable[[str], None]) -> None:
    """Draw a select box of the other industries; `change` is called with the chosen one."""
    by_slug = {item.slug: item for item in industries if item.slug != slug}
    if not by_slug:
        return
    st.session_state[Key.INDUSTRY] = None
    st.selectbox(
        "Industry",
        list(by_slug),
        format_func=lambda value: f"{by_slug[value].name} · {by_slug[value].stories}",
        label_visibility="collapsed",
        placeholder="Another industry",
        width=260,
        key=Key.INDUSTRY,
        on_change=lambda: change(st.session_state[Key.INDUSTRY]),
    )


def choose_clients(detail: IndustryDetail, chosen: Sequence[str], change: Callable[[Sequence[str]], None]) -> None:
    """Draw client pills with counts; names for several clients come last and are marked."""
    clients = {client.name: client for client in detail.clients if is_filterable(client.name)}
    shown = [name for number, name in enumerate(clients) if number < _MOST_PILLS or name in chosen]
    labels = {name: _pill(clients[name]) for name in shown}
    st.pills(
        "Clients: select those whose stories to list",
        shown,
        selection_mode="multi",
        format_func=labels.__getitem__,
        label_visibility="collapsed",
        wrap=True,
        **bind_widget(Key.CLIENTS, [name for name in chosen if name in clients], change, list(labels.values())),
    )


def _pill(client: ClientCount) -> str:
    mark = ":material/groups: " if client.aggregate else ""
    return f"{mark}{escape_markdown(shortened(client.name, _PILL_LENGTH))} · {client.stories}"


def _draw_capability(industry: str, group: CapabilityGroup) -> None:
    clients = counted(group.clients, "client") if group.clients else ""
    st.markdown(f"### {escape_markdown(group.name)}", anchors=False)
    if group.tags:
        st.markdown(f":small[{escape_markdown(', '.join(group.tags))}]")
    st.space("stretch")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(caption_text(" · ".join(filter(None, (count_stories(group.stories), clients)))), width="content")
        if params := _leads_to(industry, group):
            page_link(Route.EXPLORE, "Explore", params, icon=FORWARD_ICON)


def _leads_to(industry: str, group: CapabilityGroup) -> Params | None:
    """Query parameters of the capability's stories in the industry; None if a name is no valid filter."""
    if not (is_filterable(industry) and is_filterable(group.name)):
        return None
    return StoryListState().with_filters(industries=(industry,), capabilities=(group.name,)).params()

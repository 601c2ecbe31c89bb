"""Migration: each domain's stage, statistics of both sides, gates and mismatches. For the maintainer."""

from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from backend_clients.migration.service import DomainStatus
from streamlit_app.migration.charts import draw_latencies, draw_latency_trend, draw_outcomes
from streamlit_app.migration.domain_figures import draw_figures, draw_retirement, draw_stages, draw_state
from streamlit_app.migration.gate import draw_gate
from streamlit_app.migration.mismatch import show_comparison
from streamlit_app.migration.mismatch_list import draw_groups
from streamlit_app.migration.overview import draw_cards, draw_changes, draw_counters, draw_how_to_begin, draw_troubles
from streamlit_app.migration.sign_in import draw_admin, draw_closed_page, say_how_to_change
from streamlit_app.migration.stage_controls import draw_chosen_move, draw_controls, draw_way_back
from streamlit_app.migration.view_model import (
    DOMAINS,
    LoadError,
    MigrationAddress,
    Span,
    changes,
    groups,
    overview,
    read_migration_address,
    trend,
)
from streamlit_app.session.maintainer import is_maintainer, signed_in
from streamlit_app.session.site import Key, Site
from streamlit_app.shared.layout import draw_head, show_page
from streamlit_app.shared.markdown_escape import caption, escape_markdown
from streamlit_app.shared.query_params import address, set_params
from streamlit_app.shared.wording import page_title


def migration(site: Site) -> None:
    if not is_maintainer():
        st.set_page_config(page_title=page_title("For the maintainer", site.profile))
        draw_closed_page(site.clients.settings)
        return
    at = read_migration_address(address())
    if at.mismatch is not None:
        show_comparison(site, at, at.mismatch, _zone())
        return
    with (
        draw_head("Migration"),
        st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content"),
    ):
        draw_admin(site.clients.settings)
    draw_chosen_move(site.clients.migration, site.clients.settings)
    with st.skeleton(height=420):
        seen = overview(site.clients.migration)
    draw_troubles(seen.troubles)
    if seen.empty and not seen.troubles:
        draw_how_to_begin()
    draw_cards(seen.statuses)
    draw_counters(seen)
    st.header("Latency, side by side", anchor=False)
    draw_latencies([status for status in seen.statuses.values() if isinstance(status, DomainStatus)])
    _show_domain(site, at, seen.statuses[at.domain])


def _show_domain(site: Site, at: MigrationAddress, status: DomainStatus | LoadError) -> None:
    _choose_domain(at)
    if isinstance(status, DomainStatus):
        _show_status(site, status)
    else:
        caption(escape_markdown(status.message))
        if signed_in(site.clients.settings):
            draw_way_back(at.domain, status.shares)
    _show_trend(site, at)
    _show_mismatches(site, at)
    st.header("Last changes", anchor=False)
    found = changes(site.clients.migration, at.domain)
    if isinstance(found, LoadError):
        caption(escape_markdown(found.message))
    else:
        draw_changes(found, _zone())


def _show_status(site: Site, status: DomainStatus) -> None:
    draw_stages(status)
    draw_figures(status)
    draw_state(status, _zone())
    if status.gate is not None:
        draw_gate(status.gate)
    if signed_in(site.clients.settings):
        draw_controls(status)
    else:
        say_how_to_change(site.clients.settings)
    draw_retirement(status)


def _show_trend(site: Site, at: MigrationAddress) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.header("Over time", anchor=False, width="content")
        _choose_span(at)
    with st.skeleton(height=260):
        points = trend(site.clients.migration, at.domain, at.span.minutes)
    if isinstance(points, LoadError):
        caption(escape_markdown(points.message))
        return
    calls, latency = st.columns(2, gap="medium")
    with calls:
        draw_outcomes(points, at.span.value)
    with latency:
        draw_latency_trend(points, at.span.value)


def _show_mismatches(site: Site, at: MigrationAddress) -> None:
    st.header("Mismatches", anchor=False)
    with st.skeleton(height=120):
        found = groups(site.clients.migration, at.domain)
    if isinstance(found, LoadError):
        caption(escape_markdown(found.message))
    else:
        draw_groups(found, at, _zone())


def _choose_domain(at: MigrationAddress) -> None:
    st.session_state[Key.MIGRATION_DOMAIN] = at.domain
    st.segmented_control(
        "Domain",
        DOMAINS,
        format_func=str.title,
        required=True,
        label_visibility="collapsed",
        key=Key.MIGRATION_DOMAIN,
        on_change=lambda: set_params(at.at(domain=st.session_state[Key.MIGRATION_DOMAIN]).params()),
    )


def _choose_span(at: MigrationAddress) -> None:
    st.session_state[Key.SPAN] = at.span
    st.segmented_control(
        "Time",
        list(Span),
        format_func=lambda span: f"Last {span}",
        required=True,
        label_visibility="collapsed",
        key=Key.SPAN,
        on_change=lambda: set_params(at.at(span=st.session_state[Key.SPAN]).params()),
    )


def _zone() -> tzinfo | None:
    """The visitor's time zone, as charts use it; None, the server's, if it is unknown."""
    try:
        return ZoneInfo(st.context.timezone or "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


show_page(migration)

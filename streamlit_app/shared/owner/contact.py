"""Ways to reach the owner and their CV as buttons, and the footer of every page."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

import streamlit as st

from backend_clients.profile_file import is_sample_stories
from contracts.profile import Profile, is_address
from streamlit_app.session.site import Key, Site
from streamlit_app.shared.markdown_escape import caption, escape_markdown


class Way(NamedTuple):
    """A way to reach the owner or to read about them. `kind` is the fact of the profile that it answers."""

    kind: str
    label: str
    url: str
    icon: str


_PROFILE: Final = "profile:"
_MAIL: Final = ":material/mail:"
_CALL: Final = ":material/call:"
_ICONS: Final = {"mailto": _MAIL, "tel": _CALL}
_CV: Final = ":material/description:"
_EVERY_WAY: Final = frozenset({"email", "phone", "links", "cv"})
_DIRECT: Final = frozenset({"email", "phone"})
# What helps whoever asked for a fact of the profile, besides the words of the answer.
_BESIDE_ANSWERS: Final[Mapping[str, frozenset[str]]] = {
    "cv": frozenset({"cv", "email"}),
    "education": frozenset({"cv"}),
    "certificates": frozenset({"cv"}),
    "languages": frozenset({"cv"}),
    "links": frozenset({"links"}),
    "contact": _EVERY_WAY,
    "availability": _EVERY_WAY,
    "email": _DIRECT,
    "phone": _DIRECT,
    "place": _DIRECT,
    "references": _DIRECT,
}


def ways_of(profile: Profile) -> tuple[Way, ...]:
    """Every way that the profile gives, without the CV; an address that stands twice is one way."""
    ways = [Way("email", profile.email, f"mailto:{profile.email}", _MAIL)] if profile.email else []
    if profile.phone:
        ways.append(Way("phone", profile.phone, f"tel:{re.sub(r'[^+0-9]', '', profile.phone)}", _CALL))
    linked = [
        Way("links", link.label, str(link.url), _ICONS.get(link.url.scheme, ":material/open_in_new:"))
        for link in profile.links
    ]
    distinct: dict[str, Way] = {}
    for way in (*ways, *linked):
        distinct.setdefault(way.url.casefold(), way)
    return tuple(distinct.values())


def draw_contact(site: Site, place: str, kinds: Collection[str] = _EVERY_WAY) -> None:
    """Draw a button for each way of some kinds; `place` tells the buttons of one page apart."""
    ways = [way for way in ways_of(site.profile) if way.kind in kinds]
    has_cv = bool(site.profile.cv) and "cv" in kinds
    if not ways and not has_cv:
        return
    with st.container(horizontal=True, gap="xsmall"):
        for way in ways:
            st.link_button(escape_markdown(way.label), way.url, icon=way.icon, key=f"{Key.CONTACT}-{place}-{way.url}")
        if has_cv:
            _draw_cv(site, f"{Key.CONTACT}-{place}-cv")


def draw_contact_beside(site: Site, reason: str, place: str) -> None:
    """Draw the ways that belong to an answer from the profile; `reason` is the gate's, "profile:<fact>"."""
    if is_from_profile(reason):
        draw_contact(site, place, _BESIDE_ANSWERS.get(reason.removeprefix(_PROFILE), _DIRECT))


def is_from_profile(reason: str) -> bool:
    """Whether the gate had the profile answer, instead of declining."""
    return reason.startswith(_PROFILE)


def draw_footer(site: Site) -> None:
    """Draw who the owner is, how to reach them, and what is sample data."""
    profile = site.profile
    st.divider()
    stated = filter(None, (profile.name, profile.place, profile.availability))
    caption(" · ".join(map(escape_markdown, stated)))
    draw_contact(site, "footer")
    invented = _invented(profile, is_sample_stories(site.clients.settings.stories_file))
    if invented:
        verb = "is" if invented == ["profile"] else "are"
        caption(f"Sample data: the {' and the '.join(invented)} {verb} invented.")


def _invented(profile: Profile, of_sample: bool) -> Sequence[str]:
    return [name for name, sample in (("profile", profile.sample), ("stories", of_sample)) if sample]


def _draw_cv(site: Site, key: str) -> None:
    if is_address(site.profile.cv):
        st.link_button("CV", site.profile.cv, icon=_CV, key=key)
        return
    st.download_button(
        "CV", site.file_of_profile(site.profile.cv).read_bytes, site.profile.cv, on_click="ignore", icon=_CV, key=key
    )

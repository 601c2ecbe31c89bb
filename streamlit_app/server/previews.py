"""What crawlers and chats see of each page: its title and a sentence about it."""

from collections.abc import Mapping, Sequence
from typing import Final

from backend_clients.errors import BackendError, NotFound
from contracts.profile import Profile
from streamlit_app.routes import NAMES, Route
from streamlit_app.server.index_html import Preview
from streamlit_app.session.site import Site
from streamlit_app.shared.story_list import last
from streamlit_app.shared.story_search import AmbiguousName, find_story
from streamlit_app.shared.wording import counted, page_title, story_title

UNNAMED: Final = Preview("Portfolio", "Project stories with their clients, years and results.")
NO_STORY: Final = Preview("No such story", "There is no story at this address.", kind="")
_LONGEST: Final = 200

_SENTENCES: Final = {
    Route.HOME: "{line}",
    Route.EXPLORE: "Search {name}'s project stories and filter them by industry, client, role and year.",
    Route.ASK: "Ask about {name}'s work and read answers with the stories they come from.",
    Route.ROLE_MATCH: "Paste a job description and see which of its requirements {name}'s stories show.",
    Route.SHORTLIST: "Stories of {name} that somebody chose, with a note on each.",
    Route.INDUSTRY: "{name}'s work by industry: clients, capabilities and results.",
    Route.ABOUT: "Who {name} is: career, competencies and how to get in touch.",
    Route.MIGRATION: "How this site is served.",
}


def preview_of(route: Route, params: Mapping[str, Sequence[str]], site: Site) -> Preview:
    """The preview of a page's address. An address of no story has `NO_STORY`."""
    try:
        if route is Route.STORY:
            return _story(last(params, "id"), site)
        if route is Route.INDUSTRY and (slug := last(params, "slug")):
            return _industry(slug, site)
    except (NotFound, AmbiguousName):
        return NO_STORY if route is Route.STORY else general_preview(route, site.profile)
    except BackendError:
        return general_preview(route, site.profile)
    return general_preview(route, site.profile)


def general_preview(route: Route, profile: Profile) -> Preview:
    """The preview of a page, whatever it shows."""
    sentence = _SENTENCES.get(route, _SENTENCES[Route.HOME])
    text = sentence.format(name=profile.person, line=profile.line)
    return Preview(page_title(NAMES[route], profile), _shortened(text))


def _story(name: str, site: Site) -> Preview:
    detail = find_story(site.reads, name).value
    return Preview(page_title(story_title(detail.story.title), site.profile), _shortened(detail.summary), "article")


def _industry(slug: str, site: Site) -> Preview:
    detail = site.reads.get_industry(slug).value
    text = f"{counted(detail.stories, 'story', 'stories')} of {site.profile.person}'s work in {detail.name}."
    return Preview(page_title(detail.name, site.profile), _shortened(text))


def _shortened(text: str) -> str:
    """One line of at most 200 characters, cut after a word."""
    line = " ".join(text.split())
    if len(line) <= _LONGEST:
        return line
    return f"{line[:_LONGEST].rpartition(' ')[0] or line[: _LONGEST - 1]}…"

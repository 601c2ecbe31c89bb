"""A match as Markdown, for the download and the print view."""

from collections.abc import Callable, Iterator

from contracts.role_match import Requirement, RoleMatch
from streamlit_app.role_match.wording import STRENGTHS
from streamlit_app.shared.wording import story_title

Escape = Callable[[str], str]
SECTIONS = (("Required", True), ("Preferred", False))


def match_markdown(match: RoleMatch, name: str, escape: Escape) -> str:
    """The summary, the requirements with their evidence, and the points to discuss."""
    return "\n\n".join(_blocks(match, name, escape)) + "\n"


def _blocks(match: RoleMatch, name: str, escape: Escape) -> Iterator[str]:
    yield f"# A role compared with the work of {escape(name)}"
    yield escape(match.summary)
    for heading, is_required in SECTIONS:
        listed = [one for one in match.requirements if one.is_required is is_required]
        if listed:
            yield f"## {heading}"
        for one in listed:
            yield "\n".join(_lines(one, escape))
    if match.discussion_points:
        yield "## Points to discuss"
        yield "\n".join(f"- {escape(point)}" for point in match.discussion_points)


def _lines(one: Requirement, escape: Escape) -> Iterator[str]:
    yield f"**{escape(one.text)}** ({STRENGTHS[one.strength].label})\n"
    for shown in one.evidence:
        source = ", ".join(filter(None, (story_title(shown.title), shown.client)))
        yield f"- {escape(shown.sentence)} ({escape(source)})"
    if one.missing and one.evidence:
        yield f"- Not mentioned there: {escape(', '.join(one.missing))}"
    if one.note:
        yield f"- {escape(one.note)}"

"""A story as Markdown, for downloads and print views."""

import re
from collections.abc import Callable

from contracts.stories import StoryContent
from streamlit_app.shared.story_document.facts import facts_of, headline_of
from streamlit_app.shared.story_document.star_parts import bullets, opening_of, parts_of
from streamlit_app.shared.wording import story_title


def story_markdown(detail: StoryContent, escape: Callable[[str], str]) -> str:
    """Format the story as Markdown with all text escaped by `escape`."""
    story = detail.story
    blocks = [f"# {escape(story_title(story.title))}"]
    if opening := opening_of(detail):
        blocks.append(escape(opening))
    if facts := (*headline_of(story), *facts_of(story)):
        blocks.append("\n".join(f"- **{label}:** {escape(value)}" for label, value in facts))
    for heading, lines in parts_of(story):
        blocks += [f"## {heading}", bullets(lines, escape)]
    for heading, names in (("Competencies", story.competencies), ("Tags", story.tags)):
        if names:
            blocks += [f"## {heading}", ", ".join(escape(name) for name in names)]
    return "\n\n".join(blocks) + "\n"


def file_name(detail: StoryContent) -> str:
    """A file name that is valid on every file system: the title's letters and digits, or "story"."""
    slug = re.sub(r"[^a-z0-9]+", "-", detail.story.title.lower()).strip("-")[:80].strip("-")
    return f"{slug or 'story'}.md"

"""A story's metadata: client, role, dates, competencies, tags, and completeness."""

from collections.abc import Iterable, Sequence
from typing import Final

import streamlit as st

from contracts.rules.metrics import Integrity
from contracts.rules.questions.generic_words import stems
from contracts.story import Story
from streamlit_app.routes import Route
from streamlit_app.shared.links import page_link
from streamlit_app.shared.markdown_escape import caption, caption_text, escape_markdown, shortened
from streamlit_app.shared.story_document.facts import facts_of, headline_of, listed_in_words
from streamlit_app.shared.story_list import StoryListState, is_filterable

PROMISE: Final = "A complete story has a situation, task, action, result and at least one metric."
_TAG_LENGTH: Final = 60
_MOST_TAGS: Final = 12


def draw_headline(story: Story) -> None:
    caption(" · ".join(escape_markdown(value) for _, value in headline_of(story)))


def draw_facts(story: Story) -> None:
    with st.container(gap="xsmall"):
        for label, value in facts_of(story):
            st.markdown(f"{caption_text(label)}  \n{escape_markdown(value)}")
        if story.competencies:
            badges = " ".join(f":violet-badge[{escape_markdown(name)}]" for name in story.competencies)
            st.markdown(f"{caption_text('Competencies')}  \n{badges}")


def draw_tags(tags: Sequence[str]) -> None:
    """Draw tags as links to their stories, one of those with the same stems; the most that are shown is twelve."""
    distinct = distinct_tags(filter(is_filterable, tags))
    if not distinct:
        return
    with st.container(gap="xxsmall"):
        st.markdown(caption_text("Tags"))
        with st.container(horizontal=True, gap="xxsmall"):
            for tag in distinct[:_MOST_TAGS]:
                params = StoryListState().with_filters(tags=(tag,)).params()
                page_link(Route.EXPLORE, escape_markdown(shortened(tag, _TAG_LENGTH)), params)


def distinct_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """The first of those tags that have the same stems, in order."""
    found: dict[tuple[str, ...], str] = {}
    for tag in tags:
        found.setdefault(tuple(stems(tag)) or (tag,), tag)
    return tuple(found.values())


def draw_integrity(integrity: Integrity) -> None:
    """Draw a badge that says in words, icon and colour whether the story is complete."""
    if integrity.complete:
        st.badge("Complete story", icon=":material/verified:", color="green", help=PROMISE)
        return
    st.badge(f"Without {listed_in_words(integrity.missing)}", icon=":material/rule:", color="orange", help=PROMISE)

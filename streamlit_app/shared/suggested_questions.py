"""Suggests questions, made from the corpus's facets and an answer's sources."""

from collections.abc import Collection, Iterable, Sequence
from itertools import zip_longest
from typing import Final

from contracts.ask import MAX_QUESTION
from contracts.conversations import Turn
from contracts.industries import AGGREGATE_CLIENTS
from contracts.rules.questions.interview_questions import interview_questions
from contracts.stories import StoryList
from contracts.story import Story
from streamlit_app.session.site import Site

MOST_FIRST: Final = 6
MOST_NEXT: Final = 3
_SHORTEST: Final = 3
_LONGEST: Final = 120


def opening_questions(site: Site, stories: StoryList) -> tuple[str, ...]:
    """Up to six questions to begin with: the owner's, or drawn from interview questions, or else about the corpus."""
    return site.clients.suggested_questions[:MOST_FIRST] or first_questions(stories, site.profile.person)


def first_questions(stories: StoryList, name: str) -> tuple[str, ...]:
    """Suggest up to six questions about the most frequent capabilities, industries and client, else tags, roles."""
    clients = [value for value in _values(stories, "clients") if is_named(value)]
    kinds = (
        (f"What did {name} achieve with {value}?" for value in _values(stories, "capabilities")[:3]),
        (f"Which results stand out in {value}?" for value in _values(stories, "industries")[:2]),
        (f"What changed at {value}?" for value in clients[:1]),
    )
    best = [question for row in zip_longest(*kinds) for question in row if question]  # one of each kind in turn
    spare = [
        *(f"What has {name} done with {value}?" for value in _values(stories, "tags")[:MOST_FIRST]),
        *(f"What did {name} do as {value}?" for value in _values(stories, "roles")[:2]),
    ]
    return _distinct([*best, *spare], ())[:MOST_FIRST]


def next_questions(turn: Turn, asked: Collection[str], about: Story | None = None) -> tuple[str, ...]:
    """Suggest up to three follow-ups of an answer; about one story, its own interview questions."""
    if about is not None:
        return _distinct(story_questions(about), asked)[:MOST_NEXT]
    clients = (source.client for source in turn.sources if source.client and is_named(source.client))
    found = [
        *(f"What changed at {client}?" for client in list(clients)[:1] if len(client) <= _LONGEST),
        *(f"Tell me about “{source.title}”" for source in turn.sources[1:] if 0 < len(source.title) <= _LONGEST),
    ]
    return _distinct(found, asked)[:MOST_NEXT]


def story_questions(story: Story) -> tuple[str, ...]:
    """The story's own interview questions that can be asked here."""
    return tuple(question for question in interview_questions(story) if _SHORTEST < len(question) <= MAX_QUESTION)


def is_named(client: str) -> bool:
    """Whether a client is one client: "Multiple Clients" and its like are not."""
    return client.casefold() not in AGGREGATE_CLIENTS


def _values(stories: StoryList, field: str) -> Sequence[str]:
    return [facet.value for facet in stories.facets.get(field, ()) if _SHORTEST <= len(facet.value) <= _LONGEST]


def _distinct(questions: Iterable[str], asked: Collection[str]) -> tuple[str, ...]:
    known = {question.casefold() for question in asked}
    return tuple(question for question in dict.fromkeys(questions) if question.casefold() not in known)

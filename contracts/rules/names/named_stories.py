"""The stories of the clients and employers that a question names."""

from collections.abc import Sequence

from contracts.rules.names.proper_names import NameEvidence
from contracts.rules.questions.subjects import find_subject
from contracts.story import Story


def about_named(question: str, stories: Sequence[Story]) -> Sequence[Story]:
    """The stories of the organizations that a question names; all where it names none of theirs."""
    clients = sorted({story.client for story in stories if story.client})
    employers = sorted({story.employer for story in stories if story.employer})
    named = find_subject(question, {"clients": clients, "employers": employers}).names
    values = {(name.facet, value) for name in named for value in name.values}
    of_named = [
        story for story in stories if not values.isdisjoint({("clients", story.client), ("employers", story.employer)})
    ]
    return of_named or stories


def foreign_names(question: str, story: Story) -> list[str]:
    """Names in a question that a story does not hold, the owner's and abbreviations apart, in their order."""
    owner = set(story.person.casefold().split())
    return [
        name
        for name in NameEvidence(story.texts()).unknown_names(question)
        if not name.isupper() and not owner.issuperset(name.casefold().split())
    ]

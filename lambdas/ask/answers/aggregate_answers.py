"""Answers that are counted over the corpus, a form for each kind of question."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from contracts.rules.questions.kinds import QuestionKind
from contracts.rules.questions.periods import length_text, month_text, months_covered, span_of, years_text
from contracts.rules.questions.resolution import ResolvedQuestion
from contracts.rules.questions.sentences import question_stems
from contracts.stories import StoryCard
from contracts.story import Story
from lambdas.ask.answers.aggregate_wording import (
    about,
    at,
    clients,
    covers,
    in_words_of,
    most_common,
    stories,
    with_clients,
)
from lambdas.ask.answers.markdown import clean, escaped, name, sentence
from lambdas.ask.answers.story_prose import heading, joined, nearest
from lambdas.ask.retrieval.aggregation import Aggregation, Group

_NOUNS: Final = {
    "clients": ("client", "clients"),
    "employers": ("employer", "employers"),
    "industries": ("industry", "industries"),
    "roles": ("role", "roles"),
    "eras": ("era", "eras"),
    "capabilities": ("capability", "capabilities"),
    "places": ("place", "places"),
    "languages": ("programming language", "programming languages"),
    "technologies": ("technology", "technologies"),
    "tags": ("topic", "technologies and topics"),
}


@dataclass(frozen=True, slots=True)
class Material:
    """What a narrative is composed from: the question as asked and as understood, cited stories, counts.

    `unknown` are words of the question that no story mentions.
    """

    question: str
    resolved: ResolvedQuestion
    stories: Sequence[Story]
    aggregation: Aggregation | None = None
    unknown: Sequence[str] = ()
    is_locked: bool = False

    def mark(self, story_id: str) -> str:
        """The mark of a cited story with a space before it; "" for another."""
        return next((f" [{number}]" for number, story in enumerate(self.stories, 1) if story.id == story_id), "")


def counted(material: Material) -> str:
    """The answer to a question that counts; "" where there is nothing to count."""
    aggregation = material.aggregation
    if aggregation and aggregation.in_other_words:
        aggregation = replace(aggregation, subject=in_words_of(aggregation.subject, material.stories))
    form = _FORMS.get(material.resolved.kind)
    return form(material, aggregation) if form and aggregation and aggregation.cards else ""


def _yes(material: Material, aggregation: Aggregation) -> str:
    if aggregation.groups:
        lines = [f"- {_group(group)}{material.mark(group.best(_ids(material)))}" for group in aggregation.groups]
        return "\n\n".join(["Yes, though not in one story:", "\n".join(lines)])
    latest = aggregation.cards[0]
    covered = covers(aggregation.subject, aggregation.total, material.question)
    yes = "Yes, in other words" if aggregation.in_other_words else "Yes"
    opening = f"{yes}: {stories(aggregation.total)}{with_clients(aggregation.cards)} {covered}"
    since = years_text(latest.start_date, latest.end_date)
    ending = f", the latest {at(latest)}{f' ({since})' if since else ''}" if aggregation.total > 1 else ""
    return "\n\n".join([f"{opening}{ending}.{material.mark(latest.id)}", *evidence(material)])


def _count(material: Material, aggregation: Aggregation) -> str:
    if aggregation.groups or aggregation.facet:
        return _which(material, aggregation)
    start, end = span_of(_periods(aggregation.cards), aggregation.until)
    dated = f", {years_text(start, end)}" if start else ""
    covered = covers(aggregation.subject, aggregation.total, material.question)
    covered = " ".join(filter(None, (covered, aggregation.when)))
    number = f"{stories(aggregation.total).capitalize()}{with_clients(aggregation.cards)}"
    statement = f"{number}{f' {covered}' if covered else ''}{dated}."
    return "\n\n".join([f"{statement}{material.mark(aggregation.cards[0].id)}", *evidence(material)])


def _which(material: Material, aggregation: Aggregation) -> str:
    if not aggregation.facet:
        return _count(material, aggregation)
    if not aggregation.groups:
        return ""
    number = len(aggregation.groups) + aggregation.more
    noun = _NOUNS[aggregation.facet][number != 1]
    counted = f", counted over {stories(aggregation.total)}"
    most = (
        f"; the {len(aggregation.groups)} most frequent"
        if aggregation.more
        else ", most frequent first"
        if number > 1
        else ""
    )
    lines = [f"- {_group(group)}{material.mark(group.best(_ids(material)))}" for group in aggregation.groups]
    subject = " ".join(filter(None, (about(aggregation.subject), aggregation.when)))
    return "\n\n".join([f"{number} {noun}{f' {subject}' if subject else ''}{counted}{most}:", "\n".join(lines)])


def _group(group: Group) -> str:
    start, end = span_of(_periods(group.cards))
    years = years_text(start, end)
    return f"**{name(group.label)}**: {stories(len(group.cards))}{f', {years}' if years else ''}"


def _length(group: Group, until: str) -> str:
    months = months_covered(_periods(group.cards), until)
    return f" ({length_text(months)} in all)" if months else ""


def _duration(material: Material, aggregation: Aggregation) -> str:
    periods = _periods(aggregation.cards)
    months = months_covered(periods, aggregation.until)
    if not months:
        return ""
    start, end = span_of(periods, aggregation.until)
    subject = about(aggregation.subject)
    first, last = aggregation.earliest, aggregation.cards[0]
    marks = "".join(sorted({material.mark(first.id), material.mark(last.id)}))
    statement = (
        f"{length_text(months)}{f' {subject}' if subject else ''}, between {month_text(start)} and {month_text(end)}"
    )
    counted = f"counted over the dates of {stories(len(aggregation.cards))}, overlaps once"
    return "\n\n".join([f"{statement}: {counted}.{marks}", *evidence(material)])


def _compare(material: Material, aggregation: Aggregation) -> str:
    blocks = []
    for group in aggregation.groups:
        story = next((one for one in material.stories if one.id == group.best(_ids(material))), material.stories[0])
        near = " ".join(map(escaped, nearest(search_words(material), story, 2)))
        roles = joined(map(name, most_common(card.role for card in group.cards)[:2]))
        role = f", as {roles}" if roles else ""
        figure = escaped(sentence(group.cards[0].headline)) if not near else ""
        sums = f"{_group(group)}{_length(group, aggregation.until)}{role}"
        blocks.append(f"{sums}. {heading(story)}: {near or figure}{material.mark(story.id)}")
    return "\n\n".join(blocks)


def _summarise(material: Material, aggregation: Aggregation) -> str:
    if not aggregation.groups:
        return ""
    months = months_covered(_periods(aggregation.cards), aggregation.until)
    length = f" over {length_text(months)}" if months else ""
    subject = about(aggregation.subject)
    number = stories(aggregation.total).capitalize()
    opening = f"{number}{f' {subject}' if subject else ''}{with_clients(aggregation.cards)}{length}"
    lines = []
    for group in aggregation.groups:
        story_id = group.best(_ids(material))
        card = next(card for card in group.cards if card.id == story_id)
        roles = joined(map(name, most_common(card.role for card in group.cards)[:2]))
        often = joined(map(name, clients(group.cards)[:3]))
        parts = [_group(group), f"as {roles}" if roles else "", f"mainly with {often}" if often else ""]
        line = escaped(sentence(clean(card.headline)))
        statement = " ".join(filter(None, (f"- {', '.join(filter(None, parts))}.", line)))
        lines.append(f"{statement}{material.mark(card.id)}")
    return "\n\n".join([f"{opening}, newest first:", "\n".join(lines)])


_FORMS: Final[Mapping[QuestionKind, Callable[[Material, Aggregation], str]]] = {
    QuestionKind.YES_NO: _yes,
    QuestionKind.COUNT: _count,
    QuestionKind.WHICH: _which,
    QuestionKind.DURATION: _duration,
    QuestionKind.COMPARE: _compare,
    QuestionKind.SUMMARISE: _summarise,
}


def _ids(material: Material) -> list[str]:
    return [story.id for story in material.stories]


def _periods(cards: Sequence[StoryCard]) -> list[tuple[str, str]]:
    return [(card.start_date, card.end_date) for card in cards]


def search_words(material: Material) -> str:
    return material.question if question_stems(material.question) else material.resolved.query


def evidence(material: Material) -> list[str]:
    lines = []
    for number, story in enumerate(material.stories, 1):
        near = nearest(search_words(material), story, 1)
        lines.append(f"- {heading(story)}{f': {escaped(near[0])}' if near else ''} [{number}]")
    return ["\n".join(lines)] if lines else []

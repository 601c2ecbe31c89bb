"""Answers that are counted over the corpus, a form for each kind of question."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from backend_clients.ask.in_process.extractive import as_sentence, clean, escaped, name
from backend_clients.ask.in_process.facts.fact_groups import Facts, Group
from backend_clients.ask.in_process.facts.fact_wording import (
    about,
    at,
    clients,
    covers,
    in_words_of,
    most_common,
    stories,
    with_clients,
)
from backend_clients.ask.in_process.story_prose import heading, joined, nearest
from contracts.rules.questions.kinds import QuestionKind
from contracts.rules.questions.periods import length_text, month_text, months_covered, span_of, years_text
from contracts.rules.questions.resolution import ResolvedQuestion
from contracts.rules.questions.sentences import question_stems
from contracts.stories import StoryCard
from contracts.story import Story

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
    """What a narrative is composed from: the question as asked and as understood, cited stories, counted facts.

    `unknown` are words of the question that no story mentions.
    """

    question: str
    asked: ResolvedQuestion
    stories: Sequence[Story]
    facts: Facts | None = None
    unknown: Sequence[str] = ()
    is_locked: bool = False

    def mark(self, story_id: str) -> str:
        """The mark of a cited story with a space before it; "" for another."""
        return next((f" [{number}]" for number, story in enumerate(self.stories, 1) if story.id == story_id), "")


def counted(material: Material) -> str:
    """The answer to a question that counts; "" where there is nothing to count."""
    facts = material.facts
    if facts and facts.in_other_words:
        facts = replace(facts, subject=in_words_of(facts.subject, material.stories))
    form = _FORMS.get(material.asked.kind)
    return form(material, facts) if form and facts and facts.cards else ""


def _yes(material: Material, facts: Facts) -> str:
    if facts.groups:
        lines = [f"- {_group(group)}{material.mark(group.best(_ids(material)))}" for group in facts.groups]
        return "\n\n".join(["Yes, though not in one story:", "\n".join(lines)])
    latest = facts.cards[0]
    covered = covers(facts.subject, facts.total, material.question)
    yes = "Yes, in other words" if facts.in_other_words else "Yes"
    opening = f"{yes}: {stories(facts.total)}{with_clients(facts.cards)} {covered}"
    since = years_text(latest.start_date, latest.end_date)
    ending = f", the latest {at(latest)}{f' ({since})' if since else ''}" if facts.total > 1 else ""
    return "\n\n".join([f"{opening}{ending}.{material.mark(latest.id)}", *evidence(material)])


def _count(material: Material, facts: Facts) -> str:
    if facts.groups or facts.facet:
        return _which(material, facts)
    start, end = span_of(_periods(facts.cards), facts.until)
    dated = f", {years_text(start, end)}" if start else ""
    covered = covers(facts.subject, facts.total, material.question)
    covered = " ".join(filter(None, (covered, facts.when)))
    said = f"{stories(facts.total).capitalize()}{with_clients(facts.cards)}{f' {covered}' if covered else ''}{dated}."
    return "\n\n".join([f"{said}{material.mark(facts.cards[0].id)}", *evidence(material)])


def _which(material: Material, facts: Facts) -> str:
    if not facts.facet:
        return _count(material, facts)
    if not facts.groups:
        return ""
    number = len(facts.groups) + facts.more
    noun = _NOUNS[facts.facet][number != 1]
    counted = f", counted over {stories(facts.total)}"
    most = f"; the {len(facts.groups)} most frequent" if facts.more else ", most frequent first" if number > 1 else ""
    lines = [f"- {_group(group)}{material.mark(group.best(_ids(material)))}" for group in facts.groups]
    subject = " ".join(filter(None, (about(facts.subject), facts.when)))
    return "\n\n".join([f"{number} {noun}{f' {subject}' if subject else ''}{counted}{most}:", "\n".join(lines)])


def _group(group: Group) -> str:
    start, end = span_of(_periods(group.cards))
    years = years_text(start, end)
    return f"**{name(group.label)}**: {stories(len(group.cards))}{f', {years}' if years else ''}"


def _length(group: Group, until: str) -> str:
    months = months_covered(_periods(group.cards), until)
    return f" ({length_text(months)} in all)" if months else ""


def _duration(material: Material, facts: Facts) -> str:
    periods = _periods(facts.cards)
    months = months_covered(periods, facts.until)
    if not months:
        return ""
    start, end = span_of(periods, facts.until)
    subject = about(facts.subject)
    first, last = facts.earliest, facts.cards[0]
    marks = "".join(sorted({material.mark(first.id), material.mark(last.id)}))
    said = f"{length_text(months)}{f' {subject}' if subject else ''}, between {month_text(start)} and {month_text(end)}"
    counted = f"counted over the dates of {stories(len(facts.cards))}, overlaps once"
    return "\n\n".join([f"{said}: {counted}.{marks}", *evidence(material)])


def _compare(material: Material, facts: Facts) -> str:
    blocks = []
    for group in facts.groups:
        story = next((one for one in material.stories if one.id == group.best(_ids(material))), material.stories[0])
        near = " ".join(map(escaped, nearest(search_words(material), story, 2)))
        roles = joined(map(name, most_common(card.role for card in group.cards)[:2]))
        role = f", as {roles}" if roles else ""
        figure = escaped(as_sentence(group.cards[0].headline)) if not near else ""
        sums = f"{_group(group)}{_length(group, facts.until)}{role}"
        blocks.append(f"{sums}. {heading(story)}: {near or figure}{material.mark(story.id)}")
    return "\n\n".join(blocks)


def _summarise(material: Material, facts: Facts) -> str:
    if not facts.groups:
        return ""
    months = months_covered(_periods(facts.cards), facts.until)
    length = f" over {length_text(months)}" if months else ""
    subject = about(facts.subject)
    opening = (
        f"{stories(facts.total).capitalize()}{f' {subject}' if subject else ''}{with_clients(facts.cards)}{length}"
    )
    lines = []
    for group in facts.groups:
        story_id = group.best(_ids(material))
        card = next(card for card in group.cards if card.id == story_id)
        roles = joined(map(name, most_common(card.role for card in group.cards)[:2]))
        often = joined(map(name, clients(group.cards)[:3]))
        parts = [_group(group), f"as {roles}" if roles else "", f"mainly with {often}" if often else ""]
        line = escaped(as_sentence(clean(card.headline)))
        said = " ".join(filter(None, (f"- {', '.join(filter(None, parts))}.", line)))
        lines.append(f"{said}{material.mark(card.id)}")
    return "\n\n".join([f"{opening}, newest first:", "\n".join(lines)])


_FORMS: Final[Mapping[QuestionKind, Callable[[Material, Facts], str]]] = {
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
    return material.question if question_stems(material.question) else material.asked.query


def evidence(material: Material) -> list[str]:
    lines = []
    for number, story in enumerate(material.stories, 1):
        near = nearest(search_words(material), story, 1)
        lines.append(f"- {heading(story)}{f': {escaped(near[0])}' if near else ''} [{number}]")
    return ["\n".join(lines)] if lines else []

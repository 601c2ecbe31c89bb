"""One story in an answer: what it is called, its sentences nearest to a question, and what it says on one aspect."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from backend_clients.ask.in_process.extractive import as_sentence, clean, escaped, name, title_of
from backend_clients.corpus.summaries import strongest_metric_line
from contracts.rules.questions.aspects import Aspect, emphasis
from contracts.rules.questions.generic_words import stems
from contracts.rules.questions.periods import length_text, month_text, months_covered, years_text
from contracts.rules.questions.sentences import nearest_sentences, split_sentences
from contracts.story import Story

_PEOPLE: Final = re.compile(
    r"\b(?:teams?|people|engineers?|developers?|squads?|staff|analysts?|consultants?|crews?|volunteers?|testers?"
    r"|operators?|managers?|coaches|members)\b",
    re.IGNORECASE,
)
_AMOUNT: Final = re.compile(r"[$€£]\s?\d")
_FIGURE: Final = re.compile(r"\d")
_OF_MONEY: Final = re.compile(
    r"^(?!.*\b(?:time|hours|days)\b).*\b(?:money|budgets?|costs?|sav\w+|revenues?|profits?|spen[dt]\w*|dollars?|euros?)\b",
    re.IGNORECASE,
)
_TROUBLE: Final = re.compile(
    r"\b(?:but|fail\w*|lost|hard\w*|wrong|problem\w*|difficult\w*|mistake\w*|misstep|refus\w+|argu\w+|nearly|against"
    r"|risk\w*|worst|stopped|broke\w*|object\w*|resist\w*)\b",
    re.IGNORECASE,
)
_LESSON: Final = re.compile(
    r"\b(?:learn\w*|lesson\w*|mistake\w*|misstep|wrong|should have|would (?:now|not|do)|regret\w*|since then|instead"
    r"|discover\w*|realis\w*|realiz\w*|first idea)\b",
    re.IGNORECASE,
)


def sentences_of(lines: Iterable[str]) -> list[str]:
    """The sentences of some lines, each ended as one; what only continues another line, or announces one, is none."""
    whole = [text for text in map(clean, lines) if not text[:1].islower() and not text.endswith(":")]
    return [sentence for text in whole for part in split_sentences(text) if (sentence := as_sentence(part))]


def heading(story: Story) -> str:
    """The title with client and years in brackets."""
    years = years_text(story.start_date, story.end_date)
    details = ", ".join(part for part in (name(story.client), years) if part)
    return f"**{title_of(story)}**" + (f" ({details})" if details else "")


def nearest(question: str, story: Story, count: int) -> list[str]:
    """The sentences nearest to a question, those on the part that it emphasizes first, and the best figure.

    The story's summary is used where none is near.
    """
    parts = (*story.situation, *story.task, *story.action, *story.result, *story.performance, *story.process)
    summary = sentences_of((story.curated_summary or story.purpose,))
    lines = list(dict.fromkeys([*summary, *sentences_of(parts)]))
    outcome = sentences_of((strongest_metric_line(story),))
    found = _emphasized(question, story, count)
    if not found:
        found = [lines[place] for place in nearest_sentences(question, lines, count)]
    found = found or summary or lines[:1]
    if len(found) < count and count > 1:
        found += [line for line in outcome[:1] if line not in found]
    return found[:count]


def nearest_figure(question: str, story: Story) -> str:
    """The sentence with a figure that is nearest to a question, an amount where it asks for money; else the nearest."""
    parts = (*story.result, *story.performance, story.scope, *story.situation, *story.task, *story.action)
    lines = list(dict.fromkeys(sentences_of(parts)))
    amounts = [line for line in lines if _AMOUNT.search(line)] if _OF_MONEY.search(question) else []
    shown = amounts or [line for line in lines if _FIGURE.search(line)]
    places = nearest_sentences(question, shown, 1)
    return shown[places[0]] if places else next(iter(amounts or nearest(question, story, 1)), "")


def _emphasized(question: str, story: Story, count: int) -> list[str]:
    """Sentences of the part of a story that a question emphasizes: the nearest, else the first; the best of results."""
    aspect = emphasis(question)
    if aspect is Aspect.RESULT:
        results = sentences_of((strongest_metric_line(story), *story.result, *story.performance))
        return list(dict.fromkeys(results))[: max(1, count - 1)]
    if count == 1 or aspect is Aspect.NONE:
        return []
    fields = (story.purpose, *story.situation) if aspect is Aspect.WHY else (*story.action, *story.process)
    lines = list(dict.fromkeys(sentences_of(fields)))
    near = [lines[place] for place in nearest_sentences(question, lines, count - 1)]
    summary = sentences_of((story.curated_summary,))[:1] if aspect is Aspect.HOW else []
    return [
        *summary,
        *(line for line in lines if line in {*near, *lines[: count - 1 - len(near)]} and line not in summary),
    ]


def says_all(wanted: frozenset[str], story: Story) -> bool:
    """Whether one sentence of a story, or its names and tags together, hold all of some stems."""
    names = " ".join((story.title, story.client, story.industry, story.role, story.capability, *story.tags))
    parts = (*story.situation, *story.task, *story.action, *story.result, *story.performance, *story.process)
    sentences = sentences_of((story.curated_summary, story.purpose, story.scope, *parts))
    return any(wanted <= set(stems(text)) for text in (names, *sentences))


def star(question: str, story: Story, number: int) -> list[str]:
    """Situation, action and result of a story, a paragraph each; empty where it lacks them."""
    action = sentences_of(story.action)
    best = [action[place] for place in nearest_sentences(question, action, 3)]
    outcome = [line for line in sentences_of((strongest_metric_line(story), *story.result)) if line]
    parts = {
        "Situation": sentences_of(story.situation)[:2],
        "Task": sentences_of(story.task)[:1],
        "Action": best if len(best) > 1 else action[:3],
        "Result": list(dict.fromkeys(outcome))[:2],
    }
    return [f"**{label}:** {' '.join(map(escaped, lines))} [{number}]" for label, lines in parts.items() if lines]


def on_aspect(aspect: Aspect, question: str, story: Story) -> list[str]:
    """What a story says on one aspect, as escaped sentences; empty where it says nothing."""
    if aspect is Aspect.DURATION:
        return [escaped(line) for line in _duration(story)]
    if aspect is Aspect.ROLE:
        return [*_role(story), *map(escaped, sentences_of(story.task)[:2])]
    if aspect is Aspect.TECHNOLOGIES:
        return [f"The story's tags are {joined(map(name, story.tags))}."] if story.tags else []
    if aspect is Aspect.CLIENT:
        return _client(story)
    if aspect is Aspect.PLACE:
        return [f"It was in {name(story.place)}."] if story.place else []
    return [escaped(line) for line in _own_sentences(aspect, question, story)]


def _own_sentences(aspect: Aspect, question: str, story: Story) -> Sequence[str]:
    """The story's own sentences on an aspect."""
    trouble = [line for line in sentences_of(story.action) if _TROUBLE.search(line)]
    outcome = dict.fromkeys(sentences_of((strongest_metric_line(story), *story.result, *story.performance)))
    by_aspect: dict[Aspect, Sequence[str]] = {
        Aspect.RESULT: list(outcome),
        Aspect.WHY: [*sentences_of((story.purpose,))[:1], *sentences_of(story.situation)],
        Aspect.HOW: list(dict.fromkeys(sentences_of((*story.action, *story.process)))),
        Aspect.TEAM: _lines(_PEOPLE, (story.scope, *story.situation, *story.task, *story.action, *story.process)),
        Aspect.CHALLENGE: [*sentences_of(story.situation)[:1], *trouble],
        Aspect.LESSON: _lines(_LESSON, (*story.action, *story.process, *story.result)),
    }
    return by_aspect[aspect][:3] if aspect in by_aspect else nearest(question, story, 3)


def _lines(pattern: re.Pattern[str], lines: Iterable[str]) -> list[str]:
    return [line for line in sentences_of(lines) if pattern.search(line)]


def _duration(story: Story) -> list[str]:
    if not story.start_date:
        return []
    if not story.end_date:
        return [f"It began in {month_text(story.start_date)} and goes on."]
    months = months_covered([(story.start_date, story.end_date)])
    return [
        f"It ran from {month_text(story.start_date)} to {month_text(story.end_date)}: {length_text(months)}.",
    ]


def _role(story: Story) -> list[str]:
    if not story.role:
        return []
    employer = name(story.employer) if story.employer.casefold() != "self" else ""
    project = f" on {name(story.project)}" if story.project else ""
    return [f"The role was {name(story.role)}{project}{f', for {employer}' if employer else ''}."]


def _client(story: Story) -> list[str]:
    about = ", ".join(part for part in (name(story.division), name(story.place)) if part)
    industry = f", in {name(story.industry)}" if story.industry else ""
    return [f"It was for {name(story.client)}{f' ({about})' if about else ''}{industry}."] if story.client else []


def joined(parts: Iterable[str]) -> str:
    """ "a, b and c"."""
    *first, last = list(parts) or [""]
    return f"{', '.join(first)} and {last}" if first else last

"""The narrative of an answer, in the form that its kind of question asks for."""

from typing import Final

from contracts.rules.names.named_stories import foreign_names
from contracts.rules.questions.aspects import Aspect, aspect_of
from contracts.rules.questions.generic_words import content_words
from contracts.rules.questions.kinds import QuestionKind, asks_for_number, asks_for_sector, parts_of
from contracts.rules.questions.sentences import question_stems, shared_stems
from contracts.rules.questions.subjects import as_written
from contracts.rules.questions.themes import find_theme
from contracts.rules.synonyms import related_query
from lambdas.ask.answers.aggregate_answers import Material, counted, evidence, search_words
from lambdas.ask.answers.aggregate_wording import covers
from lambdas.ask.answers.markdown import escaped, name, sentence
from lambdas.ask.answers.story_prose import heading, joined, nearest, nearest_figure, on_aspect, says_all, star

_NOTHING_SAID: Final = {
    Aspect.TEAM: "The story does not say how large the team was.",
    Aspect.DURATION: "The story is not dated.",
    Aspect.TECHNOLOGIES: "The story names no technologies.",
    Aspect.ROLE: "The story names no role.",
    Aspect.CLIENT: "The story names no client.",
    Aspect.PLACE: "The story names no place.",
    Aspect.RESULT: "The story tells no result.",
    Aspect.LESSON: "The story does not say in so many words what was learned.",
}


def narrate(material: Material) -> str:
    """The narrative as Markdown with `[n]` marks; its first line says which words no story mentions."""
    return "\n\n".join(part for part in (_unknown(material), _form(material)) if part)


def _unknown(material: Material) -> str:
    if not material.unknown:
        return ""
    missing = {word.casefold() for word in material.unknown}
    known = [as_written(material.question, word) for word in content_words(material.question) if word not in missing]
    about = f"; about {escaped(' '.join(known))}:" if known else "."
    return f"No story mentions {joined(name(as_written(material.question, word)) for word in material.unknown)}{about}"


def _form(material: Material) -> str:
    kind = material.resolved.kind
    if (material.is_locked or material.resolved.story_id) and (foreign := _something_else(material)):
        return foreign
    if material.resolved.aspect is not Aspect.NONE:
        return _aspect(material)
    if answer := counted(material):
        return answer
    if kind is QuestionKind.YES_NO and question_stems(material.resolved.subject):
        return _not_counted(material)
    if kind is QuestionKind.EXPERIENCE and (parts := star(material.question, material.stories[0], 1)):
        return "\n\n".join([f"{heading(material.stories[0])} [1]", *parts, *_also(material, 1)])
    return _figures(material) if asks_for_number(material.question) else _what_how(material)


def denied(material: Material) -> str:
    """What is said where a yes-or-no question names something that no story has; "" where one has some of it."""
    aggregation = material.aggregation
    if aggregation is not None and aggregation.when and not aggregation.cards:
        return f"No story is dated {aggregation.when}."
    if material.resolved.kind is not QuestionKind.YES_NO or aggregation is None or aggregation.cards:
        return ""
    subject = aggregation.subject
    words = f"{material.resolved.subject} {related_query(material.resolved.subject)}"
    held = shared_stems(words, (text for story in material.stories for text in story.texts()))
    if subject.words and held:
        return ""
    return f"No: no story {covers(subject, question=material.question)}."


def _what_how(material: Material) -> str:
    first = material.stories[0]
    near = " ".join(map(escaped, nearest(search_words(material), first, 3)))
    opening = f"{heading(first)}: {near} [1]" if near else f"{heading(first)}. [1]"
    return "\n\n".join([opening, *_second_part(material, near), *_also(material, 1)])


def _figures(material: Material) -> str:
    """What the stories say in figures of something that cannot be counted over them."""
    lines = []
    for number, story in enumerate(material.stories, 1):
        near = nearest_figure(material.question, story)
        lines.append(f"- {heading(story)}{f': {escaped(near)}' if near else ''} [{number}]")
    return "\n\n".join(["The stories give no total. What the nearest say:", "\n".join(lines)])


def _second_part(material: Material, text: str) -> list[str]:
    """What the first story says on the second part of a question, as "and what were the results?" is one."""
    _, second = parts_of(material.question)
    if not second or content_words(second):
        return []
    lines = [line for line in on_aspect(aspect_of(second), second, material.stories[0]) if line not in text]
    return [f"{' '.join(lines)} [1]"] if lines else []


def _also(material: Material, skipped: int) -> list[str]:
    """The other stories, a line each with the sentence that makes it matter."""
    lines = []
    for number, story in enumerate(material.stories[skipped:], skipped + 1):
        near = nearest(search_words(material), story, 1)
        lines.append(f"- {heading(story)}{f': {escaped(near[0])}' if near else ''} [{number}]")
    return ["Also relevant:\n\n" + "\n".join(lines)] if lines else []


def _aspect(material: Material) -> str:
    story = material.stories[0]
    if material.resolved.aspect is Aspect.MORE and (parts := star(material.resolved.query, story, 1)):
        return "\n\n".join([f"{heading(story)} [1]", *parts])
    lines = on_aspect(material.resolved.aspect, material.resolved.query, story)
    text = " ".join(lines) or _NOTHING_SAID.get(material.resolved.aspect, "")
    if not lines and material.resolved.aspect in (Aspect.TEAM, Aspect.LESSON, Aspect.RESULT):
        text = f"{text} {' '.join(map(escaped, nearest(material.resolved.query, story, 2)))}"
    return f"{heading(story)}: {text.strip()} [1]"


def _something_else(material: Material) -> str:
    """What is said where a question is about something that the locked story does not mention."""
    story = material.stories[0]
    named = content_words(material.question)
    if not named or shared_stems(" ".join(named), story.texts()):
        named = foreign_names(material.question, story)
    if not named:
        return ""
    about = sentence(story.curated_summary) or sentence(story.purpose)
    quoted = [f"\N{LEFT DOUBLE QUOTATION MARK}{name(word)}\N{RIGHT DOUBLE QUOTATION MARK}" for word in named]
    text = f"This story does not mention {' or '.join(quoted)}."
    return f"{text} It is {heading(story)}{f': {escaped(about)}' if about else '.'} [1]"


def _not_counted(material: Material) -> str:
    """Yes where a sentence of a story, or its tags, have all that was asked for; else the nearest, without a claim."""
    wanted = question_stems(material.resolved.subject)
    aggregation = material.aggregation
    is_compound = aggregation is not None and any(
        "-" in word for word in aggregation.subject.words
    )  # "hands-on" is not "hands"
    is_apart = is_compound or asks_for_sector(material.resolved.subject)
    whole = [story for story in material.stories if says_all(wanted, story) and not is_apart]
    opening = "Yes, as these stories show:" if whole else "No story says so in as many words. The nearest:"
    if find_theme(material.resolved.subject) or not content_words(material.resolved.subject):
        opening = "The stories that come nearest to it:"
    elif len(material.stories) == 1:
        unsaid = "The story does not say so in as many words:" if material.resolved.story_id else opening
        opening = "Yes, as this story shows:" if whole else unsaid
    return "\n\n".join([opening, *evidence(material)])

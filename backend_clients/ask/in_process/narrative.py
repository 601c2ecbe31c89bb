"""The narrative of an answer, in the form that its kind of question asks for."""

from typing import Final

from backend_clients.ask.in_process.extractive import as_sentence, escaped, name
from backend_clients.ask.in_process.fact_answers import Material, counted, evidence, search_words
from backend_clients.ask.in_process.fact_wording import covers
from backend_clients.ask.in_process.story_prose import heading, joined, nearest, on_aspect, star
from contracts.rules.questions.generic_words import content_words
from contracts.rules.questions.kinds import Aspect, QuestionKind
from contracts.rules.questions.sentences import question_stems, shared_stems
from contracts.rules.questions.subjects import as_written

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
    kind = material.asked.kind
    if (material.is_locked or material.asked.story_id) and (foreign := _something_else(material)):
        return foreign
    if material.asked.aspect is not Aspect.NONE:
        return _aspect(material)
    if told := counted(material):
        return told
    if kind is QuestionKind.YES_NO and question_stems(material.asked.subject):
        return _not_counted(material)
    if kind is QuestionKind.EXPERIENCE and (parts := star(material.question, material.stories[0], 1)):
        return "\n\n".join([f"{heading(material.stories[0])} [1]", *parts, *_also(material, 1)])
    return _what_how(material)


def denied(material: Material) -> str:
    """What is said where a yes-or-no question names something that no story has; "" where one has some of it."""
    facts = material.facts
    if material.asked.kind is not QuestionKind.YES_NO or facts is None or facts.cards:
        return ""
    subject = facts.subject
    held = shared_stems(material.asked.subject, (text for story in material.stories for text in story.texts()))
    if subject.words and held:
        return ""
    return f"No: no story {covers(subject, question=material.question)}."


def _what_how(material: Material) -> str:
    first = material.stories[0]
    told = " ".join(map(escaped, nearest(search_words(material), first, 3)))
    return "\n\n".join([f"{heading(first)}: {told} [1]" if told else f"{heading(first)}. [1]", *_also(material, 1)])


def _also(material: Material, told: int) -> list[str]:
    """The other stories, a line each with the sentence that makes it matter."""
    lines = []
    for number, story in enumerate(material.stories[told:], told + 1):
        near = nearest(search_words(material), story, 1)
        lines.append(f"- {heading(story)}{f': {escaped(near[0])}' if near else ''} [{number}]")
    return ["Also relevant:\n\n" + "\n".join(lines)] if lines else []


def _aspect(material: Material) -> str:
    story = material.stories[0]
    if material.asked.aspect is Aspect.MORE and (parts := star(material.asked.query, story, 1)):
        return "\n\n".join([f"{heading(story)} [1]", *parts])
    told = on_aspect(material.asked.aspect, material.asked.query, story)
    said = " ".join(told) or _NOTHING_SAID.get(material.asked.aspect, "")
    if not told and material.asked.aspect in (Aspect.TEAM, Aspect.LESSON, Aspect.RESULT):
        said = f"{said} {' '.join(map(escaped, nearest(material.asked.query, story, 2)))}"
    return f"{heading(story)}: {said.strip()} [1]"


def _something_else(material: Material) -> str:
    """What is said where a question is about something that the locked story does not mention."""
    story = material.stories[0]
    named = content_words(material.question)
    if not named or shared_stems(" ".join(named), story.texts()):
        return ""
    about = as_sentence(story.curated_summary) or as_sentence(story.purpose)
    said = f"This story does not mention {joined(map(name, named))}."
    return f"{said} It is {heading(story)}{f': {escaped(about)}' if about else '.'} [1]"


def _not_counted(material: Material) -> str:
    """Yes where one story has all that was asked for, else the nearest without a claim."""
    wanted = question_stems(material.asked.subject)
    texts = [list(story.texts()) for story in material.stories]
    whole = [place for place, text in enumerate(texts) if shared_stems(material.asked.subject, text) == wanted]
    opening = "Yes, as these stories show:" if whole else "No story says so in as many words. The nearest:"
    if len(material.stories) == 1:
        opening = "Yes, as this story shows:" if whole else opening
    return "\n\n".join([opening, *evidence(material)])

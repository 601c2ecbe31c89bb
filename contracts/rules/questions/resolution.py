"""Resolves a question in its conversation: mode words, follow-ups and the topic that they continue."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from contracts.ask import AnswerMode, Source
from contracts.conversations import Turn
from contracts.rules.questions.aspects import Aspect, aspect_of, standing_aspect
from contracts.rules.questions.follow_ups import STANDING, FollowUp, Link, is_generic, moved_question, read_follow_up
from contracts.rules.questions.generic_words import FUNCTION_WORDS, words
from contracts.rules.questions.kinds import QuestionKind, classify, listed_facet
from contracts.rules.questions.organizations import is_aggregate
from contracts.rules.questions.persons import with_pronouns
from contracts.rules.questions.subjects import Vocabulary, find_subject, in_known_forms_of
from contracts.rules.questions.times import asked_time
from contracts.search import MAX_QUERY

_MODE_WORDS: Final = {mode.value.replace("_", " "): mode for mode in AnswerMode}
_GAP: Final = re.compile(r"[\s_-]+")
_THERE: Final = re.compile(
    r"\bthere\b|\b(?:at|for|with)\s+(?:that|this|the\s+same)\s+(?:client|company|bank|employer|customer|place)\b"
    r"|\b(?:for|with)\s+them\b",
    re.IGNORECASE,
)
_SEVERAL: Final = re.compile(
    r"\b(?:clients|companies|customers|industries|sectors|projects|stories|engagements|employers|banks)\b|\bof\s+(?:them|these|those)\b",
    re.IGNORECASE,
)
_COMPARATIVE: Final = re.compile(r"\b(?:which|who|better|more|less|most|\w{3,}er)\b", re.IGNORECASE)
_ENDING: Final = "Also relevant:"
_COUNTED: Final = (QuestionKind.COUNT, QuestionKind.DURATION, QuestionKind.WHICH)
_OF_MANY: Final = (*_COUNTED, QuestionKind.YES_NO, QuestionKind.SUMMARISE, QuestionKind.COMPARE)


@dataclass(frozen=True, slots=True)
class ResolvedQuestion:
    """What to search for, and which form the answer takes.

    `subject` is the question that names the topic; `story_id` the story that the conversation stays with, and
    `story_match` how well it matched; `excluded` are stories cited before, where another one is wanted. `text` is the
    question itself, with the owner's name as a pronoun.
    """

    query: str
    subject: str
    kind: QuestionKind
    aspect: Aspect = Aspect.NONE
    story_id: str = ""
    story_match: int = 0
    excluded: tuple[str, ...] = ()
    is_standing: bool = True
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Topic:
    """The last answered question that stands by itself, the sources of the last answer, and all cited since.

    `listed` are the sources of the last answer with several: "the second one" is one of them. `answer` is the text of
    the last answer on its first story.
    """

    question: str
    kind: QuestionKind
    sources: tuple[Source, ...]
    cited: tuple[str, ...]
    listed: tuple[Source, ...] = ()
    answer: str = ""

    def texts(self) -> list[str]:
        return [self.question, *(text for source in self.sources[:1] for text in (source.title, source.client))]


def collapsed(text: str) -> str:
    """The text with every run of whitespace as a single space."""
    return " ".join(text.split())


def mode_word(question: str) -> AnswerMode | None:
    """The mode that the question names and nothing else."""
    return _MODE_WORDS.get(_GAP.sub(" ", question.strip().lower().rstrip(".!?")))


def resolve(question: str, history: Sequence[Turn], vocabulary: Vocabulary) -> ResolvedQuestion:
    """A question with what it continues."""
    topic: _Topic | None = None
    for turn in history:
        if not turn.refused and turn.sources and mode_word(turn.question) is None:
            topic = _after(turn, topic, vocabulary)
    text = _plain(question, vocabulary)
    resolved = _resolved(text, topic, vocabulary)
    if resolved.kind is QuestionKind.SUMMARISE and FUNCTION_WORDS.issuperset(words(resolved.query)):
        return replace(
            resolved, query=_cut(f"{resolved.query} career"), text=text
        )  # "Who is he?" has no word to search for
    return replace(resolved, text=text)


def _plain(question: str, vocabulary: Vocabulary) -> str:
    """The question in one line, with the owner's name as a pronoun and abbreviations as the corpus has them."""
    return in_known_forms_of(with_pronouns(collapsed(question), vocabulary.get("owner", ())), vocabulary)


def about_one_story(question: str, vocabulary: Vocabulary) -> ResolvedQuestion:
    """A question that is limited to a story, whatever was answer before."""
    text = _plain(question, vocabulary)
    kind = classify(text)
    aspect = aspect_of(text) if is_generic(text) else standing_aspect(text)
    if kind is QuestionKind.SUMMARISE:
        aspect = Aspect.MORE
    if kind is not QuestionKind.EXPERIENCE:
        kind = QuestionKind.WHAT_HOW
    return ResolvedQuestion(_cut(text), text, kind, aspect, text=text)


def _after(turn: Turn, topic: _Topic | None, vocabulary: Vocabulary) -> _Topic:
    """The topic once a turn is answered."""
    cited = tuple(source.id for source in turn.sources)
    question = _plain(turn.question, vocabulary)
    resolved = _resolved(question, topic, vocabulary)
    answer = turn.answer.split(_ENDING, maxsplit=1)[0]
    if topic is not None and not resolved.is_standing:
        listed = turn.sources if len(turn.sources) > 1 else topic.listed
        return replace(topic, sources=turn.sources, cited=(*topic.cited, *cited), listed=listed, answer=answer)
    if turn.story_id or (topic is None and is_generic(question)):
        title = collapsed(turn.sources[0].title)
        return _Topic(title, QuestionKind.WHAT_HOW, turn.sources, cited, turn.sources, answer)
    listed = topic.listed if topic is not None and resolved.story_id and len(turn.sources) == 1 else turn.sources
    return _Topic(resolved.subject, resolved.kind, turn.sources, (*resolved.excluded, *cited), listed, answer)


def _resolved(question: str, topic: _Topic | None, vocabulary: Vocabulary) -> ResolvedQuestion:
    link = read_follow_up(question, topic.texts(), vocabulary, topic.answer) if topic else STANDING
    if topic is None or link.link is Link.STANDS:
        return ResolvedQuestion(_cut(question), question, _kind(question, vocabulary), standing_aspect(question))
    if link.link is Link.MOVES:
        moved = moved_question(topic.question, question, vocabulary)
        return ResolvedQuestion(_cut(moved), moved, topic.kind, standing_aspect(moved))
    if link.link is Link.ANOTHER:
        return _another(question, link, topic)
    if link.link is Link.THERE and _is_place(topic.sources[0].client):
        return _there(question, topic.sources[0])
    if link.link is Link.SOURCE and (source := _source(link, topic.listed)):
        return _of_source(question, source, topic)
    return _continued(question, topic)


def _of_source(question: str, source: Source, topic: _Topic) -> ResolvedQuestion:
    """The question about one of the sources: its story, or its client where clients were listed and are counted."""
    kind, title = classify(question), collapsed(source.title)
    if kind in _COUNTED and topic.kind in _OF_MANY and _is_place(source.client):
        counted = f"{question.rstrip(' ?.!')} at {collapsed(source.client)}?"
        return ResolvedQuestion(_cut(counted), counted, kind)
    aspect = aspect_of(question) or Aspect.MORE
    return ResolvedQuestion(_cut(f"{title} {question}"), title, QuestionKind.WHAT_HOW, aspect, source.id, source.match)


def _kind(question: str, vocabulary: Vocabulary) -> QuestionKind:
    """The kind of a question; one about a time and nothing else lists the stories of that time."""
    kind = classify(question)
    if kind is QuestionKind.WHAT_HOW and asked_time(question) and not find_subject(question, vocabulary).words:
        return QuestionKind.WHICH
    return kind


def _is_place(client: str) -> bool:
    return bool(client) and not is_aggregate(client)


def _another(question: str, link: FollowUp, topic: _Topic) -> ResolvedQuestion:
    """The question for another story: of the topic, or of the client of the story that was answered from."""
    client = collapsed(topic.sources[0].client)
    if link.there and _is_place(client):
        text = _THERE.sub(lambda _: f"at {client}", question, count=1)
        return ResolvedQuestion(_cut(text), text, QuestionKind.WHAT_HOW, excluded=_answered_from(topic))
    kind = QuestionKind.WHAT_HOW if topic.kind in _OF_MANY else topic.kind
    query = _cut(f"{topic.question} {question}")
    return ResolvedQuestion(query, topic.question, kind, excluded=topic.cited, is_standing=False)


def _answered_from(topic: _Topic) -> tuple[str, ...]:
    """The stories that were answered from: those cited beside them may be asked for next."""
    cited = {source.id for source in (*topic.listed, *topic.sources)}
    return tuple(story_id for story_id in topic.cited if story_id not in cited or story_id == topic.sources[0].id)


def _there(question: str, source: Source) -> ResolvedQuestion:
    """The question about the client of the story that was answered from last."""
    place = f"at {collapsed(source.client)}"
    text = _THERE.sub(lambda _: place, question, count=1)
    kind, generic = classify(question), is_generic(question)
    if generic and kind not in _COUNTED:
        aspect = aspect_of(question) or Aspect.MORE
        return ResolvedQuestion(_cut(text), text, QuestionKind.WHAT_HOW, aspect, source.id, source.match)
    return ResolvedQuestion(_cut(text), text, kind)


def _source(link: FollowUp, sources: Sequence[Source]) -> Source | None:
    place = len(sources) if link.source < 0 else link.source
    return sources[place - 1] if 0 < place <= len(sources) else None


def _continued(question: str, topic: _Topic) -> ResolvedQuestion:
    kind = classify(question)
    text = f"{topic.question} {question}"
    if topic.kind is QuestionKind.COMPARE and not is_generic(question) and _COMPARATIVE.search(question):
        return ResolvedQuestion(_cut(text), topic.question, topic.kind, is_standing=False)
    if kind in _COUNTED and (topic.kind in _OF_MANY or _wants_several(question)):
        return ResolvedQuestion(_cut(text), text, kind, is_standing=False)
    first = topic.sources[0]
    aspect = aspect_of(question) if is_generic(question) else Aspect.NONE
    if aspect is Aspect.NONE and is_generic(question):
        aspect = Aspect.MORE
    answered_as = (
        QuestionKind.YES_NO if kind is QuestionKind.YES_NO and aspect is Aspect.NONE else QuestionKind.WHAT_HOW
    )
    return ResolvedQuestion(_cut(text), question, answered_as, aspect, first.id, first.match, is_standing=False)


def _wants_several(question: str) -> bool:
    """Whether a question lists clients, industries or stories, which one story does not have."""
    return bool(_SEVERAL.search(question)) and listed_facet(question) in ("", "clients", "industries", "employers")


def _cut(query: str) -> str:
    return query[-MAX_QUERY:].strip()

"""Resolving a question in the light of the conversation: mode words, follow-ups and what they continue."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from contracts.ask import AnswerMode, Source
from contracts.conversations import Turn
from contracts.rules.questions.follow_ups import STANDING, FollowUp, Link, is_generic, moved_question, read_follow_up
from contracts.rules.questions.kinds import Aspect, QuestionKind, aspect_of, classify, standing_aspect
from contracts.rules.questions.subjects import Vocabulary, is_aggregate
from contracts.search import MAX_QUERY

_MODE_WORDS: Final = {mode.value.replace("_", " "): mode for mode in AnswerMode}
_GAP: Final = re.compile(r"[\s_-]+")
_THERE: Final = re.compile(
    r"\bthere\b|\b(?:at|for|with)\s+(?:that|this|the\s+same)\s+(?:client|company|bank|employer|customer|place)\b",
    re.IGNORECASE,
)
_COUNTED: Final = (QuestionKind.COUNT, QuestionKind.DURATION, QuestionKind.WHICH)
_OF_MANY: Final = (*_COUNTED, QuestionKind.YES_NO, QuestionKind.SUMMARISE, QuestionKind.COMPARE)


@dataclass(frozen=True, slots=True)
class ResolvedQuestion:
    """What to search for, and which form the answer takes.

    `subject` is the question that says what it is about; `story_id` the story that the conversation stays with, as
    well as it matched, and `seen` the stories that another one is asked for beside.
    """

    query: str
    subject: str
    kind: QuestionKind
    aspect: Aspect = Aspect.NONE
    story_id: str = ""
    story_match: int = 0
    seen: tuple[str, ...] = ()
    is_standing: bool = True


@dataclass(frozen=True, slots=True)
class _Topic:
    """The last answered question that stands by itself, the sources told last, and all that were told since.

    `listed` are the sources of the last answer that told of several: "the second one" is one of them.
    """

    question: str
    kind: QuestionKind
    sources: tuple[Source, ...]
    seen: tuple[str, ...]
    listed: tuple[Source, ...] = ()

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
    return _resolved(collapsed(question), topic, vocabulary)


def about_one_story(question: str) -> ResolvedQuestion:
    """A question that is limited to a story, whatever was said before."""
    text, kind = collapsed(question), classify(question)
    aspect = aspect_of(text) if is_generic(text) else standing_aspect(text)
    if kind is QuestionKind.SUMMARISE:
        aspect = Aspect.MORE
    if kind is not QuestionKind.EXPERIENCE:
        kind = QuestionKind.WHAT_HOW
    return ResolvedQuestion(_cut(text), text, kind, aspect)


def _after(turn: Turn, topic: _Topic | None, vocabulary: Vocabulary) -> _Topic:
    """The topic once a turn is answered."""
    told = tuple(source.id for source in turn.sources)
    asked = _resolved(collapsed(turn.question), topic, vocabulary)
    if topic is not None and not asked.is_standing:
        listed = turn.sources if len(turn.sources) > 1 else topic.listed
        return replace(topic, sources=turn.sources, seen=(*topic.seen, *told), listed=listed)
    if turn.story_id or (topic is None and is_generic(turn.question)):
        return _Topic(collapsed(turn.sources[0].title), QuestionKind.WHAT_HOW, turn.sources, told, turn.sources)
    listed = topic.listed if topic is not None and asked.story_id and len(turn.sources) == 1 else turn.sources
    return _Topic(asked.subject, asked.kind, turn.sources, told, listed)


def _resolved(question: str, topic: _Topic | None, vocabulary: Vocabulary) -> ResolvedQuestion:
    link = read_follow_up(question, topic.texts(), vocabulary) if topic else STANDING
    if topic is None or link.link is Link.STANDS:
        return ResolvedQuestion(_cut(question), question, classify(question), standing_aspect(question))
    if link.link is Link.MOVES:
        moved = moved_question(topic.question, question, vocabulary)
        return ResolvedQuestion(_cut(moved), moved, topic.kind)
    if link.link is Link.ANOTHER:
        kind = QuestionKind.WHAT_HOW if topic.kind in _OF_MANY else topic.kind
        return ResolvedQuestion(
            _cut(f"{topic.question} {question}"), topic.question, kind, seen=topic.seen, is_standing=False
        )
    if link.link is Link.THERE and not is_aggregate(topic.sources[0].client) and topic.sources[0].client:
        return _there(question, topic.sources[0])
    if link.link is Link.SOURCE and (source := _source(link, topic.listed)):
        aspect = aspect_of(question) or Aspect.MORE
        title = collapsed(source.title)
        return ResolvedQuestion(
            _cut(f"{title} {question}"), title, QuestionKind.WHAT_HOW, aspect, source.id, source.match
        )
    return _continued(question, topic)


def _there(question: str, source: Source) -> ResolvedQuestion:
    """The question about the client of the story told last."""
    place = f"at {collapsed(source.client)}"
    asked = _THERE.sub(lambda _: place, question, count=1)
    kind, generic = classify(question), is_generic(question)
    if generic and kind not in _COUNTED:
        aspect = aspect_of(question) or Aspect.MORE
        return ResolvedQuestion(_cut(asked), asked, QuestionKind.WHAT_HOW, aspect, source.id, source.match)
    return ResolvedQuestion(_cut(asked), asked, kind)


def _source(link: FollowUp, sources: Sequence[Source]) -> Source | None:
    place = len(sources) if link.source < 0 else link.source
    return sources[place - 1] if 0 < place <= len(sources) else None


def _continued(question: str, topic: _Topic) -> ResolvedQuestion:
    kind = classify(question)
    asked = f"{topic.question} {question}"
    if kind in _COUNTED and topic.kind in _OF_MANY:
        return ResolvedQuestion(_cut(asked), asked, kind, is_standing=False)
    first = topic.sources[0]
    aspect = aspect_of(question) if is_generic(question) else Aspect.NONE
    if aspect is Aspect.NONE and is_generic(question):
        aspect = Aspect.MORE
    return ResolvedQuestion(
        _cut(asked), question, QuestionKind.WHAT_HOW, aspect, first.id, first.match, is_standing=False
    )


def _cut(query: str) -> str:
    return query[-MAX_QUERY:].strip()

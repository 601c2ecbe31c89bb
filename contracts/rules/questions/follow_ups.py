"""How a question hangs together with what was asked before it, by its words alone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from contracts.rules.questions.generic_words import content_words, stem, words
from contracts.rules.questions.kinds import QuestionKind, classify, opening_left_out
from contracts.rules.questions.subjects import Name, Subject, Vocabulary, as_written, find_subject
from contracts.rules.questions.times import asked_time


class Link(StrEnum):
    """The link of a question to the topic of a conversation."""

    STANDS = "stands"
    CONTINUES = "continues"
    ANOTHER = "another"
    SOURCE = "source"
    THERE = "there"
    MOVES = "moves"


@dataclass(frozen=True)
class FollowUp:
    """A question's link to the topic, and the number of the source that it means, -1 for the last.

    A question for something else may ask it of the client of the last story: `there`.
    """

    link: Link
    source: int = 0
    there: bool = False


STANDING: Final = FollowUp(Link.STANDS)
_LONGEST: Final = 12  # words; in a longer question "it" means something within it
_BRIEF: Final = 6
_OF_ONE_WORD: Final = 4
_DETERMINERS: Final = frozenset({"the", "your", "his", "her"})
_NUMBERS: Final = {
    "first": 1, "1st": 1, "former": 1, "one": 1, "second": 2, "2nd": 2, "two": 2, "third": 3, "3rd": 3, "three": 3,
    "fourth": 4, "4th": 4, "four": 4, "fifth": 5, "5th": 5, "five": 5, "latter": -1, "last": -1, "other": 2,
}  # fmt: skip
_THING: Final = (
    r"(?:one|project|story|example|source|engagement|case|program|programme|client|of\s+(?:them|those|these))"
)
_MARK: Final = re.compile(r"\[\s*(\d{1,2})\s*\]")
_NUMBERED: Final = re.compile(
    rf"\b(?:the\s+)?(first|1st|second|2nd|third|3rd|fourth|4th|fifth|5th|former|latter|last|other)"
    rf"(?:\s+{_THING}\b|(?=\W*$))|\b(?:number|no\.?|story|source|project|option)\s*#?\s*(one|two|three|four|five|\d)\b|#(\d)\b",
    re.IGNORECASE,
)
_THAT: Final = re.compile(
    rf"\b(?:that|this)\s+(?:same\s+)?{_THING}\b|\bthe\s+same\s+(?:one|project|story|engagement)\b", re.IGNORECASE
)
_THERE: Final = re.compile(
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )\bthere\b(?!\s+(?:is|are|was|were|any|a|an)\b)"
    r"|\b(?:was|were|is)\s+(?:he|she|you|they|it)\s+there\b"
    r"|\b(?:at|for|with)\s+(?:that|this|the\s+same)\s+(?:client|company|bank|employer|customer|place)\b"
    r"|\b(?:for|with)\s+them\b",
    re.IGNORECASE,
)
_ANOTHER: Final = re.compile(
    r"\b(?:another|what\s+else|anything\s+else|any\s+others?|any\s+more|other\s+(?:examples?|projects?|stories|ones?|cases?)"
    r"|more\s+(?:examples?|projects|stories|like)|something\s+else|next\s+(?:one|example|story)|a\s+different\s+(?:one|example))\b",
    re.IGNORECASE,
)
_REFERENCE: Final = re.compile(
    r"\b((?-i:[Ii]t)|its|they|them|their|those|these|this)\b"  # capitals mean information technology
    r"|^which\s+(?:one|was|is)\b|\bthe\s+(?:\w+\s+)?ones?\b"
    r"|\b(?:about|after|at|before|by|did|do|does|for|from|in|is|like|of|on|to|was|were|with|why|how|would) that\b"
    r"|^that\b|\bthat(?=\W*$)",
    re.IGNORECASE,
)
_CONNECTIVE: Final = re.compile(
    r"^(?:(?:and|but|so|also|or|then|ok|okay)\b[\s,]*)?(?:what\s+about|how\s+about|the\s+same\s+(?:for|at|in|with)|same\s+(?:for|at|in|with)"
    r"|did\s+(?:he|she|you|they)\s+do\s+(?:that|the\s+same|it|this)(?:\s+too)?\s+(?:at|in|for|with))\b|^(?:and|but|or|also)\b",
    re.IGNORECASE,
)
_WHOLE_CAREER: Final = re.compile(
    r"\b(?:has|have)\s+(?:he|she|you|they)\b|\bdo(?:es)?\s+(?:he|she|you)\s+(?:know|have|bring|speak|work)\b"
    r"|\b(?:in\s+total|overall|altogether|career|so\s+far|ever|of\s+(?:your|his|her)\s+(?:\w+\s+)?(?:clients|projects))\b"
    r"|\b(?:your|his|her)\s+(?:\w+\s+)?(?:clients|industries|skills|roles|strengths|technologies|capabilities)\b",
    re.IGNORECASE,
)
_OF_PERSON: Final = re.compile(r"\b(?:he|she|you|his|her|your|him)\b", re.IGNORECASE)
_EXAMPLE: Final = re.compile(r"\bexamples?\b", re.IGNORECASE)
_OF_MANY: Final = re.compile(
    r"\b(?:which|how\s+many|any)\s+of\s+(?:them|these|those)\b|^which\s+ones?\b", re.IGNORECASE
)
_OF_ONE: Final = re.compile(
    r"^(?:and\s+)?what(?:\s+was|\s+were|'s)\s+the\s+(?:\w+\s+)?(?:mistakes?|failures?|achievements?|challenges?|success|decisions?)\W*$",
    re.IGNORECASE,
)
_ORGANIZATIONS: Final = ("clients", "employers")
_WIDE: Final = (QuestionKind.WHICH, QuestionKind.COUNT, QuestionKind.DURATION, QuestionKind.YES_NO)


def is_generic(question: str) -> bool:
    """Whether a question says nothing by itself: it needs a topic, and never becomes one."""
    if content_words(question) or classify(question) in (QuestionKind.SUMMARISE, QuestionKind.COMPARE):
        return False
    return not (classify(question) in _WIDE and _WHOLE_CAREER.search(question)) and not _is_experience(question)


def read_follow_up(question: str, topic: Iterable[str], vocabulary: Vocabulary, answer: str = "") -> FollowUp:
    """The link of a question to a topic.

    Parameters
    ----------
    topic
        The texts of the topic: its question, and title and client of the story that was answered from.
    answer
        The answer's text on that story: a question about a thing in it, which names no person, continues.
    """
    known = {stem(word) for text in topic for word in words(text)}
    subject = find_subject(question, vocabulary)
    named = [name for name in subject.names if not known.issuperset(map(stem, words(name.phrase)))]
    fresh = [name for name in named if name.exact]
    brief = len(question.split()) <= _LONGEST
    if fresh and not _MARK.search(question):
        return _with_new_names(question, subject, fresh, brief=brief)
    new = [word for word in (*subject.words, *(name.phrase for name in named)) if stem(word) not in known]
    if pointed := _pointed(question, new, brief=brief):
        return pointed
    if asked_time(question) is not None and not _REFERENCE.search(question) and not _CONNECTIVE.match(question):
        return STANDING
    if any(name.exact for name in subject.names) and not _REFERENCE.search(question) and classify(question) in _WIDE:
        return STANDING
    if new and brief and not named and not _OF_PERSON.search(question) and _is_in(new, answer):
        return FollowUp(Link.CONTINUES)
    return _without_names(question, new, brief=brief)


def _pointed(question: str, new: list[str], *, brief: bool) -> FollowUp | None:
    """The link of a question that points at a source, at another story or at a client."""
    if mark := _MARK.search(question):
        return FollowUp(Link.SOURCE, int(mark[1]))
    text = opening_left_out(question)
    numbered = _NUMBERED.search(text) if brief else None
    if numbered and not (new and not _THAT.search(text) and len(new) > 1):
        written = next(group for group in numbered.groups() if group).lower()
        return FollowUp(Link.SOURCE, _NUMBERS.get(written) or int(written))
    if _ANOTHER.search(text) and not new:
        return FollowUp(Link.ANOTHER, there=bool(_THERE.search(text)))
    return FollowUp(Link.THERE) if brief and _THERE.search(text) else None


def _is_in(new: list[str], answer: str) -> bool:
    return {stem(word) for word in words(answer)}.issuperset(stem(word) for text in new for word in words(text))


def _with_new_names(question: str, subject: Subject, fresh: list[Name], *, brief: bool) -> FollowUp:
    about_the_same = not subject.words and brief
    if about_the_same and (_CONNECTIVE.search(question) or _names_alone(question, subject)):
        return FollowUp(Link.MOVES)
    if brief and _OF_MANY.search(question):
        return FollowUp(Link.CONTINUES)
    if all(name.facet == "tags" for name in fresh) and brief:
        if _THERE.search(question):
            return FollowUp(Link.THERE)
        if re.search(r"\b(?-i:[Ii]t)\b|\b(?:this|that)\s+(?:one|project|story)\b", question, re.IGNORECASE):
            return FollowUp(Link.CONTINUES)
    return STANDING


def _names_alone(question: str, subject: Subject) -> bool:
    """Whether a question is a preposition and a name: "At Fenwright?"."""
    named = sum(len(name.phrase.split()) for name in subject.names)
    shown = words(question)
    return len(shown) == named + 1 and shown[0] in ("at", "for", "in", "with")


def _without_names(question: str, new: list[str], *, brief: bool) -> FollowUp:
    shown = set(words(question))
    if len(new) == 1 and _CONNECTIVE.search(question) and len(shown) <= _OF_ONE_WORD and shown.isdisjoint(_DETERMINERS):
        return FollowUp(Link.MOVES)  # "and Terraform?"
    if not new and is_generic(question):
        return FollowUp(Link.CONTINUES)
    if brief and (_REFERENCE.search(question) or (not new and not _stands_by_kind(question))):
        return FollowUp(Link.CONTINUES)
    text = question.split()
    if _CONNECTIVE.search(question) and len(text) <= _BRIEF and _DETERMINERS & shown:
        return FollowUp(Link.CONTINUES)
    return STANDING


def _stands_by_kind(question: str) -> bool:
    kind = classify(question)
    if kind in (QuestionKind.SUMMARISE, QuestionKind.COMPARE):
        return True
    return _is_experience(question) or (kind in _WIDE and bool(_WHOLE_CAREER.search(question)))


def _is_experience(question: str) -> bool:
    """Whether a question asks for a story of its own: "give me an example" asks for one of the topic's."""
    put_alone = _EXAMPLE.search(question) or _OF_ONE.search(question)
    return classify(question) is QuestionKind.EXPERIENCE and not put_alone


def moved_question(standing: str, question: str, vocabulary: Vocabulary) -> str:
    """The standing question about what a follow-up names: "And at Fenwright?" puts Fenwright in its client's place."""
    old, new = find_subject(standing, vocabulary), find_subject(question, vocabulary)
    moved = " ".join(standing.split())
    if not new.names and new.words:
        return _with_word(moved, old, as_written(question, new.words[0]))
    for name in new.names:
        before = next(reversed(old.of(name.facet)), None)
        pattern = _written(before.phrase) if before else None
        written = _as_written(question, name)
        if pattern and pattern.search(moved):
            moved = pattern.sub(lambda _: written, moved, count=1)  # noqa: B023  used at once
        else:
            moved = f"{moved.rstrip(' ?.!')} {'at ' if name.facet in _ORGANIZATIONS else 'in '}{written}?"
    return moved


def _with_word(standing: str, old: Subject, word: str) -> str:
    """The standing question with a word in the place of the last tag or word that it is about."""
    before = [*old.words, *(name.phrase for name in old.of("tags"))]
    pattern = _written(before[-1]) if before else None
    if pattern and pattern.search(standing):
        return pattern.sub(lambda _: word, standing, count=1)
    return f"{standing.rstrip(' ?.!')} with {word}?"


def _written(phrase: str) -> re.Pattern[str]:
    """A pattern for a phrase of folded words as a question writes it."""
    return re.compile(r"(?<!\w)" + r"[\W_]+(?:and\W+)?".join(map(re.escape, phrase.split())) + r"(?!\w)", re.IGNORECASE)


def _as_written(question: str, name: Name) -> str:
    if name.facet in _ORGANIZATIONS:
        return name.values[0]
    found = _written(name.phrase).search(question)
    return found[0] if found else name.values[0]

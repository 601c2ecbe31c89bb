"""What a question is about, and whether the stories mention it.

Two things named, one of which the stories know: the question passes, and the other is said to be unknown. A question
that is limited to an organisation for which no story was done, or to an occupation that no story gives the owner, is
answered by no story, however much else of it stories mention.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from contracts.profile import ProfileFacts
from contracts.rules.abbreviations import in_known_forms
from contracts.rules.guard.claims import claimed_creation, claimed_verb, without_agent
from contracts.rules.guard.corpus_terms import CAPITAL, NAME, PROPER, ROLE, TAG, misspelled, term_of
from contracts.rules.guard.occupations import asked_occupation, asked_pastime
from contracts.rules.guard.phrases import KnownTerms, without_shown_theme, without_unknown_products
from contracts.rules.names.ordinary_words import CALENDAR_WORDS, LEGAL_FORMS
from contracts.rules.questions.generic_words import FUNCTION_WORDS, content_words, topic_words, words
from contracts.rules.questions.kinds import QuestionKind, classify
from contracts.rules.questions.technologies import is_everyday_word
from contracts.rules.questions.times import asked_time
from contracts.rules.synonyms import related_words
from contracts.stories import StoryCard

_MOST_QUOTED: Final = 3
_LONG: Final = 5  # content words; a question about a thing has fewer
_QUALITY: Final = re.compile(r"[a-z]{3,}(?:ed|ly|able|ible|ful|less|ous)")
_QUOTABLE: Final = re.compile(r"[^\W\d_][\w-]{0,23}(?: [\w-]{1,12}){0,2}[+#]{0,2}")
NOTHING_CLOSE: Final = "No story comes close to this."
_ANYTHING: Final = frozenset(
    """
    complex complicated
    speed sped faster quicker improved improves improving boost boosted enhance enhanced optimise optimised optimize
    optimized increasing lowered lower
    save saved saves grow grew grown reduce reduced increase increased cut raise raised gain gained achieve
    u ur hw pls plz coworker coworkers colleague colleagues teammate teammates peers
    start finish finished begin began happy enjoy enjoyed like liked love loved hate think thought feel felt mean means
    ideal unwilling
    stand stood stands matter matters count counts depend depends willing free hire hired suit fit favourite favorite
    """.split()  # noqa: SIM905 - a list of words
)
_TRAITS: Final = frozenset(
    """
    style philosophy mindset attitude personality temperament character traits quality qualities weakness weaknesses
    view views opinion habits ethic approach strategy candidate person thinker player ideal range kind type level
    creative analytical strategic empathetic adaptable flexible organised organized reliable decisive resilient
    proactive pragmatic collaborative innovative curious humble honest patient persuasive diplomatic assertive
    technical hands oriented driven minded focused
    communicator listener starter learner motivator collaborator multitasker perfectionist generalist
    """.split()  # noqa: SIM905 - a list of words
)
_OF_A_PERSON: Final = frozenset("he she they you his her your him u".split())  # noqa: SIM905 - a list of words
_ASKS: Final = frozenset("who what when where which why how does did has have is are was can any".split())  # noqa: SIM905
_CAPITALS: Final = r"(?-i:[A-Z])[\w&.+'-]*(?:\s+(?-i:[A-Z])[\w&.+'-]*)*"
_ORGANISATION: Final = re.compile(
    rf"(?:\bat\s+|@\s*)(?:the\s+)?(?P<capital>{_CAPITALS})"
    r"|\b(?:work|works|worked|working|employed|jobs?|hired|fired|career|interned|consulted|consult(?:ing)?|contracting|freelanc\w+|projects?|engagements?|been|role|position"
    r"|tenure|stint|internship|employee|joined?|joining|left|leave|quit)\s+"
    r"(?:(?:at|for|by|@)\s+)(?:the\s+)?(?P<plain>[\w&.+'-]+)"
    r"|\bex[\s-]+(?P<former>(?!wife|husband|girlfriend|boyfriend)[\w&.+'-]+)",
    re.IGNORECASE,
)
_WORK: Final = re.compile(
    r"\b(?:work|works|worked|working|employed|employee|employer|job|hired|career|role|position|tenure|stint|time|years?"
    r"|months|internship|interned|consulted|been|join|joined|left|leave|quit|ex|do|did\s+he\s+do)\b",
    re.IGNORECASE,
)
_NAME_RUN: Final = re.compile(r"[A-Z][\w+#.-]*(?:\s+(?:(?:on|of|the|for|&)\s+)?[A-Z][\w+#.-]*)+")


@dataclass(frozen=True)
class Topic:
    """What a question is about.

    Parameters
    ----------
    known, unknown
        Its content words, as the question writes them, that stories mention, and that none mentions.
    strong
        Whether one of those known is a client's name, a tag, or a product's name: it tells by itself what is asked for.
    named
        Whether one of those unknown is written as a name.
    asks
        Whether it is put as a question, not as a heading or a few words to search for.
    refused
        Why no story can answer it although they mention its words: a sentence without its full stop.
    """

    known: tuple[str, ...]
    unknown: tuple[str, ...]
    strong: bool = False
    named: bool = False
    asks: bool = True
    refused: str = ""

    @property
    def is_unknown(self) -> bool:
        """Whether no story can answer, however close it comes."""
        return bool(self.refused or (self.unknown and not self.known) or (self.named and self.is_mostly_unknown))

    @property
    def is_mostly_unknown(self) -> bool:
        """Whether only a story that is close can answer.

        What may be said in other words does not count: a quality or what was done with a thing ("regulated"), and the
        words of a long description.
        """
        if self.strong or (len(self.known) > 1 and len(self.known) + len(self.unknown) >= _LONG):
            return False
        things = [word for word in self.unknown if not _QUALITY.fullmatch(word)]
        return len(self.known) < len(things) or (self.asks and 0 < len(self.known) == len(things))


def topic_of(question: str, facts: ProfileFacts, known: KnownTerms) -> Topic:
    """What a question is about.

    Parameters
    ----------
    known
        For each of some terms whether the corpus has it.
    """
    owner = frozenset(words(facts.name)) - FUNCTION_WORDS
    question, products = without_unknown_products(without_shown_theme(without_agent(question), known), known)
    question = in_known_forms(question, lambda form: all(known([term_of(word) for word in words(form)])))
    technologies = {word for word in _capitals(question) if is_everyday_word(word)}  # no "reacted" shows "React"
    telling = [word for word in topic_words(question) if word in technologies or word in content_words(question)]
    in_order = words(question)
    left_out = owner | _ANYTHING | LEGAL_FORMS.intersection(in_order[1:])  # "Acme Inc" is Acme
    content = [word for word in telling if word not in left_out]
    terms = {word: list(_spellings(word, in_order)) for word in content}
    marked = {word: [mark + term_of(word) for mark in (NAME, TAG, PROPER, CAPITAL)] for word in content}
    flat = [term for word in content for term in (*terms[word], *marked[word])]
    have = {term for term, is_known in zip(flat, known(flat), strict=True) if is_known}
    strong = {word for word in content if not have.isdisjoint(marked[word])}
    lacking = {word for word in content if have.isdisjoint(terms[word])} | (technologies - strong)
    unknown = [word for word in content if word in lacking and word not in _TRAITS]
    lost = _parts_of_unknown_names(question, unknown) - strong
    refused = _no_such_work(question, facts, known) or _elsewhere(question, unknown, known)
    if unknown:
        lost.add(claimed_verb(question, facts))  # of "did he invent the internet?" the internet decides
    return Topic(
        tuple(word for word in content if word not in lacking and word not in lost),
        (*products, *(_as_written(word, question) for word in unknown)),
        strong=bool(strong),
        named=not _capitals(question).isdisjoint(unknown),
        asks="?" in question or not _ASKS.isdisjoint(in_order[:1]) or not _OF_A_PERSON.isdisjoint(in_order),
        refused=refused,
    )


def says_nothing(question: str) -> bool:
    """Whether a question has no words but those that hold sentences together, and asks nothing of the whole career."""
    if classify(question) is QuestionKind.SUMMARISE or asked_time(question):
        return False
    return FUNCTION_WORDS.issuperset(words(question))


def unknown_in_words(unknown: Sequence[str]) -> str:
    """That no story mentions some words: one sentence without its full stop."""
    quoted = [f"“{word}”" for word in unknown]
    listed = quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
    return f"No story mentions {listed}"


def quotable(unknown: Sequence[str]) -> tuple[str, ...]:
    """Unknown words that may be repeated to the visitor: a few plain ones, nothing of an address or a code."""
    plain = tuple(word for word in unknown if _QUOTABLE.fullmatch(word))
    return plain if len(plain) == len(unknown) <= _MOST_QUOTED else ()


def unknown_answer(topic: Topic, nearest: StoryCard | None) -> str:
    """What is said where no story mentions what a question is about; the nearest is named as no more than that."""
    quoted = quotable(topic.unknown)
    if not topic.refused and not quoted:
        return "No story mentions this."
    text = f"{topic.refused or unknown_in_words(quoted)}."
    if nearest is None or not nearest.title:
        return text
    return f"{text} The nearest story is “{nearest.title}”, which is about something else."


def _spellings(word: str, in_order: Sequence[str]) -> Iterator[str]:
    """The terms by which the corpus may know a word: alone, joined with a neighbour, as a name, in another word."""
    yield term_of(word)
    yield term_of(word.replace(".", ""))
    for first, second in pairwise(in_order):
        if word in (first, second):
            yield term_of(first + second)
    yield from misspelled(word)
    yield from map(term_of, related_words(word))


def _parts_of_unknown_names(question: str, unknown: Sequence[str]) -> set[str]:
    """Words of names that hold an unknown word: "Engine" of "Unreal Engine"."""
    if not _capitals(question):
        return set()
    runs = [words(run[0]) for run in _NAME_RUN.finditer(question) if run.start()]
    return {word for run in runs for word in run if not set(unknown).isdisjoint(run)}


def _capitals(question: str) -> set[str]:
    """Words with a capital that makes them names: not the first word, and not where every word has one."""
    shown = re.findall(r"[^\W\d_][^\W_]*", question)
    if not any(word[0].islower() for word in shown[1:]):
        return set()
    return {part for word in shown[1:] if word[0].isupper() for part in words(word)}


def _no_such_work(question: str, facts: ProfileFacts, known: KnownTerms) -> str:
    """That no story gives the owner an occupation or a pastime that a question asks for."""
    owner = facts.name or "the owner"
    if created := claimed_creation(question, facts):
        return f"No story says that {owner} created “{created}”"
    occupation, pastime = asked_occupation(question, facts), asked_pastime(question, facts)
    claimed = occupation or pastime
    if not claimed or any(known([mark + "".join(map(term_of, words(claimed))) for mark in (ROLE, TAG)])):
        return ""
    if not occupation:
        return f"No story says that {owner} can “{claimed}”"
    return f"No story shows {owner} as {'an' if claimed[0] in 'aeiou' else 'a'} “{_as_written(claimed, question)}”"


def _elsewhere(question: str, unknown: Sequence[str], known: KnownTerms) -> str:
    """That no story was done for an organisation to which a question is limited."""
    named = [word for match in _ORGANISATION.finditer(question) for word in words(_named(match))]
    named = [word for word in named if word not in FUNCTION_WORDS and word not in CALENDAR_WORDS]
    if not named or any(known([NAME + term_of(word) for word in words(question) if word not in FUNCTION_WORDS])):
        return ""
    missing = [word for word in named if word in unknown]
    if missing:
        return unknown_in_words(quotable([_as_written(word, question) for word in missing]) or ["this"])
    proper = known([PROPER + term_of(word) for word in named])
    mentioned = [word for word, is_proper in zip(named, proper, strict=True) if is_proper]
    if mentioned and _WORK.search(question):
        return f"No story was done for “{_as_written(mentioned[0], question)}”, though some mention it"
    return ""


def _named(match: re.Match[str]) -> str:
    return match["capital"] or match["plain"] or match["former"]


def _as_written(word: str, question: str) -> str:
    """The word with the capitals it has in the question."""
    match = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", question, re.IGNORECASE)
    return match.group() if match else word

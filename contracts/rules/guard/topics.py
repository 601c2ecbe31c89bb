"""What a question is about, and whether the stories mention it.

A corpus is known by its terms: stems of the words of all stories, compound words joined, initials of its names, and
names of six letters or more with one letter left out, so that one typo in a name does not make it unknown. British and
American spelling are one. Both sides look terms up in what `corpus_terms` gives.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from contracts.profile import ProfileFacts
from contracts.rules.questions.generic_words import FUNCTION_WORDS, content_words, stem, words
from contracts.stories import StoryCard
from contracts.story import Story

KnownTerms = Callable[[Sequence[str]], Sequence[bool]]
_NAME: Final = "="  # no word begins so: terms of names written with one letter left out
_SHORTEST_TYPO: Final = 6
_MOST_QUOTED: Final = 3
_LONG: Final = 5  # content words; a question about a thing has fewer
_QUALITY: Final = re.compile(r"[a-z]{3,}(?:ed|ly|able|ible|ful|less|ous)")
_QUOTABLE: Final = re.compile(r"[^\W\d_][\w-]{0,23}[+#]{0,2}")
NOTHING_CLOSE: Final = "No story comes close to this."
_AMERICAN: Final = (
    (re.compile(r"(?<=[bt])re(?=s?$)"), "er"),  # centre, fibre
    (re.compile(r"(?<=[eo])gue(?=s?$)"), "g"),  # catalogue, dialogue
    (re.compile(r"mme(?=s?$)"), "m"),  # programme
    (re.compile(r"ys(?=e[sd]?$|ing$)"), "yz"),  # analyse
    (re.compile(r"(?<=en)ce(?=s?$)"), "se"),  # defence, licence
)
_ANYTHING: Final = frozenset(
    """
    speed sped faster quicker
    save saved saves grow grew grown reduce reduced increase increased cut raise raised gain gained achieve
    u r ur hw pls plz
    start finish finished begin began happy enjoy enjoyed like liked love loved hate think thought feel felt mean means
    ideal unwilling
    stand stood stands matter matters count counts depend depends willing free hire hired suit fit favourite favorite
    """.split()  # noqa: SIM905 - a list of words
)
_ORGANISATION: Final = re.compile(
    r"(?:\bat\s+|@\s*)(?:the\s+)?(?P<capital>(?-i:[A-Z])[\w&.+'-]*(?:\s+(?-i:[A-Z])[\w&.+'-]*)*)"
    r"|\b(?:work|works|worked|working|employed|jobs?|hired|fired|career|interned|consulted|consult)\s+"
    r"(?:at|for|by|with|from|@)\s+(?:the\s+)?(?P<plain>[\w&.+'-]+)",
    re.IGNORECASE,
)
_TOKEN: Final = re.compile(r"\S+")
_COMPOUND: Final = re.compile(r"[^\W_]+(?:[-/][^\W_]+)+")


@dataclass(frozen=True)
class Topic:
    """The content words of a question, as asked, that stories mention, that none mentions, and whether the question is
    limited to an organisation that no story mentions.
    """

    known: tuple[str, ...]
    unknown: tuple[str, ...]
    elsewhere: bool = False

    @property
    def is_unknown(self) -> bool:
        """Whether no story can answer, however close it comes."""
        return bool(self.unknown) and (not self.known or self.elsewhere)

    @property
    def is_mostly_unknown(self) -> bool:
        """Whether only a story that is close can answer.

        What may be said in other words does not count: a quality or what was done with a thing ("regulated"), and the
        words of a long description.
        """
        if len(self.known) > 1 and len(self.known) + len(self.unknown) >= _LONG:
            return False
        things = [word for word in self.unknown if not _QUALITY.fullmatch(word)]
        return bool(things) and len(self.known) <= len(things)


def topic_of(question: str, facts: ProfileFacts, known: KnownTerms) -> Topic:
    """What a question is about.

    Parameters
    ----------
    known
        For each of some terms whether the corpus has it.
    """
    asked = [word for word in content_words(question) if word not in _owner_words(facts) and word not in _ANYTHING]
    in_order = words(question)
    terms = {word: list(_spellings(word, in_order)) for word in asked}
    flat = [term for spellings in terms.values() for term in spellings]
    have = {term for term, is_known in zip(flat, known(flat), strict=True) if is_known}
    unknown = tuple(word for word in asked if have.isdisjoint(terms[word]))
    organisations = {word for name in _organisations(question) for word in words(name)}
    return Topic(
        tuple(word for word in asked if word not in unknown),
        tuple(_as_written(word, question) for word in unknown),
        elsewhere=not organisations.isdisjoint(unknown),
    )


def says_nothing(question: str) -> bool:
    """Whether a question has no words but those that hold sentences together."""
    return FUNCTION_WORDS.issuperset(words(question))


def corpus_terms(stories: Iterable[Story], facts: ProfileFacts) -> set[str]:
    """All terms of a corpus."""
    names = set(facts.aliases)
    tokens: set[str] = set()
    compounds: set[str] = set()
    for story in stories:
        names.update((story.client, story.employer, story.division))
        text = "\n".join(story.texts())
        tokens.update(_TOKEN.findall(text))
        compounds.update(_COMPOUND.findall(text))
    terms = {term_of(word) for token in tokens for word in words(token)}
    terms |= {term_of("".join(words(compound.replace("/", "-")))) for compound in compounds}
    for name in names:
        terms |= set(_name_terms(name))
    return terms


def term_of(word: str) -> str:
    """The stem of a word, British and American spelling alike."""
    for pattern, american in _AMERICAN:
        word = pattern.sub(american, word)
    found = stem(word)
    return found[:-1] if found.endswith("ll") else found


def unknown_in_words(unknown: Sequence[str]) -> str:
    """That no story mentions some words: one sentence without its full stop."""
    quoted = [f"“{word}”" for word in unknown]
    listed = quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
    return f"No story mentions {listed}"


def quotable(unknown: Sequence[str]) -> tuple[str, ...]:
    """Unknown words that may be repeated to the visitor: a few plain ones, nothing of an address or a code."""
    plain = tuple(word for word in unknown if _QUOTABLE.fullmatch(word))
    return plain if len(plain) == len(unknown) <= _MOST_QUOTED else ()


def unknown_answer(unknown: Sequence[str], nearest: StoryCard | None) -> str:
    """What is said where no story mentions what a question is about; the nearest is named as no more than that."""
    quoted = quotable(unknown)
    if not quoted:
        return "No story mentions this."
    text = f"{unknown_in_words(quoted)}."
    if nearest is None or not nearest.title:
        return text
    return f"{text} The nearest story is “{nearest.title}”, which is about something else."


def _spellings(word: str, in_order: Sequence[str]) -> Iterator[str]:
    """The terms by which the corpus may know a word of a question: alone, joined with a neighbour, as a name."""
    yield term_of(word)
    for first, second in pairwise(in_order):
        if word in (first, second):
            yield term_of(first + second)
    if len(word) >= _SHORTEST_TYPO:
        yield from (_NAME + shorter for shorter in _one_left_out(word))


def _name_terms(name: str) -> Iterator[str]:
    parts = words(name)
    yield from (term_of(part) for part in parts)
    if len(parts) > 1:
        yield term_of("".join(part[0] for part in parts))
        yield from (term_of("".join(parts[:count])) for count in range(2, len(parts) + 1))
        yield term_of("".join(part[0] for part in parts if part != "and"))
    for part in parts:
        if len(part) >= _SHORTEST_TYPO:
            yield from (_NAME + shorter for shorter in _one_left_out(part))


def _one_left_out(word: str) -> Iterator[str]:
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _organisations(question: str) -> Iterator[str]:
    for match in _ORGANISATION.finditer(question):
        yield match["capital"] or match["plain"]


def _owner_words(facts: ProfileFacts) -> frozenset[str]:
    return frozenset(words(facts.name))


def _as_written(word: str, question: str) -> str:
    """The word with the capitals it has in the question."""
    match = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", question, re.IGNORECASE)
    return match.group() if match else word

"""The terms by which a corpus is known: what the gate looks the words of a question up in.

They are stems of the words of all stories, compound words joined, initials of names, and names of six letters or more
with one letter left out, so that one typo in a name does not make it unknown. British and American spelling are one.
Marked terms say more of a word: that it stands in a name, in a role or in a tag, that stories write it with a capital
alone, as they do a product's name, or that it is a technology which they write with a capital somewhere. A product of
several words, a story's title and its interview questions are known as a whole.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from contracts.industries import AGGREGATE_CLIENTS
from contracts.profile import ProfileFacts
from contracts.rules.folding import fold_key, plain
from contracts.rules.names.forms import GENERIC_NAME_WORDS
from contracts.rules.names.products import products_in
from contracts.rules.questions.generic_words import FUNCTION_WORDS, GENERIC_WORDS, stem, words
from contracts.rules.questions.interview_questions import interview_questions
from contracts.rules.questions.technologies import is_everyday_word
from contracts.story import Story

NAME: Final = "@"
ROLE: Final = "%"
TAG: Final = "~"
PROPER: Final = "^"
CAPITAL: Final = "!"
PRODUCT: Final = "+"
_OWN: Final = "?"  # a question or a title of a story, word for word
_SHORTENED: Final = "="  # a name with one letter left out
_SHORTEST_TYPO: Final = 6
_NOBODY: Final = ("self", "self-employed", "freelance")
_SHORTEST_AGENT: Final = 6
_AMERICAN: Final = (
    (re.compile(r"(?<=[bt])re(?=s?$)"), "er"),  # centre, fibre
    (re.compile(r"(?<=[eo])gue(?=s?$)"), "g"),  # catalogue, dialogue
    (re.compile(r"mme(?=s?$)"), "m"),  # programme
    (re.compile(r"ys(?=e[sd]?$|ing$)"), "yz"),  # analyse
    (re.compile(r"(?<=en)ce(?=s?$)"), "se"),  # defence, licence
)
_TOKEN: Final = re.compile(r"\S+")
_COMPOUND: Final = re.compile(r"[^\W_]+(?:[-/][^\W_]+)+")
_WITHIN: Final = re.compile(r"(?<=[a-z,;:(] )[A-Z][^\s]*")  # a capital that begins no sentence
_LOWER: Final = re.compile(r"(?<![^\W_])[^\W\d_A-Z][^\W_]*")


def corpus_terms(stories: Iterable[Story], facts: ProfileFacts) -> set[str]:
    """All terms of a corpus."""
    names = {*facts.aliases, *facts.aliases.values()}
    divisions: set[str] = set()
    roles: set[str] = set()
    tags: set[str] = set()
    tokens: set[str] = set()
    written: set[str] = set()
    compounds: set[str] = set()
    whole: set[str] = set()
    for story in stories:
        names.update((story.client, story.employer))
        divisions.add(story.division)
        roles.add(story.role)
        tags.update(story.tags)
        text = "\n".join(story.texts())
        whole.update(PRODUCT + joined for joined in products_in([text]))
        whole.update(own_question(text) for text in (story.title, *interview_questions(story)) if words(text))
        tokens.update(_TOKEN.findall(text))
        compounds.update(_COMPOUND.findall(text))
        written.update(word for line in _prose(story) for word in _WITHIN.findall(line))
    terms = {term_of(word) for token in tokens for word in words(token)}
    terms |= {term_of("".join(words(compound.replace("/", "-")))) for compound in compounds}
    terms |= whole
    terms |= {PROPER + term for term in _proper(written, tokens)}
    terms |= {
        CAPITAL + term_of(word)
        for token in tokens
        if token != token.lower()
        for word in words(token)
        if is_everyday_word(word)
    }
    terms |= {ROLE + run for role in roles for run in _runs([term_of(word) for word in words(role)])}
    terms |= {TAG + term_of("".join(words(tag))) for tag in tags}
    for name in names | divisions:
        terms |= set(_name_terms(name))
    for name in names:
        terms |= {NAME + term for term in _distinctive(name)}
    return terms


def term_of(word: str) -> str:
    """The stem of a word, British and American spelling alike; "negotiator" and "negotiation" have one."""
    for pattern, american in _AMERICAN:
        word = pattern.sub(american, word)
    found = stem(word)
    if len(found) >= _SHORTEST_AGENT and found.endswith("tor"):
        found = found.removesuffix("or")
    return found[:-1] if found.endswith("ll") else found


def own_question(text: str) -> str:
    """The term by which the corpus knows a question that one of its stories suggests, or a title."""
    return _OWN + " ".join(words(text))


def misspelled(word: str) -> Iterator[str]:
    """The terms by which the corpus may know a name that has one typo."""
    if len(word) >= _SHORTEST_TYPO:
        yield from (_SHORTENED + shorter for shorter in _one_left_out(word))
    elif len(word) == _SHORTEST_TYPO - 1:
        yield _SHORTENED + word


def _prose(story: Story) -> Iterator[str]:
    """The sentences of a story: titles and headings have capitals whatever they name."""
    yield from (*story.situation, *story.task, *story.action, *story.result, *story.process, *story.performance)
    yield from (story.purpose, story.curated_summary)


def _proper(written: Iterable[str], tokens: Iterable[str]) -> set[str]:
    """Terms of words that sentences write with a capital, and no story in lower case."""
    lower = {term_of(word) for token in tokens for part in _LOWER.findall(plain(token)) for word in words(part)}
    return {term for word in written for part in words(plain(word)) if (term := term_of(part)) not in lower}


def _runs(parts: Sequence[str]) -> Iterator[str]:
    """All runs of some words, joined: "engineeringmanager" of "senior engineering manager" is one."""
    places = range(len(parts) + 1)
    yield from ("".join(parts[start:end]) for start in places for end in places[start + 1 :])


def _name_terms(name: str) -> Iterator[str]:
    parts = words(name)
    yield from map(term_of, (*parts, *_joined(parts)))
    if len(parts) > 1:
        yield term_of("".join(part[0] for part in parts))
    for part in parts:
        yield from misspelled(part)


def _distinctive(name: str) -> Iterator[str]:
    """Terms that name a client or an employer by themselves: no "payments" or "bank" in them."""
    parts = words(name)
    if fold_key(name) in AGGREGATE_CLIENTS or fold_key(name) in _NOBODY:
        return
    yield from (term_of(part) for part in parts if part not in GENERIC_WORDS | FUNCTION_WORDS | GENERIC_NAME_WORDS)
    yield from map(term_of, _joined(parts))


def _joined(parts: Sequence[str]) -> Iterator[str]:
    """The initials of a name of several words, and its first words joined."""
    if len(parts) > 1:
        yield "".join(part[0] for part in parts if part != "and")
        yield from ("".join(parts[:count]) for count in range(2, len(parts) + 1))


def _one_left_out(word: str) -> Iterator[str]:
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]

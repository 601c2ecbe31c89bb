"""The forms by which clients, employers and divisions go, and which of them are too ordinary to name anyone.

Forms are squashed: case, accents, spaces, punctuation, "and" and a legal suffix do not count. A client or employer goes
by its whole name and, where no other story makes them ambiguous, by its first word or words, by other distinctive
words, and by its initials; a division by its whole name alone. The form of a division of one word, of a
name that is one ordinary word ("Target"), and of a word inside a name is marked: a capital must say that it is meant.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from contracts.industries import AGGREGATE_CLIENTS
from contracts.rules.folding import fold_key, visible, without_accents
from contracts.story import Story

WORD: Final = re.compile(r"[^\W_]+")
CAPITAL: Final = "="  # marks a form that counts with a capital alone
Aliases = Mapping[str, str | Sequence[str]]
_NOBODY: Final = AGGREGATE_CLIENTS | {"self", "self-employed", "freelance", "various", "confidential", "none", "n/a"}
_LEGAL_TEXT: Final = """
    inc ltd llc llp lp plc gmbh ag corp corporation co company limited sa se nv bv kg spa pty oy ab as na
"""
_LEGAL: Final = frozenset(_LEGAL_TEXT.split())
_GENERIC_TEXT: Final = """
    advisory agency air airlines alliance american associates association bank banking board bureau business
    capital card cards care center central centre city civic clinic cloud college commercial community
    consulting council county credit data department digital direct east electric energy enterprise enterprises
    european exchange express farm federal finance financial first fleet food foods foundation fund gas general
    global gold government green group health healthcare holding holdings home hospital industrial industries
    innovation institute insurance international investment investments lab labs life logistics management
    marine market marketing markets media medical metro mobile modern motors municipal mutual national network
    networks new north ocean office one open operations pacific partner partners payments people pharma platform
    port power practice premier project public rail railways research retail royal school sciences service
    services shipping social software solar solutions south star state states store stores street studio studios
    supply systems target team technologies technology telecom trade trading transit transport travel trust
    union united universal university utilities valley ventures water west western works world young
"""
GENERIC_NAME_WORDS: Final = frozenset(_GENERIC_TEXT.split())
_SHORT_TEXT: Final = """
    and any are art but can cut did end far few for get had has her him his how its key law led let may new not
    now off old one our out own run see set she the top two use was way web who why win yes you able also best
    both case cost data deal does done down each even find from give goal good hard have help here high home
    hour idea into just keep kind last lead lean less life like line list long make many more most move much
    must need next only open over part past plan play risk role same save send ship show side some such sure
    take talk task team tell test than that them then they this time told took turn used user very wait want
    ways well went were what when whom will with word work
"""
_SHORT_WORDS: Final = frozenset(_SHORT_TEXT.split())
_SHORTEST_PREFIX: Final = 5
_SHORTEST_WORD: Final = 4
_SHORTEST_CAPITALS: Final = 3
_LEAST_INITIALS: Final = 3


class NameTable(NamedTuple):
    """Names as they are first spelled, and for each form the places in `names` of those that go by it."""

    names: tuple[str, ...]
    forms: Mapping[str, Sequence[int]]


class _Written(NamedTuple):
    """Of the words that matter those that a story writes in lower case, and those that it writes in any case."""

    lower: set[str]
    any_case: set[str]


def name_words(text: str) -> list[str]:
    """The words by which names are compared; "and" is as good as "&", which is no word."""
    return [word for word in WORD.findall(without_accents(text)) if word != "and"]


def name_table(stories: Sequence[Story], aliases: Aliases | None = None) -> NameTable:
    """The names of a corpus, and of `aliases` ("Amex": "American Express", or the other way round) those it has."""
    names = _names(stories)
    table = _Forms(names, stories)
    for name, others in (aliases or {}).items():
        table.add_synonyms((name, *([others] if isinstance(others, str) else others)))
    place = {name: number for number, name in enumerate(names)}
    forms = {form: sorted(place[name] for name in found) for form, found in table.forms.items()}
    return NameTable(tuple(name.display for name in names.values()), forms)


class _Name(NamedTuple):
    display: str
    rows: set[int]
    shortened: list[bool]


def _names(stories: Sequence[Story]) -> dict[str, _Name]:
    names: dict[str, _Name] = {}
    for row, story in enumerate(stories):
        for value, shortened in ((story.client, True), (story.employer, True), (story.division, False)):
            key = fold_key(value)
            if key in _NOBODY or not name_words(value):
                continue
            name = names.setdefault(key, _Name(visible(value), set(), []))
            name.rows.add(row)
            if shortened and not name.shortened:
                name.shortened.append(True)
    return names


class _Forms:
    """Collects forms, each with the keys of the names that go by it."""

    def __init__(self, names: Mapping[str, _Name], stories: Sequence[Story]) -> None:
        self._names = names
        self._count = len(stories)
        self._words = {key: core_words(name.display) for key, name in names.items()}
        matter = {word for words in self._words.values() for word in words}
        matter.update(initials(name.display) for name in names.values())
        self._written = [_written(story, matter) for story in stories]
        self._alone = self._begun_alike()
        self._others = self._written_by_others(self._alone)
        self._distinctive = {
            word
            for word, rows in self._alone.items()
            if self._others[word] <= len(rows) and word not in GENERIC_NAME_WORDS and not word.isdecimal()
        }
        self.forms: dict[str, set[str]] = defaultdict(set)
        self._whole: dict[str, set[str]] = defaultdict(set)
        for key, name in names.items():
            self._add(key, name)
        self._add_initials()

    def add_synonyms(self, group: Iterable[str]) -> None:
        """Names that stand for each other: those that the corpus lacks name what those that it has name."""
        squashed = {name: "".join(core_words(name)) for name in group}
        targets = set().union(*(self._whole.get(form, ()) for form in squashed.values()))
        for name, form in squashed.items():
            if form and targets:
                words = core_words(name)
                ordinary = len(words) == 1 and form in GENERIC_NAME_WORDS | _SHORT_WORDS
                self.forms[CAPITAL + form if ordinary else form] |= targets

    def _add(self, key: str, name: _Name) -> None:
        words, full = self._words[key], name_words(name.display)
        for whole in {"".join(words), "".join(full)}:
            self._whole[whole].add(key)
        ordinary = len(words) == 1 and (not name.shortened or self._is_ordinary(words[0]))
        self.forms[CAPITAL + words[0] if ordinary else "".join(words)].add(key)
        if full != words:
            self.forms["".join(full)].add(key)
        if name.shortened:
            for form in self._short_forms(name.display, words):
                self.forms[form].add(key)

    def _is_ordinary(self, word: str) -> bool:
        unknown = word not in self._alone or self._others[word] >= self._count
        return unknown or word in GENERIC_NAME_WORDS or word in _SHORT_WORDS

    def _short_forms(self, name: str, words: Sequence[str]) -> Iterator[str]:
        capitals = {without_accents(word) for word in WORD.findall(name) if word.isupper()}
        for word in self._distinctive.intersection(words):
            if len(word) >= (_SHORTEST_CAPITALS if word in capitals else _SHORTEST_WORD):
                yield word if word == words[0] else CAPITAL + word
        for count in range(2, len(words)):
            form = "".join(words[:count])
            if len(form) >= _SHORTEST_PREFIX and self._distinctive.intersection(words[:count]):
                yield form

    def _add_initials(self) -> None:
        """Initials that one name has and no story of others writes. Capitals, as in "JP Morgan", stay whole."""
        owners: dict[str, list[str]] = defaultdict(list)
        for key, name in self._names.items():
            if name.shortened and (letters := initials(name.display)):
                owners[letters].append(key)
        alone = {letters: self._names[keys[0]].rows for letters, keys in owners.items() if len(keys) == 1}
        others = self._written_by_others(alone)
        for letters in alone:
            if not others[letters] and letters not in _SHORT_WORDS and letters not in self.forms:
                self.forms[letters].add(owners[letters][0])

    def _begun_alike(self) -> dict[str, set[int]]:
        owners: dict[str, list[str]] = defaultdict(list)
        for key, words in self._words.items():
            for word in set(words):
                owners[word].append(key)
        return {
            word: set().union(*(self._names[key].rows for key in keys))
            for word, keys in owners.items()
            if len({self._words[key][0] for key in keys}) == 1
        }

    def _written_by_others(self, rows_of: Mapping[str, set[int]]) -> Counter[str]:
        """How many stories of others write a word; one that does so in lower case counts for all."""
        others: Counter[str] = Counter()
        for row, words in enumerate(self._written):
            for word in words.any_case & rows_of.keys():
                if row not in rows_of[word]:
                    others[word] += self._count if word in words.lower else 1
        return others


def core_words(name: str) -> list[str]:
    """The words of a name without its article and legal suffix."""
    words = name_words(name)
    core = words[1:] if words[:1] == ["the"] and len(words) > 1 else list(words)
    while len(core) > 1 and core[-1] in _LEGAL:
        core.pop()
    return core


def initials(name: str) -> str:
    """The initials of a name of three words or more, folded; else nothing."""
    kept = set(core_words(name))
    words = [word for word in WORD.findall(visible(name)) if without_accents(word) in kept]
    if len(words) < _LEAST_INITIALS:
        return ""
    return without_accents("".join(word if word.isupper() else word[0] for word in words))


def _written(story: Story, words: set[str]) -> _Written:
    """Where a story names client, employer and division, it says nothing about how ordinary their words are."""
    text = "\n".join(story.model_copy(update={"client": "", "employer": "", "division": ""}).texts())
    return _Written(words.intersection(WORD.findall(text)), words.intersection(WORD.findall(without_accents(text))))

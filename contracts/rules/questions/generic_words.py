"""Word lists of questions: words that carry no topic, and light stems to compare the others by."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:[.][^\W_]+)*[+#]*")
_APOSTROPHES: Final = re.compile(r"[\u2018\u2019\u02bc`']s?(?!\w)|[\u2018\u2019\u02bc`']")

_FUNCTION: Final = """
    a about above across after again against all along already also although am among an and any anybody anyone
    anything are around as at away back be became because become been before being below between both but by can
    cannot could did didn didnt do does doesn doesnt doing don done dont down during each either else enough etc even
    ever every everyone everything few for from further get gets getting given go goes going gone got had has hasn
    hasnt have haven having he hello her here hers herself hi him himself his how however i id if ill im in into is
    isn isnt it its itself ive just kind least let lets less like ll made make makes making many may maybe me might
    mine more most much must my myself near need never next no none nor not now of off often oh ok okay on once one
    only onto or other others our ours out over own per perhaps please put quite rather re really s same say says see
    seem shall she should since so some somebody someone something sort still such t than thank thanks that thats the
    their theirs them themselves then there these they theyre thing things this those through throughout thus to today
    together too took toward towards under until up upon us use used uses using ve very via want wants was wasn we
    well went were weren what whatever whats when where whether which while who whom whose why will with within
    without won would yes yet you your yours yourself yourselves u ur outside inside abroad
"""
FUNCTION_WORDS: Final = frozenset(_FUNCTION.split())
_ASKING: Final = """
        vs versus answer ask asked briefly can career compare comparison compared describe describing detail details
    discuss example examples experience experienced experiences explain find give handled happen happened help
    instance involve involved involving know knowledge known list look mention mentions name outline overview
    particular past portfolio professional provide question questions recent recently related relevant share
    show situation situations stories story summarise summarize summary talk tell time times walk way ways work
    worked working works year years background familiar familiarity good deal dealing dealt exactly specific
    specifically different difference
"""
ASKING_WORDS: Final = frozenset(_ASKING.split())
_GENERIC: Final = """
    teamwork current presently take takes taken came come comes lasting
    achieve achieved achievement achievements again aim approach biggest big challenge challenges challenging client
    clients company continue cost customer decision difficult difficulties did duration elaborate else end ended
    expand finish follow goal goals hard hardest impact important improve improvement issue issues job lasted learn
    learned learnt lesson lessons long main many measure measured metric metrics method methods motivation next number
    numbers objective obstacle obstacles outcome outcomes part people point problem problems project projects prove
    purpose react reason response responsibilities responsibility responsible result results role roles second size
    skills solution solve solved stack start started success successful tackle task team teams tech technologies
    technology tool tools went worth wrong evidence proof proud change changed changes differently better another
    industry industries sector sectors place location first last third one two three fourth fifth former latter
    engagement assignment initiative whole similar earlier previous previously large small today later overcome faced
    face toughest key takeaway takeaways figures savings build built run ran lead led leading leader manage managed
    managing deliver delivered create created develop developed design designed implement implemented write wrote
    written set helped speak introduce introduced individual owner happy average total customers companies
    organisation organization organisations organizations capability capabilities strength strengths position city
    cities country countries consult consults consulted consulting advise advised serve served serving quick quickly
    short concise pitch hire hired proudest greatest best favourite favorite accomplishment accomplishments language
    languages framework frameworks platform platforms area areas field fields bring brings brought special unique
    stand stands stood candidate candidates latest newest currently earliest career careers month months sum
    positions title titles era eras hold holds held holding spend spends spent spending employer employers employed
"""
GENERIC_WORDS: Final = frozenset(_GENERIC.split())
ACTION_WORDS: Final = frozenset(
    """
    handle handled handling manage managed managing lead led leading run ran running build built building deliver
    delivered delivering create created creating develop developed developing design designed designing implement
    implemented implementing solve solved solving tackle tackled serve served serving project projects
    """.split()  # noqa: SIM905 - a list of words
)  # what is done with a thing, and says nothing of which
_SUFFIXES: Final = (
    *("izations", "ization", "izing", "ized", "izes", "ize", "fulness", "iveness", "ships", "ship", "ments", "ment"),
    *("ness", "ities", "ity", "ings", "ing", "ions", "ion", "ers", "ives", "ive", "ally", "ly", "ed", "er", "es", "al"),
    "s",
)
_WHOLE: Final = frozenset(
    {"government", "department", "apartment", "engine", "marketing", "accounting"}
)  # less their ending they are other words
_LEAST: Final = {"ing": 3, "ings": 3, "ed": 3, "es": 3, "s": 3, "ers": 4, "er": 4}
_BRITISH: Final = ((re.compile(r"is(e|ed|es|er|ers|ing|ation|ations)$"), r"iz\1"), (re.compile(r"our(?=\w|$)"), "or"))
_SILENT_E: Final = re.compile(r"[^aeiouy][aeiouy][^aeiouwxy]")  # "cod" of "coding", which is no "cod"
_LONGEST_ACRONYM: Final = 4  # letters, the plural's "s" included: "apis", "llms"
_VOWELS: Final = frozenset("aeiouy")


def words(text: str) -> list[str]:
    """The words of a text in reading order, lower case; a possessive's ending is left out."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    shown = "".join(char for char in plain if unicodedata.category(char) not in ("Mn", "Cf"))
    return _WORD.findall(_APOSTROPHES.sub("", shown))


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A word's stem: "migrations", "migrated" and "migrate" have one, as have "modernise" and "modernization"."""
    if len(word) < 4 or not word.isalpha():
        return word
    if (whole := word.removesuffix("s")) in _WHOLE:
        return whole
    for pattern, american in _BRITISH:
        word = pattern.sub(american, word) if len(word) > 5 else word
    for _ in range(2):
        word = _shorter(word)
    word = word.removesuffix("e") if len(word) > 4 else word
    return f"{word[:-1]}i" if word.endswith("y") else word


def _shorter(word: str) -> str:
    """The word without its longest known ending."""
    if word.endswith(("ies", "ied")) and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("ss", "us", "is")) and len(word) > _LONGEST_ACRONYM:
        return word
    for suffix in _SUFFIXES:
        base = word.removesuffix(suffix)
        is_stem = not _VOWELS.isdisjoint(base) or (suffix == "s" and len(word) <= _LONGEST_ACRONYM)
        if base != word and len(base) >= _LEAST.get(suffix, 4) and is_stem:
            doubled = len(base) > 3 and base[-1] == base[-2] and base[-1] not in "lsz"
            if _SILENT_E.fullmatch(base) and suffix in ("ing", "ings", "ed", "es"):
                return f"{base}e"
            return base[:-1] if doubled and suffix in ("ing", "ed", "er", "ers") else base
    return word


def stems(text: str) -> list[str]:
    """Stems of all the words of a text."""
    return [stem(word) for word in words(text)]


def stems_of_tokens(tokens: Iterable[str]) -> set[str]:
    """Stems of the words that some tokens hold: "check-in" holds two."""
    return {stem(word) for token in tokens for word in words(token)}


def topic_words(text: str) -> list[str]:
    """The words of a question that say what it is about, each once: no function words, no asking words."""
    return [word for word in dict.fromkeys(words(text)) if word not in FUNCTION_WORDS and word not in ASKING_WORDS]


def content_words(text: str) -> list[str]:
    """Topic words that name something by themselves, as "result" and "team" do not."""
    return [word for word in topic_words(text) if word not in GENERIC_WORDS and not word.isdecimal()]


def telling_stems(tokens: Iterable[str]) -> set[str]:
    """Stems of a question's tokens but for function and asking words; of all where there are no others."""
    found = set(tokens)
    telling = {word for word in found if word not in FUNCTION_WORDS and word not in ASKING_WORDS}
    return {stem(word) for word in telling or found}


def is_topical(word: str) -> bool:
    """Whether a word says what a question is about."""
    return word not in FUNCTION_WORDS and word not in ASKING_WORDS and word not in GENERIC_WORDS

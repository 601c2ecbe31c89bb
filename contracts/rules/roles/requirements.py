"""Requirements of a job description: the points it asks for, as it words them, required and preferred apart."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from contracts.rules.bullets import BULLET, bulleted_lines, with_plain_bullet
from contracts.rules.folding import fold_key, visible
from contracts.rules.questions.sentences import split_sentences

MAX_REQUIREMENTS: Final = 40
MAX_LENGTH: Final = 400  # characters of one requirement; a longer one is cut at a word
_HEADING_WORDS: Final = 9


class Section(StrEnum):
    """What a part of a job description is about."""

    REQUIRED = "required"
    PREFERRED = "preferred"
    DUTIES = "duties"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RequirementText:
    """A requirement as the job description words it."""

    text: str
    is_required: bool


def _any(patterns: str) -> re.Pattern[str]:
    """Alternatives that two spaces or a line's end set apart; an apostrophe stands for either kind."""
    alternatives = [part for line in patterns.splitlines() for part in line.strip().split("  ") if part]
    return re.compile("|".join(alternatives).replace("'", "['\u2019]"), re.IGNORECASE)


_PREFERRED_HEADING: Final = _any(r"""
     \bprefer  nice[ -]to[ -]ha  good[ -]to[ -]have  \bbonus  \bplus(?:es)?\b  \bdesir  \bideal  \badvantage
     \boptional\b  great if you  extra credit  stand out
""")
_OTHER_HEADING: Final = _any(r"""
     \babout (?!you\b)  \bwho we are\b  \bour (?:company|team|mission|values|culture|story|client|stack)\b
     \bbenefits?\b  \bperks?\b  \bwe offer\b  \boffer\b  \bcompensation\b  \bsalary\b  \bpay\b  \bequal\b
     \bdiversity\b  \binclusion\b  \bapply\b  \bapplication\b  \blocation\b  \bwhy (?:join|us|work)\b
     \bhow we\b  \bcontact\b  \bschedule\b  \bwhat you'?(?:ll)? (?:get|gain|receive)\b  \bdisclaimer\b
     \bprivacy\b  \bcompany\b  \bhiring process\b  \binterview process\b
""")
_DUTIES_HEADING: Final = _any(r"""
     \bresponsib  \bduties\b  \bwhat you'?(?:ll| will)? (?:be )?do  \bthe (?:role|job|position|opportunity)\b
     \byour (?:role|impact|mission|tasks)\b  \bday[ -]to[ -]day\b  \baccountabilit  \bin this role\b
     \bkey tasks\b  \b(?:job|role|position) (?:summary|overview|description|purpose)\b  \bscope\b
""")
_REQUIRED_HEADING: Final = _any(r"""
     \brequire  \bqualif  \bmust[ -]have  \bessential  \bminimum\b  \bskills\b  \bexperience\b  \bwho you are\b
     \babout you\b  \byou (?:have|bring|are|need)\b  \bwhat you'?(?:ll| will)? (?:bring|need|have)\b
     \b(?:we'?re|we are) looking for\b  \byour (?:profile|background|skills|experience)\b  \bcompetenc
     \bcriteria\b  \bexpertise\b  \bcandidate\b  \bknowledge\b  \bperson specification\b  \bwhat it takes\b
""")
_HEADINGS: Final = (
    (Section.PREFERRED, _PREFERRED_HEADING),
    (Section.OTHER, _OTHER_HEADING),
    (Section.DUTIES, _DUTIES_HEADING),
    (Section.REQUIRED, _REQUIRED_HEADING),
)
_PREFERRED: Final = _any(r"""
     \b(?:is|are|be|as|would be)? ?(?:an? )?(?:strong |big |huge |definite |real )?(?:plus|bonus|advantage|asset)\b
     \bpreferred\b  \bpreferably\b  \bnice[ -]to[ -]have\b  \bideally\b  \bdesir(?:ed|able)\b  \bbeneficial\b
     \bgood[ -]to[ -]have\b  \bwelcome\b  \bhelpful\b  \boptional(?:ly)?\b
""")
_ASKS: Final = _any(r"""
     \bmust\b  \brequire[sd]?\b  \brequirements?\b  \bneeds?\b
     \bexperience (?:with|in|of|on|as|leading|building|working|managing|using)\b  \bexperienced\b
     \b[0-9]+\+? ?(?:or more )?years\b  \bproficien  \bfluen  \bfamiliar  \bknowledge of\b
     \bunderstanding of\b  \babilit(?:y|ies) to\b  \bdegree\b  \bcertifi  \btrack record\b  \bexpertise\b
     \bbackground in\b  \bhands[ -]on\b  \bskilled\b  \bskills\b  \byou (?:have|bring|can|know|hold)\b
     \byou've\b  \b(?:someone|candidates?|person|engineer|leader|manager) (?:who|with)\b  \blooking for\b
""")
_OFFERS: Final = _any(r"""
     \bwe (?:offer|provide|value|believe|are an|celebrate|pay|welcome)\b  \bsalary\b  \b401\(?k  \binsurance\b
     \bequal[ -]opportunity\b  \bregardless of\b  \baccommodat  \bpaid (?:time|leave|holiday|vacation)\b
     \bapply (?:now|today|by|via|at|to)\b  \bsend (?:us )?your (?:cv|resume|r.sum.)\b  https?://  \bpension\b
     \bper (?:year|annum|hour)\b
""")
_MARKDOWN: Final = re.compile(r"^#{1,6}\s+|^\*\*|^__|\*\*:?$|__:?$")
_INLINE_HEADING: Final = re.compile(r"^([A-Z][^.:;]{2,60}):\s+(\S.*)$")
_TRAILING: Final = " \t.;,"
_ALPHANUMERIC: Final = re.compile(r"[^\W_]")


def find_requirements(text: str) -> list[RequirementText]:
    """The requirements of a job description in reading order, each once, at most `MAX_REQUIREMENTS`.

    Points under headings for requirements and preferences are taken; without such headings the points under duties, and
    without any headings the sentences that ask for something. What the company says of itself and offers is left out.
    """
    lines = list(_in_sections(text))
    if not any(section in (Section.REQUIRED, Section.PREFERRED) and line for section, line in lines):
        lines = [(Section.REQUIRED if section is Section.DUTIES else section, line) for section, line in lines]
    found: dict[str, RequirementText] = {}
    for section, line in lines:
        for point in _points(section, line):
            found.setdefault(fold_key(point.text), point)
    return list(found.values())[:MAX_REQUIREMENTS]


def _in_sections(text: str) -> Iterator[tuple[Section, str]]:
    """Each line with the section that it stands in; headings are left out."""
    section = Section.UNKNOWN
    for raw in bulleted_lines(text):
        line = with_plain_bullet(raw).strip()
        is_bullet = line.startswith(BULLET)
        line = visible(line.removeprefix(BULLET))
        if not _ALPHANUMERIC.search(line):
            continue
        heading, rest = _as_heading(line, is_bullet=is_bullet)
        if heading is None:
            yield section, line
            continue
        section = heading
        if rest:
            yield section, rest


def _as_heading(line: str, *, is_bullet: bool) -> tuple[Section | None, str]:
    """The section that a line begins, None where it is no heading, and what follows on the same line."""
    marked = bool(_MARKDOWN.search(line))
    plain = _MARKDOWN.sub("", _MARKDOWN.sub("", line)).strip()
    inline = _INLINE_HEADING.match(plain)
    if inline and not is_bullet and (section := _named(inline[1])):
        return section, inline[2]
    if is_bullet and not plain.endswith(":"):
        return None, ""
    short = len(plain.split()) <= _HEADING_WORDS and plain[-1:] not in ".;,"
    titled = plain.endswith(":") or marked or plain.isupper() or plain[:1].isupper()
    if not short or not titled:
        return None, ""
    section = _named(plain)
    if section is None and (plain.endswith(":") or marked):
        return Section.UNKNOWN, ""
    return section, ""


def _named(heading: str) -> Section | None:
    return next((section for section, pattern in _HEADINGS if pattern.search(heading)), None)


def _points(section: Section, line: str) -> Iterator[RequirementText]:
    """The requirements that a line holds."""
    if section is Section.OTHER or section is Section.DUTIES:
        return
    if section is Section.UNKNOWN:
        for sentence in split_sentences(line):
            if _ASKS.search(sentence) or _PREFERRED.search(sentence):
                yield from _point(sentence, Section.REQUIRED)
        return
    for sentence in split_sentences(line):
        for part in sentence.split(";"):
            yield from _point(part, section)


def _point(sentence: str, section: Section) -> Iterator[RequirementText]:
    text = _MARKDOWN.sub("", _MARKDOWN.sub("", sentence)).strip(_TRAILING)
    if not _ALPHANUMERIC.search(text) or _OFFERS.search(text):
        return
    point = RequirementText(_cut(text), section is Section.REQUIRED)
    yield replace(point, is_required=False) if _PREFERRED.search(text) else point


def _cut(text: str) -> str:
    return text if len(text) <= MAX_LENGTH else text[:MAX_LENGTH].rsplit(" ", 1)[0]

"""Kinds of questions: which form an answer takes, what a list lists, and which aspect of a story is meant."""

import re
from enum import StrEnum
from typing import Final


class QuestionKind(StrEnum):
    """What a question wants to have."""

    YES_NO = "yes_no"
    COUNT = "count"
    DURATION = "duration"
    WHICH = "which"
    COMPARE = "compare"
    SUMMARISE = "summarise"
    EXPERIENCE = "experience"
    WHAT_HOW = "what_how"


class Aspect(StrEnum):
    """The part of one story that a generic question asks for."""

    NONE = ""
    RESULT = "result"
    ROLE = "role"
    TEAM = "team"
    DURATION = "duration"
    TECHNOLOGIES = "technologies"
    CHALLENGE = "challenge"
    LESSON = "lesson"
    CLIENT = "client"
    PLACE = "place"
    WHY = "why"
    HOW = "how"
    MORE = "more"


_LEAD_IN: Final = (
    r"^(?:(?:and|but|so|ok|okay|well|then|now|also|please|hi|hello|thanks|yes|no)\b[\s,.!]*)*"
    r"(?:(?:for|with|at|in)\s+(?=(?:which|what|how)\b))?"
    r"(?:(?:can|could|would|will)\s+you\s+(?:please\s+)?|please\s+|i(?:'d|\s+would)\s+like\s+(?:you\s+)?to\s+(?:know|hear)?\s*)?"
)
_SUMMARISE: Final = (
    r"(?:summar(?:ise|ize|y)|give\s+(?:me\s+)?(?:a|an|the)\s+(?:\w+\s+){0,2}(?:summary|overview)"
    r"|(?:a\s+)?(?:brief|short|quick)?\s*(?:summary|overview)\b|(?:who|what)\s+is\s+(?:he|she|matt)\b"
    r"|walk\s+me\s+through\s+(?:\w+\s+){0,2}(?:career|background|resume|cv|history|experience)"
    r"|(?:tell\s+me\s+about|describe|outline)\s+(?:your(?:self)?|him(?:self)?|her(?:self)?|his|matt(?:'s)?)"
    r"(?:\s+(?:\w+\s+)?(?:career|background|professional\s+\w+|history))?\s*[.?!]*$"
    r"|what\s+is\s+(?:your|his|her|matt'?s)\s+(?:\w+\s+)?(?:background|career)\b)"
)
_COMPARE: Final = (
    r"\b(?:compare[ds]?|comparison|versus|vs\.?|differ(?:s|ed|ence|ences|ent\s+from)?\s+(?:\w+\s+){0,3}(?:between|from|to))"
    r"(?:\b|(?<=\.))|\bdifferences?\s+between\b|\bhow\s+does\s+.+\s+differ\s+from\b"
)
_DURATION: Final = (
    r"\bhow\s+long\b(?!-)(?!.*\b(?:take|last|run|go\s+on)\b)|\bhow\s+many\s+(?:\w+\s+)?(?:years|months)\b|\bhow\s+much\s+(?:\w+\s+)?experience\b"
    r"|\bhow\s+much\s+time\b(?=.*\b(?:spen[dt]|work(?:ed)?)\b)|\bnumber\s+of\s+years\b|\byears\s+of\s+(?:\w+\s+)?experience\b"
)
_COUNT: Final = (
    r"\bhow\s+many\s+(?:\w+\s+){0,2}?(?:stories|projects|engagements|clients|companies|customers|industries|sectors"
    r"|technologies|tools|roles|jobs|titles|positions|capabilities|examples|assignments|programs|programmes|banks"
    r"|initiatives|eras|themes|employers|organi[sz]ations)\b|\bhow\s+often\b|\bhow\s+many\s+times\b|^how\s+many\W*$"
)
_WHICH: Final = (
    r"^(?:which|list|name|who)\b.*?\b(?:clients?|companies|customers|industr(?:y|ies)|sectors?|technolog(?:y|ies)|tools?"
    r"|projects?|stories|engagements?|initiatives?|programs?|roles?|titles?|positions?|skills?|employers?|organi[sz]ations?|capabilit(?:y|ies)|banks|stack|languages|platforms)\b"
    r"|^what\s+(?:\w+\s+)?(?:clients|companies|customers|industr(?:y|ies)|sectors|technolog(?:y|ies)|tools|roles|titles"
    r"|positions|skills|languages|platforms|capabilities|tech\s+stack)\b|^(?:for\s+)?who(?:m)?\s+(?:has|did|have)\b.*\bwork"
    r"|^what\s+(?:are|were)\s+(?:your|his|her|the|matt'?s)\s+(?:\w+\s+){0,2}(?:clients|industries|skills|roles|technologies"
    r"|capabilities|strengths)\b|^where\s+(?:has|have|did)\s+(?:he|she|you|matt)\s+work"
)
_EXPERIENCE: Final = (
    r"\b(?:tell|talk|walk|describe|share|give|recall|think|show|name)\b.*?\b(?:a|an|one|any|the|some)\s+(?:\w+\s+){0,2}"
    r"(?:time|times|situation|example|examples|instance|occasion|case|moment|project|story|experience|failure|mistake|conflict"
    r"|disagreement|challenge|decision|achievement|success)\b|\b(?:a|an)\s+(?:time|situation|occasion)\s+(?:when|where|that|you)\b"
    r"|\bhave\s+you\s+ever\b|\bhas\s+(?:he|she|matt)\s+ever\b|\bwhen\s+(?:have|did)\s+you\b|\b(?:worst|biggest|hardest|proudest"
    r"|greatest)\b.*\b(?:mistake|failure|achievement|challenge|success|regret|decision)"
)
_YES_NO: Final = (
    r"^(?:is|are|was|were|do|does|did|has|have|had|can|could|would|will|any)\b(?!\s+you\s+(?:please\s+)?"
    r"(?:tell|describe|explain|give|share|talk|walk|show|list|name|summari[sz]e|compare|elaborate|expand))|\bany\s+experience\b"
)
_KINDS: Final = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (QuestionKind.COMPARE, _COMPARE),
        (QuestionKind.DURATION, _DURATION),
        (QuestionKind.COUNT, _COUNT),
        (QuestionKind.SUMMARISE, rf"^{_SUMMARISE}"),
        (QuestionKind.EXPERIENCE, _EXPERIENCE),
        (QuestionKind.WHICH, _WHICH),
        (QuestionKind.YES_NO, _YES_NO),
    )
)
_OPENING: Final = re.compile(_LEAD_IN, re.IGNORECASE)

_LISTED: Final = tuple(
    (facet, re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE))
    for facet, pattern in (
        ("industries", r"industr(?:y|ies)|sectors?|verticals?"),
        ("roles", r"roles?|titles?|positions?|jobs?"),
        ("tags", r"technolog(?:y|ies)|tools?|tech(?:nical)?\s+stack|stack|languages?|platforms?|skills?"),
        ("capabilities", r"capabilit(?:y|ies)|strengths?|offerings?|solutions?"),
        ("eras", r"eras?"),
        ("", r"projects?|stories|engagements?|initiatives?|programs?|examples?|times"),
        ("clients", r"clients?|compan(?:y|ies)|customers?|banks|organi[sz]ations?|employers?|whom?|where"),
    )
)
_ASPECTS: Final = tuple(
    (aspect, re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE))
    for aspect, pattern in (
        (Aspect.LESSON, r"learn(?:ed|t|ing|ings)?|lessons?|differently|takeaways?|regrets?|hindsight|mistakes?"),
        (
            Aspect.DURATION,
            r"how\s+long|duration|when|last(?:ed)?\s+long|take\s+long|what\s+year|dates?|how\s+many\s+(?:years|months)",
        ),
        (
            Aspect.TEAM,
            r"teams?|how\s+(?:big|large|many\s+(?:people|engineers|developers))|size|people|staff|who\s+(?:else|was|were)",
        ),
        (Aspect.ROLE, r"roles?|responsib\w+|position|title|(?:your|his|her)\s+(?:own\s+)?(?:part|job|contribution)"),
        (
            Aspect.TECHNOLOGIES,
            r"technolog(?:y|ies)|tech|stack|tools?|tooling|built\s+with|languages?|software|platform",
        ),
        (
            Aspect.CHALLENGE,
            r"challeng\w+|hard(?:est)?|difficult\w*|obstacles?|problems?|tough(?:est)?|risks?|wrong|struggle\w*|blockers?|setbacks?",
        ),
        (
            Aspect.RESULT,
            r"results?|outcomes?|impact|numbers|metrics?|achiev\w+|succe\w+|improve\w*|benefits?|savings?|end|went|worth|figures?"
            r"|work\s+out|turn(?:ed)?\s+out|proof|evidence|measur\w+|pay\s+off|c[ao]me\s+of",
        ),
        (Aspect.CLIENT, r"clients?|customer|company|(?:for\s+)?who(?:m)?|industry|sector|bank"),
        (Aspect.PLACE, r"where|location|place|city|country"),
        (
            Aspect.MORE,
            r"more|elaborate|expand|continue|go\s+on|details?|yes|sure|deeper|further|context|background|situation",
        ),
        (Aspect.WHY, r"why|reason\w*|motivat\w+|purpose|goals?|aims?|objectives?"),
        (Aspect.HOW, r"how|approach\w*|steps?|method\w*|process|solv\w+|solution|do(?:ne)?|did|handle\w*|tackle\w*"),
    )
)


_STANDING_ASPECTS: Final = tuple(
    (aspect, re.compile(pattern, re.IGNORECASE))
    for aspect, pattern in (
        (Aspect.DURATION, r"\bhow\s+long\b(?=.*\b(?:take|last|run|go\s+on)\b)"),
        (Aspect.TEAM, r"^how\s+(?:big|large)\s+was\s+the\s+\w*\s*team\b"),
        (Aspect.RESULT, r"^what\s+(?:was|were)\s+the\s+(?:\w+\s+)?(?:results?|outcomes?|impact)\s+of\b"),
    )
)


def opening_left_out(question: str) -> str:
    """The question without "and", "so", "could you please" before it."""
    return _OPENING.sub("", " ".join(question.split()), count=1)


def classify(question: str) -> QuestionKind:
    """The kind of a question, by how it is put."""
    text = opening_left_out(question)
    return next((kind for kind, pattern in _KINDS if pattern.search(text)), QuestionKind.WHAT_HOW)


def listed_facet(question: str) -> str:
    """The facet whose values a question wants listed or counted; "" where it wants stories."""
    found = [(match.start(), facet) for facet, pattern in _LISTED if (match := pattern.search(question))]
    return min(found)[1] if found else ""


def aspect_of(question: str) -> Aspect:
    """What a generic question asks of one story."""
    return next((aspect for aspect, pattern in _ASPECTS if pattern.search(question)), Aspect.NONE)


def standing_aspect(question: str) -> Aspect:
    """The aspect that a question asks of the one story it names by itself."""
    text = opening_left_out(question)
    return next((aspect for aspect, pattern in _STANDING_ASPECTS if pattern.search(text)), Aspect.NONE)

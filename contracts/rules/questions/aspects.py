"""The part of a story that a question asks for, and the part that answers it best."""

import re
from enum import StrEnum
from typing import Final

from contracts.rules.questions.kinds import HIS, opening_left_out


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
            r"teams?|how\s+(?:big|large|many\s+(?:people|engineers|developers))|size|people|staff|who\s+else|who\s+(?:was|were)(?!\s+(?:the|his|her|your)\s+(?:client|customer|company|employer))",
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
        (
            Aspect.DURATION,
            r"\bhow\s+long\b(?=.*\b(?:take|last|run|go\s+on)\b)|\bhow\s+long\s+(?:was|were|did|is|has)\s+(?:the|this|that)\b"
            r"|^when\s+(?:was|were|did)\s+(?:the|this|that)\b|^when\s+was\b",
        ),
        (Aspect.ROLE, rf"^what\s+(?:was|is)\s+{HIS}\s+(?:\w+\s+)?(?:role|part|job|responsibility)\s+(?:in|on)\b"),
        (Aspect.TEAM, r"^how\s+(?:big|large)\s+was\s+the\s+\w*\s*team\b"),
        (
            Aspect.RESULT,
            r"^what\s+(?:was|were)\s+the\s+(?:\w+\s+)?(?:results?|outcomes?|impact)\s+of\b"
            r"|^how\s+did\s+the\b.*\b(?:end|turn\s+out|go|work\s+out)\W*$|^what\s+(?:became|came)\s+of\b",
        ),
    )
)
_EMPHASIS: Final = tuple(
    (aspect, re.compile(pattern, re.IGNORECASE))
    for aspect, pattern in (
        (
            Aspect.RESULT,
            r"\b(?:results?|outcomes?|impact|achiev\w+|accomplish\w+|savings?|saved|benefits?|improvements?|metrics|numbers|figures)\b",
        ),
        (Aspect.WHY, r"^(?:and\s+)?why\b"),
        (
            Aspect.HOW,
            r"^how\s+(?:did|do|does|was|were|is|are|would|has|have|come)\b|\bapproach(?:es|ed)?\b|\bhandl\w+\b",
        ),
    )
)


def aspect_of(question: str) -> Aspect:
    """The part of a story that a generic question asks for."""
    return next((aspect for aspect, pattern in _ASPECTS if pattern.search(question)), Aspect.NONE)


def standing_aspect(question: str) -> Aspect:
    """The part that a question asks of the one story it names by itself."""
    text = opening_left_out(question)
    return next((aspect for aspect, pattern in _STANDING_ASPECTS if pattern.search(text)), Aspect.NONE)


def emphasis(question: str) -> Aspect:
    """The part of a story whose sentences answer a question best: RESULT, WHY, HOW, or NONE for any."""
    text = opening_left_out(question)
    return next((aspect for aspect, pattern in _EMPHASIS if pattern.search(text)), Aspect.NONE)

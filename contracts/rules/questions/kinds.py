"""Kinds of questions: the form an answer takes, and the values that a list has."""

import re
from enum import StrEnum
from typing import Final


class QuestionKind(StrEnum):
    """The form of answer that a question asks for."""

    YES_NO = "yes_no"
    COUNT = "count"
    DURATION = "duration"
    WHICH = "which"
    COMPARE = "compare"
    SUMMARISE = "summarise"
    EXPERIENCE = "experience"
    WHAT_HOW = "what_how"


HE: Final = r"(?:he|she|they|you|u|him|her|them)"
HIS: Final = r"(?:his|her|their|your|ur)"
_LEAD_IN: Final = (
    r"^(?:(?:and|but|so|ok|okay|well|then|now|also|please|hi|hello|thanks|yes|no)\b[\s,.!]*)*"
    r"(?:(?:for|with|at|in)\s+(?=(?:which|what|how)\b))?"
    r"(?:(?:can|could|would|will)\s+you\s+(?:please\s+)?|please\s+|i(?:'d|\s+would)\s+like\s+(?:you\s+)?to\s+(?:know|hear)?\s*)?"
)
_CAREER: Final = r"(?:career|background|resume|cv|history|experience|profile)"
_SUMMARISE: Final = (
    rf"(?:summar(?:ise|ize|y)|sum\s+up|give\s+(?:me\s+)?(?:a|an|the|{HIS})\s+(?:\w+\s+){{0,2}}(?:summary|overview|pitch)"
    rf"|(?:a\s+)?(?:brief|short|quick)?\s*(?:summary|overview)\b|who\s+(?:is|are)\s+{HE}\W*$|what\s+(?:is|are)\s+{HE}\W*$"
    rf"|walk\s+me\s+through\s+(?:\w+\s+){{0,2}}{_CAREER}"
    rf"|(?:tell\s+me\s+(?:(?:a\s+(?:bit|little)|more|something)\s+)?about|describe|outline|introduce)"
    rf"\s+(?:yourself|himself|herself|{HE}|{HIS})"
    rf"(?:\s+(?:\w+\s+)?(?:{_CAREER}|professional\s+\w+))?\s*[.?!]*$"
    rf"|what\s+(?:is|does)\s+{HIS}\s+(?:\w+\s+)?(?:background|career|experience\W*$)"
    rf"|why\s+should\s+(?:we|i|one|someone)\s+(?:hire|choose|pick|talk\s+to|interview)|why\s+{HE}\W*$"
    rf"|what\s+(?:do|does)\s+{HE}\s+do(?:\s+(?:for\s+a\s+living|for\s+work|exactly|now))?\W*$"
    rf"|(?:should|would|could|can)\s+(?:we|i|you)\s+(?:really\s+)?hire\s+{HE}\W*$|(?:is|are)\s+{HE}\s+any\s+good\W*$"
    rf"|what\s+makes\s+{HE}\s+(?:\w+\s+)?(?:different|special|unique|stand\s+out|a\s+good))"
)
_COMPARE: Final = (
    r"\b(?:compare[ds]?|comparison|versus|vs\.?|differ(?:s|ed|ence|ences|ent\s+from)?\s+(?:\w+\s+){0,3}(?:between|from|to))"
    r"(?:\b|(?<=\.))|\bdifferences?\s+between\b|\bhow\s+does\s+.+\s+differ\s+from\b"
)
_DURATION: Final = (
    r"\bhow\s+long\b(?!-)(?!.*\b(?:take|last|run|go\s+on)\b)|\bhow\s+many\s+(?:\w+\s+)?(?:years|months)\b"
    r"|\bhow\s+much\s+(?:\w+\s+)?experience\b|\bhow\s+much\s+time\b(?=.*\b(?:spen[dt]|work(?:ed)?)\b)|\bnumber\s+of\s+years\b"
    rf"|\byears\s+of\s+(?:\w+\s+)?experience\b|^when\s+(?:did|was|were|has|have)\s+{HE}\s+(?:(?:start|stop)\s+)?"
    r"(?:work\w*|join\w*|leave|left|employed|at|with)\b(?!\s+with\s+(?:a|an|some\w*|people|difficult)\b)"
)
_COUNTED: Final = (
    r"(?:clients?|companies|customers?|industr(?:y|ies)|sectors?|technolog(?:y|ies)|tools?|projects?|stories|engagements?"
    r"|initiatives?|assignments?|programs?|programmes?|roles?|jobs?|titles?|positions?|skills?|employers?|organi[sz]ations?"
    r"|trials|studies|migrations|launches|audits|reviews|rescues|implementations|transformations|cases"
    r"|capabilit(?:y|ies)|banks|stack|languages?|frameworks|platforms|examples|eras|themes|cities|countries|locations|places)"
)
_PLURAL: Final = (
    r"(?:clients|companies|customers|industr(?:y|ies)|sectors|technolog(?:y|ies)|tools|roles|jobs|titles|positions|skills|employers"
    r"|organi[sz]ations|languages|frameworks|platforms|capabilities|strengths|projects|cities|countries|locations|tech\s+stack|stack)"
)
_COUNT: Final = (
    rf"\bhow\s+many\s+(?:(?!people|years|months)[\w-]+\s+){{0,3}}?{_COUNTED}\b|\bhow\s+often\b|\bhow\s+many\s+times\b"
    r"|^how\s+many\W*$|^how\s+many\s+(?:were|was|are|of\s+(?:them|these|those)|(?:at|in|for|with)\s)"
)
_WHICH: Final = (
    rf"^(?:which|list|name|who)\b.*?\b{_COUNTED}\b|^(?:which|list|show)(?:\s+me)?\s+(?:of|all|ones?)\b"
    rf"|^(?:what|whose)\s+(?:[\w-]+\s+){{0,2}}?{_PLURAL}\b|^(?:for\s+)?who(?:m)?\s+(?:has|did|have)\b.*\bwork"
    r"|^(?:show|give)\s+(?:me\s+)?(?:all\s+|a\s+list\s+of\s+)?(?:his|her|your|the)\s+(?:[\w-]+\s+){0,2}?"
    r"(?:projects|clients|roles|employers)\b"
    rf"|^what\s+(?:are|were|is|was)\s+(?:the|{HIS})\s+(?:[\w-]+\s+){{0,2}}?"
    rf"(?:{_PLURAL}|role|title|position|employer|expertise|speciality|specialty)\b"
    rf"|^what\s+(?:is|are)\s+{HE}\s+(?:\w+\s+)?(?:best|good|great|strong|strongest|known)\b|^what\s+do(?:es)?\s+{HE}\s+speciali[sz]e"
    rf"|^what\s+(?:is|are)\s+{HE}\s+(?:\w+\s+)?(?:doing|working\s+on|up\s+to)\b"
    rf"|^where\s+(?:has|have|did|does|do)\s+{HE}\s+(?:\w+\s+)?(?:work|use|apply)"
)
_EXPERIENCE: Final = (
    r"\b(?:tell|talk|walk|describe|share|give|recall|think|show|name)\b.*?\b(?:a|an|one|any|the|some)\s+(?:\w+\s+){0,2}"
    r"(?:time|times|situation|example|examples|instance|occasion|case|moment|project|story|experience|failure|mistake|conflict"
    r"|disagreement|challenge|decision|achievement|success)\b|\b(?:a|an)\s+(?:time|situation|occasion)\s+(?:when|where|that|you)\b"
    r"|\bhave\s+you\s+ever\b|\bwhen\s+(?:have|did)\s+you\b|\b(?:worst|biggest|hardest|proudest|best|favou?rite|toughest"
    r"|greatest|(?:most|least)\s+\w+)\b.*\b(?:mistake|failure|achievement|accomplishment|challenge|success|regret|decision|win)"
    rf"|^what\s+(?:is|are|was|were)\s+{HE}\s+(?:most\s+)?proud"
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

_NUMBER: Final = re.compile(
    r"\bhow\s+(?:many|much|big|large)\b"
    r"|\b(?:largest|biggest|smallest|highest)\s+(?:\w+\s+)?(?:teams?|budgets?|groups?|headcount|staff)\b",
    re.IGNORECASE,
)
_SECTOR: Final = re.compile(
    r"\b(?:work\w*|experience|background|career|been|employed)\s+in\s+(?:the\s+)?[\w-]+ing\b(?:\s+(?:industry|sector))?\W*$",
    re.IGNORECASE,
)
_LISTED: Final = tuple(
    (facet, re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE))
    for facet, pattern in (
        ("industries", r"industr(?:y|ies)|sectors?|verticals?"),
        ("roles", r"roles?|titles?|positions?|jobs?"),
        ("languages", r"languages?"),
        ("technologies", r"technolog(?:y|ies)|tools?|tech(?:nical)?\s+stack|stack|frameworks?|platforms?"),
        ("tags", r"skills?|topics?"),
        (
            "capabilities",
            r"capabilit(?:y|ies)|strengths?|offerings?|solutions?|best\s+at|good\s+at|known\s+for|speciali[sz]e\w*|special(?:i?ty|i?ties)|expertise",
        ),
        ("eras", r"eras?"),
        ("places", r"places?|cit(?:y|ies)|countr(?:y|ies)|locations?"),
        (
            "",
            r"projects?|stories|engagements?|initiatives?|programs?|programmes?|assignments?|examples?|times|ones?|of\s+(?:them|these|those)",
        ),
        ("employers", r"employers?"),
        ("clients", r"clients?|compan(?:y|ies)|customers?|banks|organi[sz]ations?|whom?|where"),
    )
)
_PARTS: Final = re.compile(
    r"[,;?]?\s+and\s+(?=(?:what|which|how|why|when|who|where)\b)|\?\s+(?=(?:and\s+)?(?:what|which|how|why|when|who|where)\b)",
    re.IGNORECASE,
)
_LEAST_WORDS: Final = 3  # of the first part of a question in two


def opening_left_out(question: str) -> str:
    """The question without "and", "so", "could you please" before it."""
    return _OPENING.sub("", " ".join(question.split()), count=1)


def parts_of(question: str) -> tuple[str, str]:
    """A question in two parts, as "What did he do, and how long did it take?" is; the second is "" for one in one."""
    first, *rest = _PARTS.split(question, maxsplit=1)
    return (first, rest[0]) if rest and len(first.split()) >= _LEAST_WORDS else (question, "")


def classify(question: str) -> QuestionKind:
    """The kind of a question, by its wording; a question in two parts has the kind of the first."""
    text = opening_left_out(question)
    if _KINDS[0][1].search(text):
        return QuestionKind.COMPARE
    text, _ = parts_of(text)
    return next((kind for kind, pattern in _KINDS if pattern.search(text)), QuestionKind.WHAT_HOW)


def asks_for_number(question: str) -> bool:
    """Whether a question wants a figure: how many, how much, how large, or the largest team or budget."""
    return _NUMBER.search(question) is not None


def asks_for_sector(question: str) -> bool:
    """Whether a question wants work in a sector, as "has he worked in banking?" does."""
    return _SECTOR.search(question) is not None


def listed_facet(question: str) -> str:
    """The facet whose values a question wants listed or counted; "" where it wants stories."""
    return _first_listed(question) or ""


def says_what_is_listed(question: str) -> bool:
    """Whether a question says what is to be listed; "and in retail?" does not."""
    return _first_listed(question) is not None


def _first_listed(question: str) -> str | None:
    found = [(match.start(), facet) for facet, pattern in _LISTED if (match := pattern.search(question))]
    return min(found)[1] if found else None

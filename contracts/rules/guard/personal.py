"""Personal questions: what a portfolio declines to say of its owner, and how it declines."""

import re
from typing import Final

from contracts.profile import ProfileFacts
from contracts.rules.guard.person import alone, pattern, read_question

_SALARY: Final = r"(?:sal{1,2}[ae]?r{1,2}(?:y|ies)|wages?|remuneration|pay\s?checks?|pay\s?slips?|net\s+worth|income)"
_PAY: Final = rf"(?:{_SALARY}|pay|compensation|(?:day|daily|hourly)\s+rate|bonus|stock\s+options)"
_KIN: Final = (
    r"(?:wife|wives|husband|spouse|kids?|child(?:ren)?|sons?|daughters?|parents?|mother|father|mom|mum|dad|brothers?"
    r"|sisters?|siblings?|girl\s?friends?|boy\s?friends?|family|pets?|dogs?|cats?|marriage|divorce|love\s+life)"
)
_MARRIED: Final = (
    r"(?:mar{1,2}ied|single|divorced|dating|pregnant|widowed|in\s+a\s+relationship|seeing\s+(?:some|any)one)"
)
_PARENT: Final = r"(?:an?\s+)?(?:father|mother|dad|mum|mom|parent)"
_ILLNESS: Final = (
    r"(?:health|illness(?:es)?|disabilit(?:y|ies)|disease|medical|mental|weight|height|diet|medication|therapy"
    r"|cancer|adhd|autism|depression|allerg\w+|vaccin\w*|blood\s+type|handicap)"
)
_ILL: Final = (
    r"(?:sick|ill|healthy|disabled|autistic|depressed|vaccinated|overweight|fat|alcoholic|an\s+alcoholic|addicted"
    r"|an\s+addict|vegan|a\s+vegan|vegetarian|a\s+vegetarian|a\s+smoker|handicapped|drunk|high|sober|insane|crazy)"
)
_BELIEF: Final = (
    r"(?:religio\w*|faith|church|god|politics|political\s+(?:views?|part(?:y|ies)|opinions?)|vot(?:e|es|ed|ing))"
)
_BELIEVER: Final = (
    r"(?:an?\s+)?(?:religious|christian|muslim|moslem|jew|jewish|hindu|buddhist|sikh|catholic|protestant|atheist"
    r"|mormon|democrat|republican|socialist|communist|conservative|liberal|racist|sexist|left[\s-]wing|right[\s-]wing)"
)
_ORIENTED: Final = (
    r"(?:an?\s+)?(?:gay|homosexual|heterosexual|straight|bi|bisexual|lesbian|queer|trans|transgender|asexual|lgbtq?"
    r"|non[\s-]?binary|virgin)"
)
_LOOKS: Final = (
    r"(?:hot|sexy|handsome|cute|ugly|attractive|good[\s-]looking|beautiful|bald|an?\s+good\s+kisser|a\s+good\s+lover)"
)
_ORIGIN: Final = (
    r"(?:race|ethnicity|ethnic\s+\w+|nationality|citizenship|immigration\s+status|visa\s+status|skin\s+colou?r)"
)
_PRIVATE: Final = (
    r"(?:ssn|social\s+security\s+number|passwords?|passport(?:\s+number)?|bank\s+account|home\s+address|street\s+address"
    r"|credit\s+(?:card\s+number|score)|tax\s+(?:returns?|id))"
)
_PRAISED: Final = (
    r"(?:project|stor(?:y|ies)|client|result|role|technolog\w+|tool|programming|framework|work|achievement|success"
    r"|engagement|job|assignment|stack|pattern|method|metric|part|architecture|lesson)"
)
_END: Final = r"\s*(?:[?!.,;]|$|or\b|and\b|right\b|these\s+days|now\b|today|currently)"

_TOPICS: Final[dict[str, re.Pattern[str]]] = {
    "salary": pattern(
        rf"\bHIS\s+(?:\w+\s+){{0,2}}{_PAY}\b(?!\s+(?:system|platform|engine|project|process|stor|work|module|service))",
        rf"\b{_SALARY}\s+(?:expectations?|expected|requirements?|range|history|band)\b",
        rf"\b(?:what|which|how\s+much)\s+(?:\w+\s+)?{_SALARY}\s+(?:IS|DOES|should)\s+HE\b",
        rf"\b(?:expected|desired|current)\s+{_PAY}\b",
        r"\bhow\s+much\s+(?:money\s+)?(?:IS|DOES)\s+HE\s+(?:\w+\s+){0,2}"
        r"(?:earn|earning|making|cost|charge|paid|worth|expect|make(?!\s+(?:the|it|a|of)\b))",
        r"\bwhat\s+(?:IS|DOES)\s+HE\s+(?:\w+\s+)?(?:earn|earning|charge|paid|get\s+paid|make\s*(?:\W*$|an?\s+(?:year|month|hour)))",
        rf"\bIS\s+HE\s+(?:\w+\s+)?(?:rich|wealthy|expensive|well[\s-]paid|a\s+millionaire|poor){_END}",
        alone(rf"{_SALARY}|compensation|pay"),
    ),
    "age": pattern(
        r"\bh(?:o|a)?w\s+old\s+(?:IS\s+)?HE\b",
        r"\bHIS\s+(?:\w+\s+)?(?:age|birth\s?da(?:y|te)|date\s+of\s+birth|year\s+of\s+birth)\b",
        r"\bwhat\s+age\s+IS\s+HE\b",
        r"\b(?:when|what\s+year|which\s+year|where)\s+(?:was|were)\s+HE\s+born\b",
        rf"\bIS\s+HE\s+(?:\w+\s+)?(?:old|young|over\s+\d\d|under\s+\d\d){_END}",
        r"\bHE\s+(?:too\s+)?old\b",
        alone(r"age|birthday|date\s+of\s+birth"),
    ),
    "family": pattern(
        rf"\bHIS\s+(?:\w+\s+)?{_KIN}\b",
        rf"\b(?:DOES|IS)\s+HE\s+(?:(?:have|got|has|own|want|any|an?|some)\s+)+(?:\w+\s+)?{_KIN}\b",
        rf"\bIS\s+HE\s+(?:\w+\s+)?(?:{_MARRIED}|{_PARENT}){_END}",
        rf"\bhow\s+many\s+{_KIN}\s+(?:DOES|IS)\s+HE\b",
        r"\bgo\s+(?:out\s+)?(?:on\s+a\s+date\s+)?with\s+me\b",
        r"\bmarital\s+status\b",
    ),
    "health": pattern(
        rf"\bHIS\s+(?:\w+\s+)?{_ILLNESS}\b(?!\s*(?:\w+\s+){{0,2}}(?:client|project|stor|work|experience|sector|industr|care|role))",
        rf"\bIS\s+HE\s+(?:\w+\s+)?{_ILL}{_END}",
        rf"\bDOES\s+HE\s+(?:ever\s+)?(?:have|suffer\s+from|suffered\s+from|take|had)\s+(?:\w+\s+)?{_ILLNESS}\b"
        r"(?!\s*(?:care|client|experience|project))",
        r"\bDOES\s+HE\s+(?:\w+\s+)?(?:smoke|drink|do\s+drugs|take\s+drugs|use\s+drugs|get\s+drunk)\b",
        r"\bhow\s+(?:tall|heavy|fat)\s+IS\s+HE\b",
    ),
    "beliefs": pattern(
        rf"\bHIS\s+(?:\w+\s+)?(?:{_BELIEF}|beliefs)\b",
        rf"\bIS\s+HE\s+(?:\w+\s+)?{_BELIEVER}{_END}",
        r"\bDOES\s+HE\s+(?:believe\s+in\s+(?:god|jesus|allah)|pray|go\s+to\s+(?:church|mosque)|vote|support\s+(?:trump|biden))\b",
        r"\bwho\s+DOES\s+HE\s+vote\b",
        r"\b(?:what|which)\s+(?:religion|political\s+party|church|party)\b",
    ),
    "orientation": pattern(
        rf"\bIS\s+HE\s+(?:\w+\s+)?{_ORIENTED}{_END}",
        r"\b(?:sexual|gender)\s+(?:orientation|identity|preferences?)\b",
        r"\bHIS\s+(?:sex\s+life|sexuality|pronouns|gender)\b",
        r"\bDOES\s+HE\s+(?:like|sleep\s+with|love)\s+(?:men|women|guys|girls|boys)\b",
    ),
    "origin": pattern(
        rf"\b(?:HIS|what|which)\s+(?:\w+\s+)?{_ORIGIN}\b",
        rf"\bIS\s+HE\s+(?:an?\s+)?(?:black|white|asian|american|indian|latino|hispanic|african|chinese|immigrant|foreigner){_END}",
        r"\b(?:work\s+permit|green\s+card|visa\s+sponsorship)\b",
    ),
    "private details": pattern(
        rf"\bHIS\s+(?:\w+\s+)?{_PRIVATE}\b",
        r"\bHE\s+(?:\w+\s+)?(?:been\s+(?:arrested|convicted|(?:in|to)\s+(?:jail|prison))|go\s+to\s+(?:jail|prison))",
        r"\bHIS\s+criminal\s+record\b",
        r"\bDOES\s+HE\s+have\s+a\s+criminal\b",
    ),
    "private life": pattern(
        rf"\bHIS\s+(?:\w+\s+)?fa(?:v|vou?|ve)rit?e\b(?!\s+(?:\w+\s+)?{_PRAISED})",
        r"\bHIS\s+(?:\w+\s+)?(?:hobb(?:y|ies)|free\s+time\s*\W*$|weekends?|zodiac\s+sign|star\s+sign)\b",
        r"\bwhat\s+DOES\s+HE\s+(?:like\s+to\s+)?do\s+(?:for\s+fun|in\s+HIS\s+(?:free|spare)\s+time|at\s+the\s+weekend)",
        rf"\bIS\s+HE\s+(?:\w+\s+)?{_LOOKS}{_END}",
        r"\bwhat\s+(?:\w+\s+)?(?:car|house|phone)\s+DOES\s+HE\s+(?:drive|own|have)\b",
    ),
}


def personal_topic(question: str, facts: ProfileFacts) -> str | None:
    """What personal matter a question asks for; None if it asks for none."""
    read = read_question(question, facts.name)
    return next((topic for topic, asked in _TOPICS.items() if asked.search(read)), None)


def personal_answer(topic: str, facts: ProfileFacts) -> str:
    """A kind refusal with the reason."""
    owner = facts.name or "the owner"
    text = f"That is a personal matter ({topic}), so this site does not answer it: it speaks of {owner}'s work alone."
    return f"{text} You are welcome to ask {owner} in person: {facts.email}." if facts.email else text

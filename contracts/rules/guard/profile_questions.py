"""Questions about the profile's facts: logistics that a hiring manager asks for, which no story answers."""

import re
from typing import Final

from contracts.profile import ProfileFacts
from contracts.rules.guard.person import alone, pattern, read_question

_MAIL: Final = r"(?:e[\s-]?mail|mail)(?:\s+(?:address|adress|id))?"
_PHONE: Final = r"(?:(?:tele)?phone|cell(?:phone)?|mobile)(?:\s+(?:number|no|nr))?|number"
_SITES: Final = (
    r"(?:linked\s?in|github|gitlab|twitter|instagram|facebook|stack\s?overflow|mastodon|(?:portfolio\s+)?web\s?site|blog"
    r"|home\s?page|social\s+media)"
)
_CV: Final = r"(?:cv|c\.v\.|r[eé]sum[eé]|curriculum\s+vitae)"
_DEGREE: Final = r"(?:degrees?|ph\.?\s?d|mba|bachelors?|masters?(?:\s+degree)?|diplomas?|doctorate|alma\s+mater)"
_CERTIFIED: Final = r"(?:certif\w+|certs?|accreditations?|qualifications?)"
_SCHOOL: Final = r"(?:school|college|university|uni)"
_WILLING: Final = r"(?:willing|open|able|ready|happy|prepared|flexible|amenable|free|opposed)"
_WHERE: Final = (
    r"(?:remote(?:ly)?|hybrid|on[\s-]?site|in[\s-]?person|in\s+(?:the\s+|an\s+)?office|from\s+(?:home|the\s+office))"
)
_BASIS: Final = r"(?:contract|freelance|part[\s-]?time|full[\s-]?time|permanent|temporary|interim|fractional)"
_WORK: Final = r"(?:work|jobs?|roles?|positions?|opportunit\w+|offers?|gigs?|engagements?|basis)"
_FORMER: Final = (
    r"(?:former|previous|past|old|ex|current|last)[\s-]+(?:\w+\s+)?(?:managers?|boss\w*|colleagues?|clients?"
    r"|employers?)"
)
_REFERENCES: Final = r"(?:references?|referees?|letters?\s+of\s+recommendation|recommendation\s+letters?)"
_MEETING: Final = r"(?:call|interview|meeting|chat|appointment|conversation|coffee)"
_TONGUES: Final = (
    r"(?:english|german|french|spanish|italian|portuguese|dutch|polish|russian|ukrainian|chinese|mandarin|cantonese"
    r"|japanese|korean|arabic|hebrew|hindi|urdu|bengali|punjabi|tamil|telugu|turkish|greek|swedish|danish|norwegian"
    r"|finnish|czech|hungarian|romanian|vietnamese|thai|indonesian|malay|persian|farsi|swahili|latin)"
)

_FACTS: Final[dict[str, re.Pattern[str]]] = {
    "cv": pattern(
        rf"\bHIS\s+(?:\w+\s+)?{_CV}(?!\w)(?!\s+(?:the|work))",
        rf"\b(?:see|download|send|get|have|share|read|find|view|there)\s+(?:me\s+)?(?:an?\s+|the\s+)?{_CV}(?!\w)",
        alone(_CV),
    ),
    "references": pattern(
        rf"\b(?:have|get|see|provide|give|list|share|send|call|check|any|some|HIS|has|former|professional)\s+(?:me\s+|us\s+)?"
        rf"(?:\w+\s+)?{_REFERENCES}(?=END|\s+(?:from|for|of)\b)",
        r"\b(?:vouch\s+for|recommends?|recommended)\s+HE(?:END)",
        rf"\b(?:i|we|me|us)\s+(?:\w+\s+){{0,3}}(?:to|with|call|contact|reach)\s+(?:\w+\s+){{0,3}}{_FORMER}",
        rf"\b(?:talk|speak|in\s+touch)\s+(?:to|with)\s+(?:\w+\s+){{0,2}}{_FORMER}",
        alone(rf"{_REFERENCES}(?:\s+(?:available|on\s+request))?"),
    ),
    "languages": pattern(
        rf"\bDOES\s+HE\s+(?:\w+\s+)?(?:speak|understand|know|read|write)\s+(?:\w+\s+)?{_TONGUES}\b",
        r"\bDOES\s+HE\s+speak\s+(?:\w+\s+){0,3}languages?(?:END)",
        rf"\bHIS\s+(?:\w+\s+)?{_TONGUES}END|\bfluent\s+in\s+{_TONGUES}\b|\bfluent\s+{_TONGUES}\b",
        r"\b(?:what|which|how\s+many)\s+(?:\w+\s+)?languages?\s+(?:DOES|IS|can)\s+HE\s+(?:\w+\s+)?(?:speak|talk|fluent)",
        r"\bHIS\s+(?:native|first|foreign|spoken)\s+(?:languages?|tongue)\b|\bforeign\s+languages?END",
        rf"\bIS\s+HE\s+(?:an?\s+)?(?:bilingual|multilingual|native\s+(?:{_TONGUES}\s+)?speaker)",
        alone(r"(?:spoken\s+|foreign\s+)?languages\s+spoken|spoken\s+languages"),
    ),
    "education": pattern(
        rf"\b(?:where|what|which\s+\w+)\s+(?:DOES|IS)\s+HE\s+(?:study|studied|graduate|graduated|major|go\s+to\s+{_SCHOOL}|educated)\b",
        rf"\b(?:what|which)\s+{_SCHOOL}\b.{{0,12}}\bHE\b",
        rf"\bDOES\s+HE\s+(?:ever\s+)?(?:have|hold|got|get|go\s+to|attend|finish)\s+(?:\w+\s+){{0,3}}(?:{_DEGREE}|{_SCHOOL})\b",
        rf"\bHIS\s+(?:\w+\s+)?(?:{_DEGREE}|education\w*|{_SCHOOL}|academic\s+\w+|major|gpa|grades)\b",
        rf"\b(?:what|which)\s+{_DEGREE}\s+DOES\s+HE\b",
        r"\beducational\s+background\b|\bhighest\s+(?:\w+\s+)?(?:degree|education|qualification)\b",
        r"\bIS\s+HE\s+(?:an?\s+)?(?:(?:college|university)\s+)?(?:graduate|phd|educated)\b",
        alone(r"education|degrees?"),
    ),
    "certificates": pattern(
        rf"\bHIS\s+(?:\w+\s+)?{_CERTIFIED}\b",
        r"\bIS\s+HE\s+(?:\w+\s+){0,2}(?:certified|licensed|accredited)\b",
        rf"\bDOES\s+HE\s+(?:have|hold|got)\s+(?:\w+\s+){{0,3}}{_CERTIFIED}\b",
        rf"\b(?:what|which)\s+(?:\w+\s+)?{_CERTIFIED}\s+(?:DOES|IS)\s+HE\b",
        rf"^\W*(?:(?:any|list|got|show|me|the|of|all)\s+)+(?:\w+\s+){{0,2}}{_CERTIFIED}END",
        alone(r"certifications?|certificates?|certs"),
    ),
    "links": pattern(
        rf"\bHIS\s+(?:\w+\s+)?{_SITES}\b",
        rf"\b(?:IS|DOES)\s+HE\s+(?:have\s+)?(?:an?\s+|on\s+){_SITES}\b",
        alone(rf"{_SITES}(?:\s+(?:profile|page|account|url|link))?"),
    ),
    "email": pattern(rf"\bHIS\s+(?:\w+\s+)?{_MAIL}\b", alone(_MAIL)),
    "phone": pattern(
        rf"\bHIS\s+(?:\w+\s+)?(?:{_PHONE})\b(?!\s+of\b)", alone(r"(?:tele)?phone(?:\s+number)?|mobile\s+number")
    ),
    "availability": pattern(
        r"\bnotice\s+period\b|\bHIS\s+notice(?:END)",
        r"\b(?:can|could|will|would)\s+HE\s+(?:start|join|begin)(?=END|\s+(?:us|on\s+\w+day|next|immediately|right\s+away"
        r"|asap|tomorrow|soon|within|in\s+(?:\w+\s+)?(?:days?|weeks?|months?))\b)",
        r"\b(?:when|how\s+soon|what\s+date)\s+(?:can|could|is|are|will|would|may)\s+HE\s+(?:be\s+)?"
        r"(?:start(?!\s+the)|available|join|begin(?!\s+the)|free)\b",
        rf"\bIS\s+HE\s+(?!(?:\w+\s+){{0,4}}remote)(?:\w+\s+)?(?:available|hirable|hireable|job\s+hunting"
        rf"|free(?=\s*(?:\W*$|to\b|on\b|for\b|now\b|next\b))|(?:open\s+to|looking\s+for|searching\s+for)\s+(?:\w+\s+){{0,2}}{_WORK})\b",
        r"\bHE\s+(?:\w+\s+)?(?:on\s+the\s+(?:job\s+)?market|between\s+jobs)\b",
        r"\b(?:is|are|r)\s+HE\s+(?:(?:currently|still|already|now)\s+)?(?:un)?(?:employed|working|looking)(?:\s+(?:right\s+now|anywhere))?END",
        r"\bHIS\s+(?:availability|earliest\s+start|start\s+date)\b(?!\s+(?:figures?|numbers?|targets?|work|goals?))",
        r"\bcan\s+(?:i|we)\s+hire\s+HE\b",
        rf"\b(?:IS|DOES)\s+HE\s+(?:\w+\s+){{0,3}}(?:to|in|for|accept|take|consider|do|prefer|work|want)\s+(?:an?\s+|any\s+)?{_BASIS}(?:\s+{_WORK})?END",
        rf"\bIS\s+HE\s+(?:(?:only|still|working)\s+)?{_BASIS}(?:\s+{_WORK})?END",
        rf"^\W*{_BASIS}(?:\s+(?:{_WORK}|ok\w*|possible|or\s+{_BASIS}))*\W*$",
        alone(
            r"available(?:\s+(?:immediately|now|soon|when))?|when\s+available|availability"
            r"|(?:earliest\s+)?(?:possible\s+)?(?:start(?:ing)?|joining)\s+date"
        ),
    ),
    "place": pattern(
        r"\bwhere\s+IS\s+HE\s*(?:now\s*)?(?:\W*$|based|located|living|situated|from|at\b)",
        r"\bwhere\s+DOES\s+HE\s+(?:\w+\s+)?(?:live|reside|work\s+from|stay)\b",
        r"\bHIS\s+(?:\w+\s+)?(?:location|home\s?town|residence|time\s?zone|city|country)\b",
        r"\b(?:what|which)\s+(?:city|country|state|time\s?zone|town)\s+(?:IS|DOES)\s+HE\s+(?:\w+\s+)?(?:in|live|based|from)\b",
        r"\bHE\s+(?:be\s+)?(?:\w+\s+)?(?:to\s+)?(?:relocate|commute)(?=END|\s+(?:to|for|within|abroad|from)\b)",
        r"\b(?:would|will|could|can)\s+HE\s+(?:\w+\s+)?(?:to\s+)?(?:move|relocate|commute|travel)(?=END|\s+(?:to|for|abroad)\b)"
        r"(?!\s+to\s+(?:the\s+cloud|aws|azure|agile|production|a\b|an\b|new\b))",
        rf"\bHE\s+(?:\w+\s+)?{_WILLING}\s+(?:to|for|about|with)\s+(?:\w+\s+)?(?:relocat\w+|mov(?:e|ing)END|commut\w+|travel\w*|{_WHERE})",
        rf"\bDOES\s+HE\s+(?:work|only\s+work|(?:prefer|want|like|need|insist\s+on)(?:\s+(?:to|an?))?(?:\s+work(?:ing)?)?)\s+{_WHERE}(?:\s+{_WORK})?END",
        r"\bDOES\s+HE\s+work\s+remote(?:ly)?\b",
        r"\bDOES\s+HE\s+(?:\w+\s+)?work(?:ed|ing)?\s+from\s+homeEND",
        r"\bIS\s+HE\s+(?:\w+\s+)?(?:open\s+to|available\s+for|looking\s+for|willing\s+to)\s+(?:\w+\s+){0,2}remote(?:ly)?\b",
        rf"^\W*{_WHERE}(?:\s+only)?\s*(?:/|,|or)\s*{_WHERE}\W*$",
        alone(r"relocation|(?:willing|open|able)\s+to\s+(?:relocate|relocation|travel|commute)|time\s?zone|location"),
    ),
    "contact": pattern(
        r"(?:^\W*|\b(?:i|we|to|please|and|just|can|could|recruiters?|someone|anyone|people|employers?)\s+(?:\w+ly\s+)?)(?:contact|reach|get\s+(?:in\s+touch|hold|in\s+contact)(?:\s+(?:with|of))?|e[\s-]?mail|call|phone|message"
        r"|write\s+to|connect\s+with|talk\s+to|speak\s+(?:to|with)|meet|interview)\s+HE(?=\s*(?:\W*$|[,;]|for\b|about\b|directly\b|by\b|on\b))",
        r"\b(?:how|where|like|want|wish|love|possible|can|could)\b.{0,25}\b(?:i|we|to)\s+hire\s+HE(?:END)",
        r"\b(?:i|we|to)\s+get\s+in\s+(?:touch|contact)END",
        rf"\b(?:i|we|lets|to)\b(?:\s+\w+){{0,3}}\s+(?:schedule|arrange|book|set\s+up|organi[sz]e|have)\s+an?\s+(?:\w+\s+)?{_MEETING}(?:\s+with\s+HE)?END",
        r"\bHIS\s+contacts?(?:\s+(?:details?|info\w*|data|address))?\s*(?:\W*$|please)",
        alone(
            r"contacts?(?:\s+(?:details?|info\w*|me|data))?|how\s+to\s+(?:contact|reach)"
            rf"|(?:schedule|book|arrange|set\s+up)\s+an?\s+(?:\w+\s+)?{_MEETING}"
        ),
    ),
}


def profile_fact(question: str, facts: ProfileFacts) -> str | None:
    """The fact of the profile that a question asks for; None if it asks for none."""
    read = read_question(question, facts.name)
    return next((fact for fact, wording in _FACTS.items() if wording.search(read)), None)

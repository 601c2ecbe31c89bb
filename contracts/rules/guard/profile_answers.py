"""Questions about the profile's facts, and what is answered from it."""

import re
from typing import Final

from contracts.profile import Link, ProfileFacts
from contracts.rules.guard.person import alone, pattern, read_question

_MAIL: Final = r"(?:e[\s-]?mail|mail)(?:\s+(?:address|adress|id))?"
_PHONE: Final = r"(?:(?:tele)?phone|cell(?:phone)?|mobile)(?:\s+(?:number|no|nr))?|number"
_SITES: Final = (
    r"(?:linked\s?in|github|gitlab|twitter|instagram|facebook|stack\s?overflow|mastodon|web\s?site|blog|home\s?page"
    r"|social\s+media)"
)
_CV: Final = r"(?:cv|c\.v\.|r[eé]sum[eé]|curriculum\s+vitae)"
_DEGREE: Final = r"(?:degrees?|ph\.?\s?d|mba|bachelors?|masters?(?:\s+degree)?|diplomas?|doctorate|alma\s+mater)"
_CERTIFIED: Final = r"(?:certif\w+|certs?|accreditations?|qualifications?)"
_SCHOOL: Final = r"(?:school|college|university|uni)"

_FACTS: Final[dict[str, re.Pattern[str]]] = {
    "cv": pattern(
        rf"\bHIS\s+(?:\w+\s+)?{_CV}(?!\w)(?!\s+(?:the|work))",
        rf"\b(?:see|download|send|get|have|share|read|find|view)\s+(?:me\s+)?(?:an?\s+|the\s+)?{_CV}(?!\w)",
        alone(_CV),
    ),
    "education": pattern(
        rf"\b(?:where|what|which\s+\w+)\s+(?:DOES|IS)\s+HE\s+(?:study|studied|graduate|graduated|major|go\s+to\s+{_SCHOOL}|educated)\b",
        rf"\b(?:what|which)\s+{_SCHOOL}\b.{{0,12}}\bHE\b",
        rf"\bDOES\s+HE\s+(?:ever\s+)?(?:have|hold|got|get|go\s+to|attend|finish)\s+(?:\w+\s+){{0,3}}(?:{_DEGREE}|{_SCHOOL})\b",
        rf"\bHIS\s+(?:\w+\s+)?(?:{_DEGREE}|education\w*|{_SCHOOL}|academic\s+\w+|major|gpa|grades)\b",
        rf"\b(?:what|which)\s+{_DEGREE}\s+DOES\s+HE\b",
        r"\beducational\s+background\b",
        r"\bIS\s+HE\s+(?:an?\s+)?(?:(?:college|university)\s+)?(?:graduate|phd|educated)\b",
        alone(r"education|degrees?"),
    ),
    "certificates": pattern(
        rf"\bHIS\s+(?:\w+\s+)?{_CERTIFIED}\b",
        r"\bIS\s+HE\s+(?:\w+\s+){0,2}(?:certified|licensed|accredited)\b",
        rf"\bDOES\s+HE\s+(?:have|hold|got)\s+(?:\w+\s+){{0,3}}{_CERTIFIED}\b",
        rf"\b(?:what|which)\s+(?:\w+\s+)?{_CERTIFIED}\s+(?:DOES|IS)\s+HE\b",
        alone(r"certifications?|certificates?"),
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
        r"\bnotice\s+period\b",
        r"\b(?:when|how\s+soon|what\s+date)\s+(?:can|could|is|are|will|would|may)\s+HE\s+(?:be\s+)?"
        r"(?:start(?!\s+the)|available|join|begin(?!\s+the)|free)\b",
        r"\bIS\s+HE\s+(?!(?:\w+\s+){0,4}remote)(?:\w+\s+)?(?:available|on\s+the\s+market|hirable|hireable|job\s+hunting|free(?=\s*(?:\W*$|to\b|on\b|for\b|now\b|next\b))|(?:open\s+to|looking\s+for|searching\s+for)\s+(?:\w+\s+){0,2}(?:jobs?|roles?|positions?|work|opportunit\w+|offers?))\b",
        r"\bHIS\s+(?:availability|earliest\s+start|start\s+date)\b(?!\s+(?:figures?|numbers?|targets?|work|goals?))",
        r"\bcan\s+(?:i|we)\s+hire\s+HE\b",
    ),
    "place": pattern(
        r"\bwhere\s+IS\s+HE\s*(?:now\s*)?(?:\W*$|based|located|living|situated|from|at\b)",
        r"\bwhere\s+DOES\s+HE\s+(?:\w+\s+)?(?:live|reside|work\s+from|stay)\b",
        r"\bHIS\s+(?:\w+\s+)?(?:location|home\s?town|residence|time\s?zone|city|country)\b",
        r"\b(?:what|which)\s+(?:city|country|state|time\s?zone|town)\s+(?:IS|DOES)\s+HE\s+(?:\w+\s+)?(?:in|live|based|from)\b",
        r"\bHE\s+(?:be\s+)?(?:willing|open|able|ready|happy|prepared)?\s*(?:to\s+)?(?:relocate|commute)\b",
        r"\bDOES\s+HE\s+work\s+remote(?:ly)?\b",
        r"\bIS\s+HE\s+(?:\w+\s+)?(?:open\s+to|available\s+for|looking\s+for|willing\s+to)\s+(?:\w+\s+){0,2}remote(?:ly)?\b",
    ),
    "contact": pattern(
        r"\b(?:contact|reach|get\s+(?:in\s+touch|hold|in\s+contact)(?:\s+(?:with|of))?|e[\s-]?mail|call|phone|message"
        r"|write\s+to|connect\s+with|hire|talk\s+to|speak\s+(?:to|with)|meet|interview)\s+HE\s*(?:\W*$|for\b|about\b|directly\b|by\b|on\b)",
        r"\bHIS\s+contacts?(?:\s+(?:details?|info\w*|data|address))?\s*(?:\W*$|please)",
        alone(r"contacts?(?:\s+(?:details?|info\w*|me|data))?|how\s+to\s+(?:contact|reach)"),
    ),
}
_CALLED: Final = {
    "cv": "a CV",
    "education": "education",
    "certificates": "certificates",
    "links": "links",
    "email": "an e-mail address",
    "phone": "a phone number",
    "availability": "availability",
    "place": "a place",
    "contact": "a way to get in touch",
}
_SAYING: Final = {
    "cv": "'s CV:",
    "education": "'s education:",
    "certificates": "'s certificates:",
    "links": " on the web:",
    "email": "'s e-mail address is",
    "phone": "'s phone number is",
    "availability": "'s availability:",
    "place": " is based in",
}


def profile_fact(question: str, facts: ProfileFacts) -> str | None:
    """The fact of the profile that a question asks for; None if it asks for none."""
    read = read_question(question, facts.name)
    return next((fact for fact, asked in _FACTS.items() if asked.search(read)), None)


def profile_answer(fact: str, facts: ProfileFacts) -> str:
    """What the profile says; where it says nothing, that, and how to ask."""
    said = _said(fact, facts)
    if said:
        return said
    owner = facts.name or "the owner"
    text = f"The profile does not name {_CALLED[fact]} for {owner}."
    reach = _said("contact", facts)
    return f"{text} {reach}" if reach else text


def _said(fact: str, facts: ProfileFacts) -> str:
    """What the profile says of a fact; nothing if it says nothing."""
    owner = facts.name or "The owner"
    if fact == "contact":
        return _contact(owner, facts)
    value = {
        "email": facts.email,
        "phone": facts.phone,
        "place": facts.place,
        "availability": facts.availability,
        "education": "; ".join(facts.education),
        "certificates": "; ".join(facts.certificates),
        "links": ", ".join(map(_shown, facts.links)),
        "cv": str(facts.cv or ""),
    }[fact]
    return f"{owner}{_SAYING[fact]} {_ended(value)}" if value else ""


def _contact(owner: str, facts: ProfileFacts) -> str:
    ways = [f"by e-mail at {facts.email}"] if facts.email else []
    ways += [f"by phone at {facts.phone}"] if facts.phone else []
    if not ways and facts.links:
        ways = [f"through {', '.join(map(_shown, facts.links))}"]
    return f"You can reach {owner} {' or '.join(ways)}." if ways else ""


def _shown(link: Link) -> str:
    return f"{link.label} ({link.url})"


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."

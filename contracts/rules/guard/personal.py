"""Personal questions: what a portfolio declines to say of its owner, and how it declines."""

import re
from typing import Final

from contracts.profile import ProfileFacts
from contracts.rules.guard.person import alone, pattern, read_question

_SALARY: Final = (
    r"(?:sal{1,2}[ae]?r{1,2}(?:y|ies)|wages?|remuneration|pay\s?checks?|pay\s?slips?|net\s+worth|income|ctc)"
)
_RATE: Final = r"(?:(?:day|daily|hourly|billing|bill|contractor)\s+rates?)"
_PAY: Final = rf"(?:{_SALARY}|pay|compensation|{_RATE}|bonus|stock\s+options)"
_MONEY: Final = r"(?:\s+(?:expectations?|expected|requirements?|range|history|band|package|demands?))"
_NO_WORK: Final = r"(?!(?:work|role|stor|project|experience|system|on\b|with\b|in\b|of\b|about\b|for\b))"
_OF_OTHERS: Final = (
    r"(?!\s+(?:in|as|who|on|at|under|between|aged|enrol\w*|particip\w*|tak\w+|trials?|stud(?:y|ies)|care|clinics?"
    r"|products?|business\w*|members?|clients?|stor(?:y|ies)|projects?|accounts?|plans?|offices?|medicine|doctors?"
    r"|physicians?|practices?|hospitals?|friendly|compan(?:y|ies)|owned|work|services?|events?|foods?|leave\s+polic\w+))"
)
_KIN: Final = (
    r"(?:wife|wives|husband|spouse|kids?|child(?:ren)?|sons?|daughters?|parents?|mother|father|mom|mum|dad|brothers?"
    r"|sisters?|siblings?|friends|girl\s?friends?|boy\s?friends?|family|baby|babies|pets?|dogs?|cats?|marriage|divorce"
    rf"|love\s+life|home\s+life|fianc\w+|grand\w+){_OF_OTHERS}"
)
_MARRIED: Final = (
    r"(?:mar{1,2}ied|single|divorced|dating|pregnant|widowed|engaged|in\s+a\s+relationship|seeing\s+(?:some|any)one)"
)
_PARENT: Final = r"(?:an?\s+)?(?:father|mother|dad|mum|mom|parent)"
_ILLNESS: Final = (
    r"(?:health|illness(?:es)?|disabilit(?:y|ies)|disease|medical|mental|weight|height|diet|medication|therapy"
    r"|cancer|adhd|autism|depression|allerg\w+|vaccin\w*|blood\s+type|handicap)"
)
_ILL: Final = (
    r"(?:sick|ill|healthy|disabled|autistic|depressed|vaccinated|dyslexic|diabetic|epileptic|deaf|blind|overweight|fat|alcoholic|an\s+alcoholic|addicted"
    r"|an\s+addict|vegan|a\s+vegan|vegetarian|a\s+vegetarian|a\s+smoker|handicapped|drunk|high|sober|insane|crazy"
    r"|hospitali[sz]ed|diagnosed|in\s+therapy|in\s+(?:good|poor|bad|great|perfect)\s+(?:health|shape)|physically\s+fit"
    r"|on\s+(?:sick|medical|parental|maternity|paternity)\s+leave)"
)
_BELIEF: Final = (
    r"(?:religio\w*|faith|church|god|politics|political\s+(?:views?|part(?:y|ies)|opinions?)|vot(?:e|es|ed|ing))"
)
_BELIEVER: Final = (
    r"(?:an?\s+)?(?:religious|christian|muslim|moslem|jew|jewish|hindu|buddhist|sikh|catholic|protestant|atheist"
    r"|mormon|democrat|republican|socialist|communist|conservative|liberal|racist|sexist|left[\s-]wing|right[\s-]wing"
    r"|(?:trump|biden|obama|brexit|tory|labour|maga)\s+(?:supporter|voter|fan))"
)
_ORIENTED: Final = (
    r"(?:an?\s+)?(?:gay|homosexual|heterosexual|straight|bi|bisexual|lesbian|queer|trans|transgender|asexual|lgbtq?"
    r"|non[\s-]?binary|virgin|man|woman|male|female|boy|girl|guy|lady)"
)
_LOOKS: Final = (
    r"(?:hot|sexy|handsome|cute|ugly|attractive|good[\s-]looking|beautiful|bald|an?\s+good\s+kisser|a\s+good\s+lover)"
)
_ORIGIN: Final = r"(?:race|ethnicity|ethnic\s+\w+|nationality|skin\s+colou?r|accent)"
_MAY_WORK: Final = (
    r"(?:citizenship|immigration\s+status|visa(?:\s+(?:status|sponsorship))?|work\s+(?:permit|visa|authori[sz]ation)"
    r"|residence\s+permit|green\s+card)"
)
_PRIVATE: Final = (
    r"(?:ssn|social\s+security\s+number|passwords?|passport(?:\s+number)?|bank\s+account|home\s+address|street\s+address"
    r"|credit\s+(?:card\s+number|score)|tax\s+(?:returns?|id))"
)
_DISMISSED: Final = (
    r"(?:fired|laid\s+off|sacked|dismissed|made\s+redundant|let\s+go)(?:END|\s+(?:from|by|at|because)\b)"
)
_PRAISED: Final = (
    r"(?:project|stor(?:y|ies)|client|result|role|technolog\w+|tool|programming|framework|work|achievement|success"
    r"|engagement|job|assignment|stack|pattern|method|metric|part|architecture|lesson)"
)
_LEISURE: Final = r"(?:hobb(?:y|ies)|pastimes?)"

_VICTIM: Final = (
    r"(?:(?:any|some)(?:one|body|thing)|(?:an?\s+)?patients?|people|persons?|an?\s+(?:man|woman|person|child|colleague|client|customer|bank|shop|store|house|car)"
    r"|(?:the|HIS)\s+(?:\w+\s+)?(?:company|employer|client|colleagues?|boss|wife|bank|customers?|staff|team))"
)
_CRIME: Final = (
    rf"(?:(?:rob|robbed|murder|murdered|kill|killed|rape|raped|assault|assaulted|harass|harassed|bully|bullied|stalk|stalked"
    rf"|stab|stabbed|shoot|shot|bribe|bribed|blackmail|blackmailed|defraud|defrauded|cheat\s+on|cheated\s+on"
    rf"|sexually\s+\w+|abuse|abused|hit|hurt|steal\s+from|stolen\s+from)\s+{_VICTIM}"
    r"|(?:steal|stolen|embezzle|embezzled|launder|laundered)\s+(?:any\s+|the\s+|some\s+|HIS\s+)?"
    r"(?:anything|something|money|funds|cash|cars?|data|secrets|trade\s+secrets|code|ideas|office\s+supplies)"
    r"|(?:commit|committed)\s+(?:an?\s+|any\s+|the\s+)?(?:fraud|crimes?|murder|perjury|suicide|felony|theft|arson|treason|adultery)"
    r"|break\s+the\s+law|broken\s+the\s+law|(?:take|taken|accept|accepted|pay|paid)\s+(?:any\s+|a\s+)?bribes?"
    r"|evade\s+tax(?:es)?|evaded\s+tax(?:es)?|insider\s+trad\w+|been\s+(?:sued|accused|charged|indicted|investigated)"
    r"|(?:lie|lied)\s+(?:on|about)\s+HIS\s+(?:cv|resume|degree|age|experience)|plagiari[sz]ed?)"
)

_TOPICS: Final[dict[str, re.Pattern[str]]] = {
    "salary": pattern(
        rf"\bHIS\s+(?:{_NO_WORK}\w+\s+){{0,2}}{_PAY}\b(?!\s+(?:system|platform|engine|project|process|stor|work|module|service))",
        rf"\bHIS\s+(?:\w+\s+)?(?:pay|financial|money|compensation|benefits){_MONEY}\b",
        rf"\b{_SALARY}{_MONEY}\b",
        rf"\b(?:what|which|how\s+much)\s+(?:\w+\s+)?{_SALARY}\s+(?:IS|DOES|should)\s+HE\b",
        r"\b(?:what|which)\s+(?:\w+\s+)?rates?\s+(?:IS|DOES)\s+HE\s+(?:\w+\s+)?(?:charg\w+|ask\w*|want|bill|expect)",
        r"\bHIS\s+rates?END|\bHE\s+(?:\w+\s+){0,3}(?:be|get|getting|being)\s+paid\b",
        rf"\b{_SALARY}\s+(?:that\s+)?HE\s+(?:\w+\s+)?(?:wants?|expects?|earns?|gets?|asks?|needs?|makes?)\b",
        rf"\b(?:expected|desired|current|last)\s+(?:{_PAY}|package)\b",
        r"\bhow\s+much\s+(?:money\s+)?(?:IS|DOES)\s+HE\s+(?:\w+\s+){0,2}"
        r"(?:earn|earning|making|cost|charge|paid|worth|expect|make(?!\s+(?:the|it|a|of)\b))",
        r"\bwhat\s+(?:IS|DOES)\s+HE\s+(?:\w+\s+)?(?:earn|earning|charge(?=END|\s+(?:per|for|an?)\b)|paid|get\s+paid|make\s*(?:\W*$|an?\s+(?:year|month|hour)))",
        r"\bmoney\s+(?:IS|DOES)\s+HE\s+(?:\w+\s+)?(?:on|earn\w*|making|want\w*|expect\w*|take\s+home)\b",
        r"\bcosts?\s+(?:\w+\s+)?to\s+(?:hire|employ|engage|get|book)\s+HE\b|\b(?:hiring|employing)\s+HE\s+cost",
        r"\bIS\s+HE\s+(?:\w+\s+)?(?:rich|wealthy|expensive|cheap|affordable|(?:well|over|under)[\s-]?paid|a\s+millionaire|poor)END",
        r"\bhow\s+(?:rich|wealthy|expensive|cheap|affordable)\s+IS\s+HE\b",
        alone(rf"{_SALARY}|compensation|pay|{_RATE}|(?:pay|compensation){_MONEY}"),
    ),
    "age": pattern(
        r"\bh(?:o|a)?w\s+(?:many\s+years\s+)?old\s+(?:(?:IS|would|will|must|might)\s+)?HE\b",
        r"\bHIS\s+(?:\w+\s+)?(?:age|birth\s?da(?:y|te)|date\s+of\s+birth|year\s+of\s+birth)\b",
        r"\bHIS\s+(?:(?:early|mid|late)\s+)?(?:twenties|thirties|forties|fifties|sixties|[2-7]0s)\b",
        r"\bwhat\s+(?:age|generation)\s+IS\s+HE\b|\bIS\s+HE\s+(?:an?\s+)?(?:boomer|millennial|gen\s?[xyz])\b",
        r"\b(?:when|what\s+year|which\s+year|where)\s+(?:was|were)\s+HE\s+born\b",
        r"\bIS\s+HE\s+(?:\w+\s+)?(?:old|young|(?:over|under|above|below|(?:older|younger)\s+than)\s+\d\d)END",
        r"\bHE\s+(?:too\s+)?old\b",
        r"\b(?:when|will|would|IS)\s+(?:\w+\s+)?HE\s+(?:\w+\s+){0,3}retir(?:e|ed|ing)END|\b(?:HIS|close\s+to|near)\s+retirement\b",
        alone(r"age|birthday|date\s+of\s+birth"),
    ),
    "family": pattern(
        rf"\bHIS\s+(?:\w+\s+)?{_KIN}\b",
        rf"\b(?:DOES|IS)\s+HE\s+(?:(?:have|having|got|has|own|want|planning|plan|to|any|an?|some)\s+)+(?:\w+\s+)?{_KIN}\b",
        rf"^\W*(?:HE\s+)?(?:got|have|has)\s+(?:any\s+|an?\s+)?{_KIN}END",
        rf"\bIS\s+HE\s+(?:\w+\s+)?(?:{_MARRIED}|{_PARENT})END",
        rf"\bhow\s+many\s+{_KIN}\s+(?:DOES|IS)\s+HE\b",
        r"\bwho\s+IS\s+HIS\s+(?:\w+\s+)?(?:partner|significant\s+other|better\s+half)END",
        r"\bDOES\s+HE\s+(?:\w+\s+)?have\s+(?:an?\s+)?(?:life\s+)?(?:partner|significant\s+other|better\s+half)END",
        r"\bDOES\s+HE\s+live\s+(?:alone|with|together)\b",
        r"\bgo\s+(?:out\s+)?(?:on\s+a\s+date\s+)?with\s+me\b",
        r"\b(?:marital|family|relationship)\s+(?:status|situation)\b",
        alone(r"(?:any\s+)?(?:kids|wife|husband|spouse)|got\s+kids"),
    ),
    "health": pattern(
        rf"\bHIS\s+(?:\w+\s+)?{_ILLNESS}\b(?!\s*(?:\w+\s+){{0,2}}(?:client|project|stor|work|experience|sector|industr|care|role))",
        rf"\bIS\s+HE\s+(?:\w+\s+)?{_ILL}END",
        rf"\b(?:has|have|had)\s+HE\s+(?:\w+\s+)?been\s+(?:\w+\s+)?{_ILL}END",
        rf"\bDOES\s+HE\s+(?:ever\s+)?(?:have|suffer\s+from|suffered\s+from|take|had)\s+(?:\w+\s+)?{_ILLNESS}\b"
        r"(?!\s*(?:care|client|experience|project))",
        rf"\bany\s+(?:\w+\s+)?(?:{_ILLNESS})\s+(?:\w+\s+)?(?:we|i|that)\s+(?:\w+\s+)?(?:know|need|should)\b",
        r"\bDOES\s+HE\s+(?:\w+\s+)?(?:smoke|drink|do\s+drugs|take\s+drugs|use\s+drugs|get\s+drunk)\b",
        r"\bhow\s+(?:tall|heavy|fat)\s+IS\s+HE\b",
        r"^\W*any\s+(?:disabilit(?:y|ies)|health\s+(?:issues|problems)|medical\s+(?:issues|conditions?))\W*$",
    ),
    "beliefs": pattern(
        rf"\bHIS\s+(?:\w+\s+)?(?:{_BELIEF}|beliefs)\b",
        rf"\bIS\s+HE\s+(?:\w+\s+)?{_BELIEVER}END",
        r"\bDOES\s+HE\s+(?:believe\s+in\s+(?:god|jesus|allah)|pray|go\s+to\s+(?:church|mosque)|vote|support\s+(?:trump|biden))\b",
        r"\bwho\s+DOES\s+HE\s+vote\b|\bHE\s+(?:\w+\s+)?(?:lean|stand|stands|leaning|inclined)\s+politically\b",
        r"\b(?:what|which)\s+(?:religion|political\s+party|church|party)\b",
    ),
    "orientation": pattern(
        rf"\bIS\s+HE\s+(?:\w+\s+)?{_ORIENTED}END",
        r"\b(?:sexual|gender)\s+(?:orientation|identity|preferences?)\b",
        r"\bHIS\s+(?:sex\s+life|sexuality|(?:preferred\s+)?pronouns|gender)\b",
        r"\bDOES\s+HE\s+(?:like|sleep\s+with|love)\s+(?:men|women|guys|girls|boys)\b",
    ),
    "right to work": pattern(
        r"\b(?:what|which)\s+passports?\s+DOES\s+HE\b",
        rf"\bDOES\s+HE\s+(?:\w+\s+)?(?:need|require|have)\s+(?:an?\s+)?(?:\w+\s+)?{_MAY_WORK}\s+(?:to|for)\b",
        rf"\b(?:HIS|what|which)\s+(?:\w+\s+)?{_MAY_WORK}(?=END|\s+(?:IS|DOES)\b)",
        rf"\b(?:DOES|IS)\s+HE\s+(?:\w+\s+){{0,4}}(?:an?\s+)?(?:\w+\s+)?{_MAY_WORK}END",
        r"\bIS\s+HE\s+(?:an?\s+)?(?:\w+\s+){0,2}(?:citizen|resident|expat|national)END",
        r"\bHE\s+(?:\w+\s+){0,2}(?:authori[sz]ed|eligible|allowed|permitted|entitled)\s+to\s+work\b|\bright\s+to\s+work\b",
        r"\b(?:work\s+permit|green\s+card|visa\s+sponsorship|work\s+authori[sz]ation)\b|\bDOES\s+HE\s+(?:\w+\s+)?sponsorshipEND",
    ),
    "origin": pattern(
        rf"\b(?:HIS|what|which)\s+(?:\w+\s+)?{_ORIGIN}\b(?!\s+(?:condition|colou?r))",
        r"\bIS\s+HE\s+(?:an?\s+)?(?:black|white|asian|american|indian|latino|hispanic|african|chinese|immigrant|foreigner)END",
    ),
    "private details": pattern(
        rf"\bHIS\s+(?:\w+\s+)?{_PRIVATE}\b",
        r"\bHE\s+(?:\w+\s+)?(?:been\s+(?:arrested|convicted|(?:in|to)\s+(?:jail|prison))|go\s+to\s+(?:jail|prison))",
        r"\bHIS\s+criminal\s+record\b|\bbackground\s+check\s+(?:on|of|for)\s+HE\b",
        r"\bDOES\s+HE\s+have\s+a\s+criminal\b|\bIS\s+HE\s+(?:\w+\s+)?(?:bankrupt|in\s+debt|an?\s+(?:criminal|felon))END",
        rf"\bIS\s+HE\s+(?:\w+\s+)?{_DISMISSED}|\bHE\s+(?:\w+\s+)?(?:been|get|got|gotten)\s+(?:\w+\s+)?{_DISMISSED}",
    ),
    "conduct": pattern(rf"\b(?:DOES|would|could)\s+HE\s+(?:ever\s+|really\s+)?(?:\w+\s+)?{_CRIME}\b"),
    "private life": pattern(
        rf"\bHIS\s+(?:\w+\s+)?fa(?:v|vou?|ve)rit?e\b(?!\s+(?:\w+\s+)?{_PRAISED})",
        rf"\bHIS\s+(?:\w+\s+)?(?:{_LEISURE}|free\s+time\s*\W*$|weekends?|zodiac\s+sign|star\s+sign)\b",
        r"\bHIS\s+(?:(?:personal|private)\s+)?interests(?=END|\s+outside\b)",
        rf"\bDOES\s+HE\s+have\s+(?:\w+\s+)?{_LEISURE}\b",
        r"\bwhat\s+DOES\s+HE\s+(?:like\s+to\s+)?do\s+(?:for\s+fun|in\s+HIS\s+(?:free|spare)\s+time|at\s+the\s+weekend)",
        rf"\bIS\s+HE\s+(?:\w+\s+)?{_LOOKS}END|\bwhat\s+DOES\s+HE\s+look\s+like\b",
        r"\bwhat\s+(?:\w+\s+)?(?:car|house|phone)\s+DOES\s+HE\s+(?:drive|own|have)\b",
        r"\bDOES\s+HE\s+(?:own|have|rent)\s+(?:an?\s+)?(?:house|home|flat|apartment|car|boat|bike|motor\w+|gun|tattoos?)END",
        r"\b(?:what|which)\s+(?:\w+\s+of\s+)?(?:music|movies|films|sports?|foods?|games|tv\s+shows?)\s+DOES\s+HE\b",
        r"\bwhere\s+DOES\s+HE\s+grow\s+up\b",
        alone(_LEISURE),
    ),
}


def personal_topic(question: str, facts: ProfileFacts) -> str | None:
    """What personal matter a question asks for; None if it asks for none."""
    read = read_question(question, facts.name)
    return next((topic for topic, wording in _TOPICS.items() if wording.search(read)), None)


def personal_answer(topic: str, facts: ProfileFacts) -> str:
    """A kind refusal with the reason."""
    owner = facts.name or "the owner"
    text = f"That is a personal matter ({topic}), so this site does not answer it: it speaks of {owner}'s work alone."
    return f"{text} You are welcome to ask {owner} in person: {facts.email}." if facts.email else text

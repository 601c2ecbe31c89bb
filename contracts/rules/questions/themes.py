"""Themes of behavioural interviews, and the words in which stories show them.

"Tell me about a time you worked under pressure" does not ask about pressure: stories that show it speak of deadlines,
outages and weekends. Search looks for those words in place of the phrase, and the gate takes the phrase for known where
stories have any of them. Other questions are left as they are.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from contracts.rules.questions.kinds import HE, HIS, QuestionKind, classify

_WORDS: Final = {  # short for what stands in the patterns below
    "PERSON": r"(?:people|persons?|someone|somebody|co-?workers?|colleagues?|team\s?mates?|peers?|managers?|customers?"
    r"|clients?|stakeholders?|employees?|team\s+members?|executives?|directors?|sponsors?|users?|vendors?|others)",
    "BOSS": r"(?:boss(?:es)?|(?:line\s+)?managers?|supervisors?|superiors?|leaders(?:hip)?|management|executives?"
    r"|directors?|partners?|ceo|cto|cio|vp|(?:someone\s+)?(?:more\s+)?senior(?:\s+\w+)?)",
    "BAD": r"(?:difficult|angry|upset|unhappy|challenging|toxic|demanding|tough|frustrated|dissatisfied|irate|hostile)",
    "DOUBTING": r"(?:s[ck]eptic\w*|doubt\w*|reluctant|resistant|unconvinced|hesitant|cynical)",
    "END": r"(?=\W*$|\s+(?:at\s+work|and|so\s+far|in\s+your\s+career)\b)",
}
_HELPERS: Final = re.compile(
    r"\b(?:handl|deal|dealt|cop|react|respond|manag|fac|resolv|overc|work|perform|deliver|receiv|got|get|tak|took|stay|calm|had|have"
    r"|make|made|making|experienc|situation|challeng|professional|career|important|big|serious|strong)\w*\b",
    re.IGNORECASE,
)
_THEMES: Final = {  # the phrase that asks, a pattern: what stories say
    r"(?:disagree\w*|conflicts?|argu\w+|push\w*\s+back|stood\s+up|spoke\s+up)\s+(?:with|on|to|against)\s+"
    r"(?:\w+\s+)?BOSS": """
        partner director sponsor board executive disagreed argued refused objected against advised withdraw memo""",
    r"(?:conflicts?(?!\s+of\s+interest)|disagreements?|disputes?|clash(?:es)?|argued)"
    r"(?:\s+(?:with|between|among)\s+(?:\w+\s+)?PERSON)?"
    r"|disagree\w*\s+with\s+(?:\w+\s+)?PERSON": """
        argued argument disagreed quarrel dispute opponent objected opposed angry stalemate tension side persuaded""",
    r"(?:under|with|to|handl\w+|manag\w+)\s+(?:(?:an?|lots?|of|time|work|high|great|extreme|intense|heavy)\s+)*(?:pressure|stress)"
    r"|(?:high[- ])?(?:pressure|stress(?:ful)?)\s+(?:situations?|projects?|environments?|times?)"
    r"|(?:tight|impossible|short|aggressive)\s+deadlines?": """
        outage deadline crisis night weekend holiday peak urgent paged recovered rescue rehearsal overnight hours""",
    r"(?:leave|left|leaving|quit)\s+(?:HIS\s+(?:\w+\s+)?(?:job|employer|company|role|position|post|firm)|the\s+(?:company|firm)|consulting|corporate\s+\w+)"
    r"|go(?:ing)?\s+independent|went\s+independent": """
        leaving left resigned partner director career independent again walk post""",
    r"(?:miss\w*|(?:did\s?n.?t|not|fail\w*\s+to)\s+meet|slipp?\w*|blew)\s+(?:\w+\s+){0,2}(?:deadlines?|dates?|milestones?|targets?)"
    r"|behind\s+schedule|(?:was|were|ran|delivered)\s+late": """
        slipped slipping delayed missed deadline overdue postponed halted schedule replanned overran""",
    r"HE\s+(?:\w+\s+)?(?:failed(?:\s+to\s+\w+)?|screwed\s+up|messed\s+up|(?:was|were|been)\s+wrong)END"
    r"|(?:projects?|program(?:me)?s?|initiatives?|something|things?|plans?|decisions?)\s+(?:that\s+)?(?:failed|went\s+wrong|did\s?n.?t\s+work(?:\s+out)?)END"
    r"|(?:mistakes?|errors?)\s+(?:HE|HIS)\b(?:\s+\w+)?END|(?:failures?|mistakes?|regrets?|blunders?)END": """
        mistake error wrong admitted apologized regret blame lesson painful embarrassed duplicated""",
    r"(?:learn\w*|master\w*|pick\w*\s+up|stud\w+)\s+(?:\w+\s+){0,4}?(?:quickly|fast|rapidly|new|on\s+the\s+job|from\s+scratch)\b"
    r"(?:\s+(?:skills?|technolog\w+|things?|topics?|domains?|languages?|subjects?|tools?))?(?:\s+(?:quickly|fast))?"
    r"|(?:quick|fast)\s+learner|taught\s+(?:your|him|her)self": """
        learned studied myself weekend spike beginner toy wrong guesses wrote method unfamiliar""",
    r"(?:convinc|persuad|influenc|win|won|turn|sell|sold)\w*\s+(?:\w+\s+){0,3}?(?:DOUBTING(?:\s+(?:PERSON|team|board|audience))?|PERSON\s+\w+\s+DOUBTING)"
    r"|(?:convinc|persuad)\w*\s+(?:\w+\s+){0,2}?(?:PERSON|team|board)END|DOUBTING\s+PERSON"
    r"|(?:resistance|opposition|s[ck]epticism)(?:\s+to\s+change)?|buy-?in(?:\s+from\s+(?:\w+\s+)?PERSON)?": """
        persuaded convinced doubtful doubts skeptical critic opponent defender resisted opposed trust veto evidence""",
    r"(?:very\s+)?BAD\s+(?:PERSON|boss)": """
        angry distrustful blunt upset furious hostile opponent opposed refused trust apologized quarrel""",
    r"ambigu\w+|uncertainty|(?:incomplete|insufficient|missing|limited|partial)\s+(?:information|data|facts|requirements)"
    r"|without\s+(?:\w+\s+){1,2}(?:information|data|facts)"
    r"|(?:unclear|vague|undefined)\s+(?:requirements|goals|directions?)": """
        uncertain odds unknown undocumented unclear reversible guess assumptions forecast""",
    r"(?:biggest\s+|greatest\s+|main\s+)?weakness(?:es)?|areas?\s+(?:for|of)\s+(?:improvement|development|growth)"
    r"|HIS\s+(?:\w+\s+)?(?:PERSON|BOSS|references?)\s+(?:\w+\s+)?(?:say|think|describe)\b.*"
    r"|(?:\w+\s+){0,2}?(?:feedback|criticism)(?:\s+from\s+(?:\w+\s+)?(?:PERSON|boss))?END": """
        blunt feedback criticism criticized admitted colleague terse embarrassed honest habits""",
    r"(?:prioriti[sz]\w*|balanc\w+|juggl\w*)(?:\s+(?:\w+\s+){0,2}?(?:demands?|priorit\w+|tasks?|projects?|deadlines?|work))?"
    r"|(?:competing|conflicting|multiple)\s+(?:demands?|priorities|deadlines?)|multi-?task\w*": """
        priority capacity stopped scarce portfolio refused backlog limits trade fewer finish""",
    r"(?:motivat\w*|inspir\w*|encourag\w*)(?:\s+(?:\w+\s+){0,2}?(?:teams?|PERSON))?|morale": """
        volunteers driver energy tired morale quit resignations credit choose pride loyal""",
    r"(?:limited|few|scarce|tight|no|insufficient|fewer|small)\s+(?:resources?|budgets?|money|staff|funding)"
    r"|more\s+with\s+less": """
        scarce cheap shortage unpaid lean spare money budget afford price""",
    r"(?:adapt\w*|adjust\w*|pivot\w*)(?:\s+to\s+(?:\w+\s+)?(?:changes?|situations?|circumstances))?|plans?\s+changed"
    r"|chang\w+\s+(?:course|direction|HIS\s+(?:approach|mind|plans?))|go\s+(?:as\s+planned|to\s+plan)": """
        paused redesigned rebuilt abandoned withdrawn replanned switched discovered instead halfway""",
    r"(?:took|take|taking|show\w*)\s+(?:the\s+)?initiative|above\s+and\s+beyond"
    r"|the\s+extra\s+mile|proactive(?:ly)?": """
        unpaid free founded weekend myself volunteer evening saturday friday spread unasked""",
    r"(?:took|take|taking|taken)\s+(?:\w+\s+){0,2}?(?:risks?|gambles?)END": """
        bet odds leave offer tripwires uncertain trial reversible stake premortem gamble""",
    r"proud(?:est)?(?:\s+of)?|(?:greatest|biggest|best|proudest|main)\s+(?:\w+\s+)?"
    r"(?:achievements?|accomplishments?|success(?:es)?|wins?)": """
        adopted halved doubled saved record award rose fell first lasting still""",
    r"(?:leadership|management|managing|leading)\s+(?:style|approach|philosophy)"
    r"|(?:lead|manage|run)s?\s+(?:HIS\s+|an?\s+)?(?:teams?|people)END": """
        leadership coached mentored trust delegated agreed volunteers habits decide""",
    r"(?:drives?|motivates?)\s+HE|HIS\s+(?:motivation|why)END|gets\s+HE\s+(?:up|out\s+of\s+bed)\b.*": """
        decide chose leave independent career build met purpose enjoy""",
    r"(?:say|said|saying)\s+no(?:\s+to\s+(?:\w+\s+)?(?:PERSON|BOSS))?END"
    r"|(?:declin|refus|reject)\w*\s+(?:\w+\s+)?requests?": """
        refused stop advised against declined withdraw walk killed cancel""",
    r"(?:ethical|moral)\s+\w+|(?:did|do|doing)\s+the\s+right\s+thing|integrity|unethical": """
        honest disclosed admitted bias fair consent harm refused truth transparent""",
}  # fmt: skip
_SHOWN_BY_A_THIRD: Final = 3.0
_BEHAVIOUR: Final = re.compile(
    rf"^\W*(?:and\s+|so\s+)?(?:how|what)\s+(?:drives?|motivates?|gets|do|does|did|would|has|have|was|were|is|are)\s+(?:{HE}|{HIS})\b"
    rf"|^\W*(?:and\s+|so\s+)?why\s+(?:did|has|have|would|is|was)\s+{HE}\b"
    rf"|^\W*(?:which|how\s+many|what)\s+(?:of\s+{HIS}\s+)?(?:\w+\s+)?(?:projects?|initiatives?|programs?|engagements?|things?)\s+(?:that\s+)?(?:failed|went)\b"
    rf"|^\W*(?:has|have|did|does|do|can)\s+{HE}\s+(?:ever|handle|deal|cope|work\s+(?:well\s+)?under)\b",
    re.IGNORECASE,
)


def _compiled(text: str) -> re.Pattern[str]:
    shorts = {**_WORDS, "HE": HE, "HIS": HIS}
    text = re.sub(rf"(?<![A-Z])(?:{'|'.join(shorts)})(?![A-Z])", lambda match: shorts[match[0]], text)
    return re.compile(rf"(?<!\w)(?:{text})(?!\w)", re.IGNORECASE)


_COMPILED: Final = tuple((_compiled(phrase), tuple(words.split())) for phrase, words in _THEMES.items())


@dataclass(frozen=True, slots=True)
class Theme:
    """The words that show a theme, and the question without the phrase that asks for it."""

    words: tuple[str, ...]
    rest: str


@lru_cache(maxsize=512)
def find_theme(question: str) -> Theme | None:
    """The theme of a behavioural question; None for any other question."""
    if classify(question) is not QuestionKind.EXPERIENCE and not _BEHAVIOUR.search(question):
        return None
    for phrase, words in _COMPILED:
        if match := phrase.search(question):
            rest = f"{question[: match.start()]} {question[match.end() :]}"
            return Theme(words, " ".join(_HELPERS.sub(" ", rest).split()))
    return None


def themed_query(query: str) -> str:
    """The query to rank by: the words of its theme in place of the phrase that asks for it."""
    theme = find_theme(query)
    return " ".join([theme.rest, *theme.words]) if theme else query


def coverage_factor(query: str) -> float:
    """What the share of a query's words in a story is multiplied by: a part of a theme's words shows the theme."""
    return _SHOWN_BY_A_THIRD if find_theme(query) else 1.0

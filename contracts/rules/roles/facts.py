"""Requirements that stories cannot show: degrees and certificates, working conditions, and manner."""

import re
from typing import Final

from contracts.rules.roles.strength import find_alternatives, roots

ABOUT_CONDITIONS: Final = "Stories say nothing about working conditions; ask."
ABOUT_MANNER: Final = "Stories cannot show this; judge it in the interview."
_EDUCATION: Final = re.compile(
    r"\b(?:degrees?|bachelor'?s?|master'?s (?:in|of|degree|level)|masters|ph\.?d|doctorate|diploma|mba|b\.?sc|m\.?sc"
    r"|b\.?eng|university education)\b",
    re.IGNORECASE,
)
_CERTIFICATES: Final = re.compile(r"\b(?:certificat\w+|certified|licen[cs]ed?)\b", re.IGNORECASE)
_CONDITIONS: Final = re.compile(
    r"\b(?:willing(?:ness)? to (?:travel|relocate|work (?:on|week|night|shift|over))|travel (?:up to|required|is|of)"
    r"|\d+ ?% travel"
    r"|(?:night|weekend|rotating|evening) (?:shifts?|work|hours)|early mornings?"
    r"|weekends|evenings|on[ -]call|on[ -]?site|in the office|hybrid work"
    r"|relocat\w+|work (?:permit|authori[sz]ation|visa)|right to work|authori[sz]ed to work|security clearance"
    r"|clearance|citizen(?:ship)?"
    r"|driver'?s? licen[cs]e|driving licen[cs]e|background check|drug test|lift \d+|full[ -]time|part[ -]time"
    r"|start (?:date|immediately)|available (?:to start|immediately|from)|notice period)\b",
    re.IGNORECASE,
)
_DEGREES: Final = {
    "bachelor": ("bsc", "bs", "ba", "beng", "btech", "bachelor", "bachelors"),
    "master": ("msc", "ms", "ma", "meng", "mtech", "mphil", "master", "masters"),
    "phd": ("phd", "dphil", "doctorate", "doctor"),
}


def profile_question(requirement: str) -> str:
    """The question that the owner's profile answers about a requirement, "" where it asks for no such fact."""
    if _CONDITIONS.search(requirement):
        return ""
    if _EDUCATION.search(requirement):
        return "What degrees does he hold?"
    return "Which certificates does he hold?" if _CERTIFICATES.search(requirement) else ""


def why_unshown(requirement: str) -> str:
    """Why no story can show a requirement, "" where one may."""
    if _CONDITIONS.search(requirement):
        return ABOUT_CONDITIONS
    is_telling = any(one.telling or one.names for one in find_alternatives(requirement))
    return "" if is_telling else ABOUT_MANNER


def profile_roots(answer: str) -> frozenset[str]:
    """The stems of what a profile says; a degree by its letters is one in words, too."""
    found = roots(answer.replace(".", ""))
    degrees = {degree for degree, letters in _DEGREES.items() if not found.isdisjoint(letters)}
    return found | roots(" ".join(degrees)) | roots("certification certified certificate")

"""Extracts the figures of a text, each in one spelling, so that a claim can be looked up in its source."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from contracts.rules.number_words import EXACT, FRACTION, SCALE_WORD, TAIL, WORDS, counted, scale_of, share, tail_of

_SIGNS: Final = "$€£¥₹₩₽₺₫₪฿₱₦₴"
_CODES: Final = "usd|eur|gbp|jpy|chf|cad|aud|nzd|sgd|hkd|inr|cny|sek|nok|dkk|brl|mxn|zar|krw|aed"
_CURRENCIES: Final = {
    "usd": "$", "dollar": "$", "eur": "€", "euro": "€", "gbp": "£", "pound": "£", "jpy": "¥", "yen": "¥",
    "inr": "₹", "rupee": "₹", "franc": "chf",
}  # fmt: skip
_SPANS: Final = {
    "ms": "millisecond", "sec": "second", "min": "minute", "hr": "hour", "wk": "week", "mo": "month", "yr": "year",
}  # fmt: skip
_SPAN = "millisecond|second|minute|hour|day|week|fortnight|month|quarter|year|decade|sprint|ms|sec|min|hr|wk|mo|yr"
_RATIOS: Final = {
    "twice": "2x", "thrice": "3x", "halv": "50%",
    "doubl": "2x", "trebl": "3x", "tripl": "3x", "quadrupl": "4x", "quintupl": "5x",
}  # fmt: skip
_STEM = "(?:doubl|trebl|tripl|quadrupl|quintupl|halv)"
_IDIOM = r"[\s-](?:as|back|book|check|click|count|dip|down|up)"  # "doubles as" is no figure
_FIGURE: Final = re.compile(
    rf"""
    (?:(?<!\w)|(?=[{_SIGNS}]))(?:  # most characters are passed over at once
    (?P<date>(?:19|20)\d\d)-(?:0[1-9]|1[0-2])(?:-[0-3]\d)?(?![\w-])
  | \d+(?:st|nd|rd|th)\b
  | (?P<ratio>(?:twice|thrice)\b|(?<=\bto\s){_STEM}(?=e\b(?!{_IDIOM}))
        |{_STEM}(?=(?:ed|es|ing)\b(?!{_IDIOM})|e\s(?:the|its|their|our|what)\b))
  | (?P<magnitude>orders?\sof\smagnitude\b)
  | (?P<share>{FRACTION})
  | (?P<nines>two|three|four|five|six|seven|[2-7])[\s-](?:nines|9'?s)\b
  | (?:(?P<sign>[{_SIGNS}])\s?|(?P<code>{_CODES})\s?|)
    (?:
        (?P<version>\d+(?:\.\d+){{2,}})
      | (?:(?P<digits>(?:(?:\d{{1,3}}(?:,\d{{3}})+(?![\d,])|\d+)(?:\.\d+)?|\.\d+)(?:e\d{{1,2}}(?!\w))?)
        |(?P<words>{WORDS}))(?P<tail>{TAIL})?
      | (?P<lone>half\san?(?=[\s-](?:{SCALE_WORD}|(?:{_SPAN})\b))|half(?=[\s-](?:million|billion|dozen)\b)
        |an?(?=[\s-]{SCALE_WORD})|(?=hundred[\s-]per[\s-]?cent\b))
    )
    (?P<scale>(?:[\s-]?{SCALE_WORD}){{1,2}}|(?<=\d)(?(sign)\s?|(?(code)\s?))(?:k|m[mn]?|bn?|tn?)(?![a-z\d])
        |(?<=\d)\s(?:bn|mn|tn)(?![a-z\d]))?
    \+?
    (?:
        (?P<percent>\s?%|[\s-]?(?:percentage[\s-]points?|per[\s-]?cent|pct|pp)\b)
      | (?P<points>[\s-]?(?:bps|basis[\s-]points?)\b)
      | (?P<times>x\b|\s?\u00d7|[\s-]times\b|[\s-]?fold\b)
      | [\s-]?(?:us[\s-])?(?P<money>dollar|euro|pound|yen|rupee|franc|{_CODES})s?\b
      | [\s-]?(?P<span>{_SPAN})s?\b
    )?
    )
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_RANGE: Final = re.compile(r"\s?(?P<dash>[-\u2013\u2014])\s?|\s(?:to|or)\s|(?P<and>\sand\s)")
_OPENING: Final = re.compile(r"(?i)\b(?:between|from)\s\Z")
_ESCAPE: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_EMPHASIS: Final = re.compile(r"(?<!\d)[*`~]+|[*`~]+(?!\d)|(?<![^\W_])_+|_+(?![^\W_])")
_LIST_NUMBER: Final = re.compile(r"^[^\S\n]*(?:[-•+]\s+)?\(?\d{1,3}[.)]\s+", re.MULTILINE)
_MARK: Final = re.compile(r"\[\d{1,3}(?:\s*,\s*\d{1,3})*\]")
_ODD: Final = re.compile(r"[^\x00-\x7f]")
_ARABIC_MARKS: Final = {"\u066a": "%", "\u066b": ".", "\u066c": ","}


def extract_figures(text: str) -> frozenset[str]:
    """The figures of a text with their unit and magnitude, whichever way they are written.

    "$1.2 billion" and "$1,200,000,000" are "$1200000000"; "forty percent" is "40%", 25 bps are "0.25%"; "four times" is
    "4x"; "three-month" is "3 month"; "a quarter of" is "25%", "two-thirds" is "2/3"; "5-10%" is "5%", "10%". Anything
    else is its number alone, as are "150+" and a year. Neither numbers of a list nor marks such as [1] are figures, nor
    are ordinals, names such as S3, "one" without a unit, or magnitudes without a number, such as "thousands".
    """
    plain = _plain(text)
    found = list(_FIGURE.finditer(plain))
    spelled = {whole for match in found if (whole := _whole(match))}
    return frozenset(spelled | {quantity.spelled for quantity in _quantities(plain, found) if quantity.spelled})


@dataclass(frozen=True, slots=True)
class _Quantity:
    """A number with what it is multiplied by and its unit. A pronoun is no number, unless it has one of the two."""

    number: Decimal
    scale: Decimal
    unit: str
    pronoun: bool

    @property
    def is_bare(self) -> bool:
        return self.scale == 1 and not self.unit

    @property
    def spelled(self) -> str:
        """Its one spelling; "" if it is no figure."""
        if self.pronoun and self.is_bare:
            return ""
        number = format(EXACT.normalize(EXACT.multiply(self.number, self.scale)), "f")
        if self.unit in ("%", "x"):
            return number + self.unit
        return f"{number} {self.unit}" if self.unit in _SPAN_NAMES else self.unit + number


_SPAN_NAMES: Final = frozenset(_SPAN.split("|"))


def _plain(text: str) -> str:
    """The text without what hides a figure: odd digits and spaces, invisible characters, Markdown, numbering."""
    composed = unicodedata.normalize("NFKC", _ODD.sub(_counting, text))
    visible = _ODD.sub(_ordinary, composed)
    unmarked = _EMPHASIS.sub("", _ESCAPE.sub(r"\1", visible))
    return _MARK.sub(" ", _LIST_NUMBER.sub("", unmarked))


def _counting(found: re.Match[str]) -> str:
    """The number that a character stands for which is neither a digit nor a letter of Roman numerals: ½ is ".5"."""
    char = found[0]
    if char.isdigit() or not char.isnumeric() or unicodedata.category(char) == "Nl":
        return char
    value = unicodedata.numeric(char)
    return f"{value:.4f}".strip("0") if value < 1 else f" {value:.15g} "


def _ordinary(found: re.Match[str]) -> str:
    char = found[0]
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if unicodedata.category(char) == "Cf":
        return ""
    return " " if char.isspace() else _ARABIC_MARKS.get(char, char)


def _whole(match: re.Match[str]) -> str:
    """A match that is a figure as it stands; "" if it is none."""
    if match["share"]:
        return share(match["share"])
    if match["nines"]:
        return f"99.{'9' * (int(counted(match['nines'])) - 2)}%".replace(".%", "%")
    if match["magnitude"]:
        return "10x"
    return match["date"] or match["version"] or _RATIOS.get((match["ratio"] or "").lower(), "")


def _quantities(plain: str, found: Sequence[re.Match[str]]) -> Iterator[_Quantity]:
    """Parse the numbers of a text; in a range, an end without unit or scale takes that of the other end."""
    parsed = [_quantity(match) for match in found]
    for place in range(len(found) - 1):
        one, other = parsed[place], parsed[place + 1]
        if one is None or other is None:
            continue
        link = _RANGE.fullmatch(plain, found[place].end(), found[place + 1].start())
        start = found[place].start()
        if link is None:
            continue
        bound = bool(link["dash"] or _OPENING.search(plain[max(0, start - 10) : start]))
        if bound or not link["and"]:
            parsed[place], parsed[place + 1] = _both_ends(one, other, bound=bound)
    return (quantity for quantity in parsed if quantity is not None)


def _both_ends(one: _Quantity, other: _Quantity, *, bound: bool) -> tuple[_Quantity, _Quantity]:
    """In "5 to 10 million dollars" the first end is millions of dollars too.

    Where nothing but a range can be `bound` so, as "$5-10M" or "from 94 minutes to 37", the second end has the unit of
    the first one, too.
    """
    if bound and one.unit and not other.unit:
        other = replace(other, unit=one.unit)
    scale = one.scale
    if scale == 1 and (one.number < other.number or other.scale < 1) and (one.is_bare or bound):
        scale = other.scale
    return replace(one, scale=scale, unit=one.unit or (other.unit if one.is_bare else "")), other


def _quantity(match: re.Match[str]) -> _Quantity | None:
    number = _number(match)
    if number is None:
        return None
    unit = _unit(match)
    scale = scale_of(match["scale"] or "")
    if match["points"]:
        scale = EXACT.divide(scale, Decimal(100))
    return _Quantity(number, scale, unit, pronoun=(match["words"] or "").lower() == "one" and not match["tail"])


def _number(match: re.Match[str]) -> Decimal | None:
    if match["digits"] or match["words"]:
        number = Decimal(match["digits"].replace(",", "")) if match["digits"] else counted(match["words"])
        return EXACT.add(number, tail_of(match["tail"] or ""))
    if match["lone"] is None:
        return None
    return Decimal("0.5") if match["lone"].lower().startswith("half") else Decimal(1)


def _unit(match: re.Match[str]) -> str:
    if match["percent"] or match["points"]:
        return "%"
    if match["times"]:
        return "x"
    if currency := match["sign"] or match["code"] or match["money"]:
        return _CURRENCIES.get(currency.lower(), currency.lower())
    span = (match["span"] or "").lower()
    return _SPANS.get(span, span)

"""Figures of a text, each in one spelling, so that a claim can be looked up in the text it rests on."""

import re
import unicodedata
from decimal import MAX_EMAX, Context, Decimal
from typing import Final

_ONES: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORD_VALUES: Final = {word: value for value, word in enumerate(_ONES)} | dict(
    zip(_TENS, range(20, 100, 10), strict=True)
)
_SCALES: Final = {
    "dozen": 12, "hundred": 100,
    "k": 10**3, "thousand": 10**3,
    "m": 10**6, "mm": 10**6, "mn": 10**6, "million": 10**6,
    "b": 10**9, "bn": 10**9, "billion": 10**9,
    "t": 10**12, "tn": 10**12, "trillion": 10**12,
}  # fmt: skip
_CURRENCIES: Final = {
    "usd": "$", "dollar": "$", "eur": "€", "euro": "€", "gbp": "£", "pound": "£", "jpy": "¥", "yen": "¥",
}  # fmt: skip
_SPANS: Final = {
    "ms": "millisecond", "sec": "second", "min": "minute", "hr": "hour", "wk": "week", "mo": "month", "yr": "year",
}  # fmt: skip
_RATIOS: Final = {
    "twice": "2x", "doubled": "2x", "doubles": "2x", "doubling": "2x", "thrice": "3x", "tripled": "3x", "triples": "3x",
    "tripling": "3x", "quadrupled": "4x", "quadruples": "4x", "quadrupling": "4x", "halved": "50%", "halving": "50%",
}  # fmt: skip

_ONE_WORD = "|".join(_ONES)
_BELOW_HUNDRED = rf"(?:(?:{'|'.join(_TENS)})(?:[\s-](?:{_ONE_WORD}))?|{_ONE_WORD})"
_WORDS = rf"(?:(?:{_BELOW_HUNDRED}|an?)[\s-]hundred(?:\s(?:and\s)?{_BELOW_HUNDRED})?|{_BELOW_HUNDRED})(?:\b|(?=fold\b))"
_SCALE_WORD = r"(?:hundred|dozen|thousand|million|billion|trillion)\b"
_SPAN = "millisecond|second|minute|hour|day|week|month|quarter|year|sprint|ms|sec|min|hr|wk|mo|yr"
_FIGURE: Final = re.compile(
    rf"""
    (?<!\w)(?P<date>(?:19|20)\d\d)-(?:0[1-9]|1[0-2])(?:-[0-3]\d)?(?![\w-])
  | (?<!\w)\d+(?:st|nd|rd|th)\b
  | \b(?P<ratio>{"|".join(_RATIOS)})\b
  | (?:(?P<sign>[$€£¥])\s?|(?<!\w)(?P<code>usd|eur|gbp|jpy)\s?|(?<!\w))
    (?:
        (?P<version>\d+(?:\.\d+){{2,}})
      | (?P<digits>(?:\d{{1,3}}(?:,\d{{3}})+(?![\d,])|\d+)(?:\.\d+)?|\.\d+)
      | (?P<words>{_WORDS})
      | (?P<lone>half\san?|an?)(?=[\s-]{_SCALE_WORD})
    )
    (?P<scale>[\s-]?{_SCALE_WORD}|(?<=\d)(?(sign)\s?)(?:k|m[mn]?|bn?|tn?)(?![a-z\d]))?
    \+?
    (?:
        (?P<percent>\s?%|[\s-]?(?:percentage[\s-]points?|per\s?cent|pct|pp)\b)
      | (?P<points>[\s-]?(?:bps|basis[\s-]points?)\b)
      | (?P<times>x\b|\s?\u00d7|[\s-]times\b|[\s-]?fold\b)
      | [\s-]?(?:us[\s-])?(?P<money>dollar|euro|pound|yen|usd|eur|gbp|jpy)s?\b
      | [\s-]?(?P<span>{_SPAN})s?\b
    )?
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_ESCAPE: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_EMPHASIS: Final = re.compile(r"(?<!\d)[*`~]+|[*`~]+(?!\d)|(?<![^\W_])_+|_+(?![^\W_])")
_LIST_NUMBER: Final = re.compile(r"^[^\S\n]*(?:[-•+]\s+)?\(?\d{1,3}[.)]\s+", re.MULTILINE)
_MARK: Final = re.compile(r"\[\d{1,3}(?:\s*,\s*\d{1,3})*\]")
_EXACT: Final = Context(prec=100, Emax=MAX_EMAX)


def figures(text: str) -> frozenset[str]:
    """The figures of a text with their unit and magnitude, whichever way they are written.

    "$1.2 billion" and "$1,200,000,000" are "$1200000000"; "forty percent" is "40%", 25 bps are "0.25%"; "four times" is
    "4x"; "three-month" is "3 month"; anything else is its number alone, as are "150+" and a year. Neither numbers of a
    list nor marks such as [1] are figures, nor are ordinals, names such as S3, or "one" without a unit.
    """
    found = map(_spelled, _FIGURE.finditer(_plain(text)))
    return frozenset(figure for figure in found if figure)


def _plain(text: str) -> str:
    """The text without what hides a figure: odd digits and spaces, invisible characters, Markdown, numbering."""
    composed = unicodedata.normalize("NFKC", text)
    visible = "".join(_ordinary(char) for char in composed if unicodedata.category(char) != "Cf")
    unmarked = _EMPHASIS.sub("", _ESCAPE.sub(r"\1", visible))
    return _MARK.sub(" ", _LIST_NUMBER.sub("", unmarked))


def _ordinary(char: str) -> str:
    if char.isascii():
        return char
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    return " " if char.isspace() else char


def _spelled(match: re.Match[str]) -> str:
    """A match in its one spelling; "" if it is no figure."""
    if whole := match["date"] or match["version"] or _RATIOS.get((match["ratio"] or "").lower()):
        return whole
    if match["digits"] or match["words"] or match["lone"]:
        return _with_unit(match, format(_EXACT.normalize(_value(match)), "f"))
    return ""


def _with_unit(match: re.Match[str], number: str) -> str:
    if match["percent"] or match["points"]:
        return f"{number}%"
    if match["times"]:
        return f"{number}x"
    if currency := match["sign"] or match["code"] or match["money"]:
        return f"{_CURRENCIES.get(currency.lower(), currency)}{number}"
    if match["span"]:
        span = match["span"].lower()
        return f"{number} {_SPANS.get(span, span)}"
    is_pronoun = (match["words"] or "").lower() == "one" and not match["scale"]
    return "" if is_pronoun else number


def _value(match: re.Match[str]) -> Decimal:
    if match["digits"]:
        value = Decimal(match["digits"].replace(",", ""))
    elif match["words"]:
        value = Decimal(_count(match["words"].lower()))
    else:
        value = Decimal("0.5") if match["lone"].lower().startswith("half") else Decimal(1)
    scale = (match["scale"] or "").strip(" \t\n-").lower()
    value = _EXACT.multiply(value, Decimal(_SCALES.get(scale, 1)))
    return _EXACT.divide(value, Decimal(100)) if match["points"] else value


def _count(words: str) -> int:
    total = 0
    for word in re.split(r"[\s-]+", words):
        if word == "hundred":
            total = (total or 1) * 100
        else:
            total += _WORD_VALUES.get(word, 0)
    return total

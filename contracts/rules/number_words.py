"""Numbers written in words: patterns for an expression that ignores case, and the values of what they match."""

import re
from decimal import MAX_EMAX, Context, Decimal
from functools import reduce
from typing import Final

EXACT: Final = Context(prec=100, Emax=MAX_EMAX)

_ONES: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES: Final = {word: value for value, word in enumerate(_ONES)} | dict(zip(_TENS, range(20, 100, 10), strict=True))
_SCALES: Final = {
    "dozen": 12, "hundred": 100, "lakh": 10**5, "crore": 10**7,
    "k": 10**3, "thousand": 10**3,
    "m": 10**6, "mm": 10**6, "mn": 10**6, "million": 10**6,
    "b": 10**9, "bn": 10**9, "billion": 10**9,
    "t": 10**12, "tn": 10**12, "trillion": 10**12,
}  # fmt: skip
_PARTS: Final = {
    "half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
    "twentieth": 20, "hundredth": 100, "thousandth": 1000,
}  # fmt: skip
_EVEN: Final = 10**5  # a percentage with three decimals
_TAILS: Final = {"half": Decimal("0.5"), "quarter": Decimal("0.25")}

_ONE = "|".join(_ONES)
_FEW = "|".join(_ONES[2:10])
_BELOW_HUNDRED = rf"(?:(?:{'|'.join(_TENS)})(?:[\s-](?:{_ONE}))?|{_ONE})"
_WHOLE = rf"(?:(?:{_BELOW_HUNDRED}|an?)[\s-]hundred(?:\s(?:and\s)?{_BELOW_HUNDRED})?|{_BELOW_HUNDRED})"
WORDS: Final = rf"{_WHOLE}(?:\spoint(?:\s(?:{_ONE}))+)?(?:\b|(?=fold\b))"
TAIL: Final = r"\sand\sa\s(?:half|quarter)\b(?!\sof\b)"
SCALE_WORD: Final = r"(?:hundred|dozen|thousand|lakh|crore|million|billion|trillion)\b"

_PART = "|".join(_PARTS)
_PARTS_OF_MANY = "|".join(f"{part}s" for part in _PARTS if part not in ("half", "quarter"))
_OF = r"of|as|less|fewer|more|lower|higher|faster|slower|cheaper|smaller|larger|shorter|longer"
_OWN = r"of|the|its|their|our|his|her|my|that|this|what|as"
FRACTION: Final = rf"""
    (?:{_FEW}|\d)(?:[\s-](?:{_PARTS_OF_MANY})\b|-quarters\b|\squarters(?=\sof\s(?:{_OWN})\b))
  | (?:an?\s|one[\s-]|top\s|bottom\s)(?:{_PART})(?=\s(?:{_OF})\b)
  | (?:(?<=\bby\s)|(?<=\bto\s))(?:an?\s|one[\s-])(?:{_PART})\b(?=\s?[.,;:!?)]|\s(?:in|over|within|and|while|after)\b|\Z)
  | (?:(?<=\bin\s)|(?<=\bby\s))half\b(?!\san?\b|-)
  | (?<!first\s)(?<!second\s)(?<!latter\s)(?<!other\s)half(?=\s(?:{_OWN})\b)
"""  # what is no share of anything is left out: a third party, the first half, the third quarter


def counted(words: str) -> Decimal:
    """The value of what `WORDS` matches."""
    whole, _, decimals = words.lower().partition(" point ")
    total = 0
    for word in re.split(r"[\s-]+", whole):
        total = (total or 1) * 100 if word == "hundred" else total + _VALUES.get(word, 0)
    digits = "".join(str(_VALUES[word]) for word in decimals.split())
    return Decimal(f"{total}.{digits}" if digits else total)


def scale_of(words: str) -> Decimal:
    """What "million", "bn" or "hundred thousand" multiply by; 1 if there is nothing."""
    return reduce(EXACT.multiply, (Decimal(_SCALES[word]) for word in re.findall(r"[a-z]+", words.lower())), Decimal(1))


def tail_of(words: str) -> Decimal:
    """What `TAIL` adds; 0 if there is nothing."""
    return _TAILS.get(words.lower()[-7:].strip().removeprefix("a "), Decimal(0))


def share(words: str) -> str:
    """What `FRACTION` matches as a percentage where that comes out even, else as "2/3"."""
    *count, part = re.split(r"[\s-]+", words.lower())
    numerator = int(count[0]) if count and count[0].isdigit() else _VALUES.get("".join(count), 1)
    denominator = _PARTS[part if part in _PARTS else part.removesuffix("s")]
    if (numerator * _EVEN) % denominator:
        return f"{numerator}/{denominator}"
    return f"{(Decimal(numerator * 100) / denominator).normalize():f}%"

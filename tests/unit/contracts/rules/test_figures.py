"""Figures: whichever way one is written it is the same, and what is no figure is none."""

import string
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.figures import extract_figures

SAME = {
    "$1200000000": (
        *("$1.2 billion", "$1.2B", "$1.2 B", "$1.2bn", "$1,200,000,000", "US$1.2 billion", "USD 1.2 billion"),
        *("1.2 bn dollars", "USD 1.2 bn", "one point two billion dollars", "$1.2 thousand million"),
        *("1.2 billion dollars", "1.2 billion US dollars", "**$1.2B**", r"\$1.2B", "$1.2B+", "$ 1.2 billion"),
    ),
    "€450000": ("€450k", "€450,000", "450 thousand euros", "EUR 450,000"),
    "40%": (
        *("40%", "40 %", "40 percent", "40 per cent", "forty percent", "40 percentage points", "40-percent", "40.0%"),
        *("40 pct", "40 per-cent", "forty-per-cent", "two-fifths", "two fifths of it", "\u0664\u0660\u066a"),
        *("\uff14\uff10\uff05", "٤٠%", "4\u200b0%", "**40**%", "_40%_", "`40`%", "over 40% of it", "(40%)", "~40%"),
    ),
    "0.25%": ("25 bps", "25bps", "25 basis points", "0.25%", ".25%"),
    "4x": ("4x", "4 times", "four times", "4\u00d7", "4 \u00d7", "fourfold", "four-fold", "4-fold", "quadrupled"),
    "2x": ("2x", "twice", "Doubled", "two times", "twofold", "will double the volume", "began to double"),
    "3x": ("3x", "tripled", "triple the volume", "threefold"),
    "5x": ("5x", "quintupled", "five-fold"),
    "10x": ("10x", "an order of magnitude", "tenfold"),
    "50%": ("50%", "halved", "fifty percent", "cut in half", "by half", "half the cost", "half of it", "to halve"),
    "25%": ("25%", "a quarter of the cost", "one quarter less", "cut by a quarter.", "a quarter as often"),
    "75%": ("75%", "three-quarters", "three quarters of the staff"),
    "12.5%": ("12.5%", "an eighth of it", "one-eighth less"),
    "10%": ("10%", "the top tenth of them"),
    "1/3": ("a third of it", "one-third more", "fell by a third in a year"),
    "2/3": ("two-thirds", "two thirds of it"),
    "99.99%": ("99.99%", "four nines", "four 9s"),
    "99%": ("99%", "two nines"),
    "100%": ("100%", "hundred percent", "a hundred per cent"),
    "99.95%": ("99.95%", "ninety-nine point nine five percent"),
    "2.5 year": ("2.5 years", "two and a half years", "2 and a half years", "2½ years"),
    "0.5 hour": ("0.5 hours", "half an hour", "½ hour"),
    "0.5": ("0.5", "½", ".5"),
    "chf5000000": ("CHF 5m", "5 million CHF", "5 million francs"),
    "₹5000000": ("₹5m", "INR 5 million", "50 lakh rupees"),
    "30000000": ("3 crore", "30M"),
    "2 decade": ("two decades", "2 decades"),
    "3 month": ("3 months", "three months", "three-month", "3-month", "3 mos", "Three Months"),
    "18 minute": ("18 minutes", "18 min", "eighteen minutes", "18-minute"),
    "5 millisecond": ("5ms", "5 ms", "5 milliseconds"),
    "1 month": ("1 month", "one month", "one-month"),
    "150": (
        "150",
        "150+",
        "over 150",
        "one hundred and fifty",
        "a hundred and fifty",
        "150+ clients",
        "one hundred fifty",
    ),
    "135000": ("135,000+", "135k", "135K", "135 thousand", "one hundred and thirty-five thousand"),
    "1000000": ("a million", "one million", "1M", "1,000,000", "1 million"),
    "500000": (
        "half a million",
        "half million",
        "5 hundred thousand",
        "5e5",
        "500,000",
        "500k",
        "five hundred thousand",
    ),
    "24": ("24", "two dozen", "twenty-four", "twenty four", "24th, no: 24"),
    "2019": ("2019", "since 2019", "in 2019.", "2019-03", "2019-03-31"),
    "1990": ("1990", "the 1990s"),
    "0": ("0", "zero", "zero-downtime"),
}
NONE = (
    *(
        "",
        "none at all",
        "one of the best",
        "number One",
        "1. first\n2) second\n(3) third",
        "- 4. nested",
        "told so [1]",
    ),
    *("[1, 2] and [12]", "S3, MT103, B2B and H1", "the 21st century, 2nd to none", "sometimes", "someone", "tenure"),
    *("\\[1\\]", "millions of thousands", "a manifold", "a few hundred people"),
    *("a third party", "sold to a third party.", "the third release", "by a third vendor", "the tenth of May"),
    *("the first half of the year", "in the second half the team grew", "half-hearted", "double-entry bookkeeping"),
    *("every day of a year", "doubles as a backup", "to double-check", "doubled down on it", "in half-hour slots"),
)


@pytest.mark.parametrize(("figure", "written"), [(figure, text) for figure, ways in SAME.items() for text in ways])
def test_a_figure_is_the_same_however_it_is_written(figure: str, written: str) -> None:
    assert extract_figures(written) == {figure}


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_figure(text: str) -> None:
    assert extract_figures(text) == frozenset()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("40%", "40"),
        ("$40", "40"),
        ("3 months", "3 weeks"),
        ("4x", "4%"),
        ("$1.2B", "$1.2M"),
        ("$5", "€5"),
        ("5", "5k"),
    ],
)
def test_unit_and_magnitude_make_a_difference(left: str, right: str) -> None:
    assert extract_figures(left) != extract_figures(right)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("10-20%", {"10%", "20%"}),
        ("10\u201320%", {"10%", "20%"}),
        ("10% to 20%", {"10%", "20%"}),
        ("ten to twenty percent", {"10%", "20%"}),
        ("between 10 and 20 percent", {"10%", "20%"}),
        ("25-50 bps", {"0.25%", "0.5%"}),
        ("$5-10M", {"$5000000", "$10000000"}),
        ("$1.2-1.5 billion", {"$1200000000", "$1500000000"}),
        ("5 to 10 million dollars", {"$5000000", "$10000000"}),
        ("3 to 5 years", {"3 year", "5 year"}),
        ("from 94 to 37 minutes", {"94 minute", "37 minute"}),
        ("from 94 minutes to 37", {"94 minute", "37 minute"}),
        ("it grew 4x to 1,200 users", {"4x", "1200"}),
        ("from 27% to 6%", {"27%", "6%"}),
        ("one or two weeks", {"1 week", "2 week"}),
        ("900 to 1 million users", {"900", "1000000"}),
        ("in 2019 and 40%", {"2019", "40%"}),
        ("2019-2021", {"2019", "2021"}),
        ("2x to 3x", {"2x", "3x"}),
        ("$5 to 10 clients", {"$5", "10"}),
        ("two quarters of work", {"2 quarter"}),
    ],
)
def test_both_ends_of_a_range_have_its_unit(text: str, ends: set[str]) -> None:
    assert extract_figures(text) == ends


def test_long_numbers_are_exact() -> None:
    assert extract_figures("9" * 60) == {"9" * 60}
    assert extract_figures(f"{'9' * 60} percent") != extract_figures(f"{'9' * 59}8 percent")


def test_numbers_of_other_scripts_are_figures() -> None:
    assert extract_figures("四十%") == {"4", "10%"}
    assert extract_figures("Ⅳ") == frozenset()


def test_a_sentence_of_figures() -> None:
    text = (
        "In 2019 it rose from 88.7% to 97.1%, saved $450,000 in 3 months with 22 repair operators, four times as fast."
    )
    assert extract_figures(text) == {"2019", "88.7%", "97.1%", "$450000", "3 month", "22", "4x"}


UNITS = {"%": "%", " percent": "%", "x": "x", " times": "x", " months": " month", "-month": " month", "": ""}
SCALES = {"": 1, "k": 10**3, " thousand": 10**3, "M": 10**6, " million": 10**6, "bn": 10**9, " billion": 10**9}
numbers = st.decimals("0.01", 10**6, places=2)


@given(numbers, st.sampled_from(sorted(UNITS)))
def test_units_of_any_number(number: Decimal, unit: str) -> None:
    plain = format(number.normalize(), "f")
    assert extract_figures(f"about {number:,}{unit}, they said") == {f"{plain}{UNITS[unit]}"}
    assert extract_figures(f"about {number}{unit}, they said") == {f"{plain}{UNITS[unit]}"}


@given(numbers, st.sampled_from(sorted(SCALES)))
def test_magnitudes_of_any_amount(number: Decimal, scale: str) -> None:
    plain = format((number * SCALES[scale]).normalize(), "f")
    assert extract_figures(f"saved ${number}{scale} a year") == {f"${plain}"}


@given(st.integers(2, 999))
def test_numbers_in_words(number: int) -> None:
    assert extract_figures(f"with {in_words(number)} engineers") == {str(number)}
    assert extract_figures(f"{in_words(number).title()} percent") == {f"{number}%"}
    assert extract_figures(f"{in_words(number)} thousand clients") == {str(number * 1000)}


@given(st.text(), st.text())
def test_two_texts_have_the_figures_of_each(first: str, second: str) -> None:
    assert extract_figures(f"{first}\n\n.\n\n{second}") >= extract_figures(first)


@given(st.text(alphabet=string.printable + "\u00d7€½²٣\u200b\u00a0"))
def test_every_text_has_figures_or_none(text: str) -> None:
    found = extract_figures(text)
    assert extract_figures(text.upper()) == found or not text.isascii()
    assert all(figure == figure.strip() and figure for figure in found)


@given(st.text(alphabet="0123456789.,%$ kx*[]_", max_size=40))
def test_text_escaped_for_markdown_has_the_same_figures(text: str) -> None:
    escaped = "".join(f"\\{char}" if char in "*_[]$" else char for char in text)
    assert extract_figures(escaped) == extract_figures(text)


ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def in_words(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    below = ONES[rest] if rest < 20 else TENS[rest // 10] + (f"-{ONES[rest % 10]}" if rest % 10 else "")
    if not hundreds:
        return below
    return f"{ONES[hundreds]} hundred" + (f" and {below}" if rest else "")

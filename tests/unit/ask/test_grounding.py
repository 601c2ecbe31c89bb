"""Grounding: a model's prose becomes plain words, and what the cited stories do not hold is found."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend_clients.ask.in_process.extractive import compose
from backend_clients.ask.in_process.plain_text import as_markdown, plain
from backend_clients.corpus.corpus import load_corpus
from contracts.rules.figures import extract_figures
from contracts.rules.prose.grounding import GroundingSources as Grounding
from contracts.story import Story
from tests.support.builders.stories import SAMPLE_FILE, story
from tests.support.servers.model_server import MISCHIEF
from tests.support.sides.in_process import turn
from tests.support.site.rendered import ONLY_WORDS, html_of, kinds

# Plain words


@pytest.mark.parametrize(
    ("prose", "words"),
    [
        ("Plain words [1], and more [2].", "Plain words [1], and more [2]."),
        ("Not there [0] [3] [99] [1].", "Not there    [1]."),
        ("Several [1, 2] or [2; 7].", "Several [1][2] or [2]."),
        ("No [9], really [3].", "No, really."),
        ("A [link](https://evil.example) here", "A link here"),
        ("A [titled](<https://e.x> 'title') one", "A titled one"),
        ("An ![image](https://evil.example/x_(1).png)!", "An !"),
        ("See [the report][r].\n\n[r]: https://evil.example", "See the report."),
        ("[[x](a)](//evil.example)", "x"),
        ("Marks [1][2] are no links", "Marks [1][2] are no links"),
        ("Go to https://evil.example/a?b=c or www.evil.example", "Go to  or"),
        ("Write to me@evil.example or mailto:x@y.z", "Write to  or"),
        ("<b>bold</b><br/> <<b>img src=x>", "bold"),
        ("&lt;script&gt;x&amp;lt;b&amp;gt;", "x"),
        ("4&#48;% of &#36;5", "40% of $5"),
        ("**Bold**, _it_, `code`, ~~gone~~, snake_case", "Bold, it, code, gone, snake_case"),
        ("## Heading\nwords", "Heading\nwords"),
        ("Heading\n===\nwords\n---\nmore", "Heading words more"),
        (r"\[x\](https://evil.example) \$5", "x $5"),
        ("ht\u200btp://evil.example, moc\u202e, a\x07\x00b\ud800, xmpp:a@b.c", "moc, ab,"),
    ],
)
def test_prose_becomes_plain_words(prose: str, words: str) -> None:
    assert plain(prose, 2).split() == words.split()


def test_what_a_model_writes_can_be_kept() -> None:
    words = as_markdown(plain("bell\x07, half\ud800, back\x08\x7f", 1))
    assert turn(1, answer=words).answer == "bell, half, back"


def test_plain_words_are_escaped_so_that_money_is_no_formula_and_marks_stay() -> None:
    assert as_markdown("saved $5 and $6 [1] *x* <b> [2]") == r"saved \$5 and \$6 [1] \*x\* \<b\> [2]"
    assert html_of(as_markdown("saved $5 [1]")) == "<p>saved $5 [1]</p>\n"


PIECES = [
    *"[]()!<>`\\*_{}#|~$:=-& \n\t",
    *("x", "[1]", "[2]", "[9]", "https://evil.example", "//evil.example", "www.evil.example", "a@evil.example"),
    *("![", "](", "]: ", "<img src=x>", "<a href=", "&#91;", "&lt;", "\u200b", "javascript:", "1. ", "    ", "40%"),
]
PROSE = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@given(PROSE)
@example(MISCHIEF)
@example("[[x](a)](//evil.example)")
@example("[a [b] c](//evil.example)")
@example("![a [b]](//evil.example/p.png)")
@example("<<b>img src=//evil.example>")
@example("[r]\n\n[r]: javascript:alert(1)")
def test_no_prose_renders_as_more_than_words(prose: str) -> None:
    words = plain(prose, 2)
    markdown = as_markdown(words)
    assert not kinds(markdown) & ONLY_WORDS, markdown
    assert not re.search(r"(?i)https?://\S|www\.\S|\w@\w+\.\w", words), words
    assert set(re.findall(r"\[\d+\]", words)) <= {"[1]", "[2]"}
    assert extract_figures(markdown) == extract_figures(words)


@given(PROSE)
def test_prose_is_made_plain_once(prose: str) -> None:
    words = plain(prose, 2)
    assert plain(words, 2) == words


@pytest.mark.parametrize("piece", ["![", "[", "<", "\\", "&#91;", "(", "*", "[1]", "a.", "[[", "](", "_", "1,"])
def test_a_flood_of_prose_is_cut(piece: str) -> None:
    assert len(plain(piece * 200_000, 3)) <= 8000


# Figures and clients

CITED = (
    story(
        "a",
        title="Payments",
        client="Halvern National Bank",
        result=("40% faster", "saved $1.2 billion", "four times the volume"),
        start_date="2006-02",
    ),
    story("b", client="Bolt", scope="12 countries", end_date="2011-05", action=("Moved off Oracle.",)),
)
CLIENTS = {
    "Oracle",
    "Halvern National Bank",
    "Halvern",
    "Bolt",
    "Target",
    "Acme & Sons",
    "Multiple Clients",
    "adidas",
    "A_B",
    "",
}


@pytest.mark.parametrize(
    ("words", "offenders"),
    [
        ("40% faster in 12 countries, from 2006 to 2011, in 2 stories [1].", []),
        ("forty percent faster in a dozen countries", []),
        ("$1.2B, or $1.2 billion, or $1,200 million", []),
        ("$1.3B", ["$1300000000"]),
        ("$1.2 million", ["$1200000"]),
        ("4x, or fourfold", []),
        ("quadrupled", []),
        ("5x", ["5x"]),
        ("41% faster", ["41%"]),
        ("40 engineers in 3 countries", ["3", "40"]),
        ("since 2007", ["2007"]),
        ("1. First [1]\n2. Second [2]", []),
        ("one of the best [2]", []),
        ("at Halvern National Bank and at BOLT", []),
        ("at Halvern", ["Halvern"]),
        ("at Halvern and at Halvern\nNational  Bank", ["Halvern"]),
        ("at Acme & Sons", ["Acme & Sons"]),
        ("at acme & sons", ["Acme & Sons"]),
        ("for Target", ["Target"]),
        ("for TARGET", ["Target"]),
        ("on target, a targeted approach, Targets", ["Targets"]),
        ("for multiple clients", []),
        ("for adidas", ["adidas"]),
        ("at Acme and Sons, at Halvern-National Bank", ["Acme & Sons"]),
        ("for Tar\u200bget", ["Target"]),
        ("a third of the volume, or 10-20% more", ["1/3", "10%", "20%"]),
        ("on Oracle databases", []),
        ("for A_B", ["A_B"]),
        ("boltless Boltons", ["Boltons"]),
        ("It saved $987 million for Target.", ["$987000000", "Target"]),
        ("\u0669\u0669\u0669 million", ["999000000"]),
        ("4\u200b1%", ["41%"]),
    ],
)
def test_what_the_cited_stories_do_not_hold(words: str, offenders: list[str]) -> None:
    assert Grounding(CITED, CLIENTS).offenders(words) == offenders


def test_a_client_is_its_own_whatever_the_case_of_its_spelling() -> None:
    assert Grounding([story(client="ACME")], {"Acme", "ACME"}).offenders("at Acme") == []


SAMPLE = load_corpus(SAMPLE_FILE).stories


@pytest.mark.parametrize("place", range(0, len(SAMPLE), 3))
def test_a_composed_answer_is_grounded_in_its_own_stories(place: int) -> None:
    cited: list[Story] = [SAMPLE[(place + step) % len(SAMPLE)] for step in range(3)]
    grounding = Grounding(cited, {item.client for item in SAMPLE})
    modes = compose(cited, "")
    for told in (modes.key_points, modes.deep_dive):
        assert grounding.offenders(plain(told, 3)) == []


@given(st.integers(1, 10**12), st.sampled_from(["{}%", "${}", "{}x", "{} months", "{}"]))
def test_a_figure_is_grounded_if_and_only_if_a_story_holds_it(number: int, form: str) -> None:
    claim = form.format(number)
    with_it = Grounding([story(result=(f"it was {claim} then",))], ())
    assert with_it.offenders(f"He says {claim} here.") == []
    without = Grounding([story(result=("it was nothing",), scope="x")], ())
    assert bool(without.offenders(f"He says {claim} here.")) == (claim != "1")

"""What a query names: clients and divisions however they are spelled, and nobody by ordinary words."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.names.forms import name_table
from contracts.rules.names.mentions import NameFinder, within_one_edit
from contracts.rules.questions.interview_questions import interview_questions
from contracts.rules.tokens import token_set
from contracts.story import Story
from contracts.story_file import read_stories
from tests.support.builders.stories import SAMPLE_FILE


def story(name: str, **fields: Any) -> Story:
    return Story(id=name, **fields)


BANK = story("bank", client="JP Morgan Chase", division="Treasury Services")
TRUST = story("trust", client="Tessaly Trust", division="Custody")
TARGET = story("target", client="Target", situation=("a target for JP Morgan Chase, missed",))
OTHER = story("other", client="Multiple Clients", situation=("they trust a target and chase it", "custody"))
STORIES = (BANK, TRUST, TARGET, OTHER)


def finder(stories: Sequence[Story], aliases: Mapping[str, Any] | None = None) -> NameFinder:
    return NameFinder(
        name_table(stories, aliases), token_set(text for item in stories for text in item.texts()).__contains__
    )


def mentioned(stories: Sequence[Story], query: str, aliases: Mapping[str, Any] | None = None) -> list[list[str]]:
    """The names of each mention."""
    names = name_table(stories, aliases).names
    return [sorted(names[number] for number in mention.names) for mention in finder(stories, aliases).find(query)]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("JPMorgan", ["JP Morgan Chase"]),
        ("jp morgan payments", ["JP Morgan Chase"]),
        ("J.P. Morgan", ["JP Morgan Chase"]),
        ("JPMORGAN CHASE!", ["JP Morgan Chase"]),
        ("work at Morgan", ["JP Morgan Chase"]),
        ("JPMC", ["JP Morgan Chase"]),
        ("chase", []),
        ("tessaly's custody", ["Tessaly Trust"]),
        ("whom do you trust", []),
        ("TessalyTrust", ["Tessaly Trust"]),
        ("the Target team", ["Target"]),
        ("what is your target", []),
        ("multiple clients", []),
        ("treasury services", ["Treasury Services"]),
        ("Treasury-Services at jpmorgan", ["Treasury Services", "JP Morgan Chase"]),
        ("Custody", ["Custody"]),
        ("Custody of keys", []),
        ("", []),
    ],
)
def test_what_a_query_names(query: str, names: list[str]) -> None:
    assert mentioned(STORIES, query) == [[name] for name in names]


PLAIN = "we met the target across north America, one capital letter at a time, and put a block on a royal bank of snow"


def named_clients(query: str, *clients: str, text: str = PLAIN, aliases: Mapping[str, Any] | None = None) -> list[str]:
    """Which of some clients a query names, while several stories of nobody's write a text."""
    stories = [story(f"{number:03d}", client=client) for number, client in enumerate(clients)]
    nobodys = [story(f"x{number}", client="Multiple Clients", situation=(text,)) for number in range(3)]
    return sorted({name for names in mentioned([*stories, *nobodys], query, aliases) for name in names})


@pytest.mark.parametrize(
    ("client", "queries"),
    [
        ("AT&T", ["AT&T", "at&t billing", "AT and T", "ATT's network"]),
        ("RBC Royal Bank", ["RBC", "rbc payments", "RBC's cards", "rbc royal bank"]),
        ("Capital One", ["Capital One", "capital one", "CapitalOne", "Capital One's cards"]),
        ("Halvern National Bank", ["Halvern's", "halverns", "Halverns\u2019 ledger", "halvern", "HNB", "hnb cards"]),
        ("Nestl\u00e9", ["Nestle", "NESTL\u00c9", "nestle's factories"]),
        ("Soci\u00e9t\u00e9 G\u00e9n\u00e9rale", ["societe generale", "SOCIETE GENERALE", "SocieteGenerale"]),
        ("Johnson & Johnson", ["Johnson and Johnson", "johnson & johnson", "JohnsonJohnson"]),
        ("Marsh and McLennan", ["Marsh & McLennan", "at McLennan", "marsh and mclennan"]),
        ("H&R Block", ["H&R Block", "HR Block", "h and r block"]),
        ("Bank of America", ["Bank of America", "bank of america", "BankOfAmerica", "BoA"]),
        ("Macy's", ["Macy's", "macys", "at Macys"]),
        ("Target", ["Target", "TARGET", "work at Target", "How did you help Target's stores?"]),
        ("3M", ["3M", "3m filters"]),
    ],
)
def test_odd_spellings_name_the_client(client: str, queries: list[str]) -> None:
    assert [query for query in queries if named_clients(query, client, "Ostrand Energy") != [client]] == []


@pytest.mark.parametrize(
    ("client", "queries"),
    [
        ("Capital One", ["raise capital", "one more thing"]),
        ("RBC Royal Bank", ["a royal mess", "Royal bank"]),
        ("Bank of America", ["rollout across North America", "america", "a bank of ideas"]),
        ("Target", ["target", "Target operating model", "Who? Target users", "Cloud Target State", "hit the target"]),
        ("H&R Block", ["what blocked you", "block"]),
        ("Software Component Makers", ["SCM", "software"]),
    ],
)
def test_ordinary_words_name_nobody(client: str, queries: list[str]) -> None:
    text = f"{PLAIN}. Software by SCM"
    assert [query for query in queries if named_clients(query, client, text=text)] == []


def test_names_that_begin_alike_are_named_together() -> None:
    found = named_clients("JPMorgan", "JP Morgan", "JP Morgan Chase", "Morganite")
    assert found == ["JP Morgan", "JP Morgan Chase"]
    assert named_clients("halvern", "Halvern Bank", "Halvern Insurance", "Bank Halvern") == []


NAME_WORDS = st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x17F), min_size=2, max_size=8)
NAMES = st.lists(NAME_WORDS, min_size=2, max_size=4).map(" ".join).filter(lambda name: "and" not in name.casefold())


@given(NAMES, st.sampled_from([" ", "-", "", " & "]), st.sampled_from(["", "'s", "s", "!"]), st.booleans())
def test_a_whole_name_is_named_however_it_is_joined(name: str, joint: str, end: str, plain: bool) -> None:
    written = joint.join(name.split()) + end
    if plain:
        decomposed = unicodedata.normalize("NFKD", written.casefold())
        written = "".join(char for char in decomposed if not unicodedata.combining(char))
    assert name in named_clients(f"what of {written} then", name, "Ostrand Energy")


def test_no_interview_question_of_the_sample_names_a_client_that_it_does_not_write() -> None:
    stories = read_stories(SAMPLE_FILE).stories
    found = finder([item.model_copy(update={"interview_questions": ()}) for item in stories])
    questions = [question for item in stories for question in interview_questions(item)]
    assert len(questions) > 200
    assert [question for question in questions if found.find(question)] == []


@pytest.mark.parametrize(
    ("client", "queries"),
    [
        ("Acme Widgets, Inc.", ["acme widgets", "Acme Widgets Inc", "ACME WIDGETS, INC.", "acme"]),
        ("The Greyfell Company Ltd", ["Greyfell Company", "greyfell", "the greyfell company ltd"]),
        ("Greyfell\u00a0 Water\u200b", ["greyfell water", "Grey\u00adfell\u2003Water"]),
        (
            "Halvern National Bank",
            ["Halvren", "halvrn", "halvernn cards", "Halvern Natonal Bank", "at Alvern", "alvern"],
        ),
        ("Capital One", ["capitl one", "Captial One's cards"]),
    ],
)
def test_suffixes_white_space_and_one_typo_do_not_count(client: str, queries: list[str]) -> None:
    shown = " ".join(client.replace("\u200b", "").split())
    assert [query for query in queries if named_clients(query, client, "Ostrand Energy") != [shown]] == []


@pytest.mark.parametrize(
    ("client", "query"),
    [
        ("Ostrand Energy", "a strand of work"),
        ("Marlow Ridge Health", "bone marrow donors"),
        ("Marlow Ridge Health", "public health"),
        ("AT&T", "look at T-shirts"),
        ("Capital One", "Raise capital. One more thing"),
        ("Oakhollow Grocers", "software for grocers"),
        ("Fenwright Oak Retail", "what for"),
        ("Self", "a self service portal"),
        ("First National Bank", "the first bank"),
    ],
)
def test_what_looks_like_a_name_is_none(client: str, query: str) -> None:
    assert named_clients(query, client, "Brightspan Payments") == []


@pytest.mark.parametrize(
    "aliases",
    [{"Amex": "American Express"}, {"American Express": ["Amex", "the blue box"]}, {"amex": ["American Express"]}],
)
def test_an_alias_names_whom_it_stands_for(aliases: Mapping[str, Any]) -> None:
    for query in ("work at Amex", "amex", "AMEX's cards"):
        assert named_clients(query, "American Express Company", "Ostrand Energy", aliases=aliases) == [
            "American Express Company"
        ]
    assert named_clients("amex", "Ostrand Energy", aliases=aliases) == []


def test_two_names_are_two_mentions_in_the_order_of_the_text_and_the_longest_counts() -> None:
    stories = [
        story("a", client="Greyfell"),
        story("b", employer="Halvern Cards"),
        story("c", client="Halvern Cards North"),
    ]
    assert mentioned(stories, "halvern cards or greyfell?") == [["Halvern Cards", "Halvern Cards North"], ["Greyfell"]]
    assert mentioned(stories, "Halvern Cards North") == [["Halvern Cards North"]]
    assert mentioned(stories, "halvern") == [["Halvern Cards", "Halvern Cards North"]]


def test_a_word_that_the_corpus_writes_is_no_typo() -> None:
    assert named_clients("greyfull", "Greyfell") == ["Greyfell"]
    assert named_clients("greyfull", "Greyfell", text="a greyfull of sky") == []


@given(st.text(st.characters(categories=["Ll"], max_codepoint=0x7F), min_size=2, max_size=9), st.data())
def test_one_edit_is_one_letter_more_less_changed_or_swapped(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 2))
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    for other in (
        word[:at] + word[at + 1 :],
        word[:at] + "x" + word[at:],
        word[:at] + "x" + word[at + 1 :],
        swapped,
        word,
    ):
        assert within_one_edit(word, other)
        assert within_one_edit(other, word)
    assert not within_one_edit(word, word + "xx")


@given(st.text(max_size=80))
def test_any_text_can_be_asked(text: str) -> None:
    assert all(0 <= mention.start < mention.end for mention in finder(STORIES).find(text))

"""What a query names: clients and divisions however they are spelled, and nobody by ordinary words."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.story import Story
from contracts.story_file import read_stories
from lambdas.search.ranking.entity_names import Names, possible_names
from operations.parity.question_requests import interview_questions
from tests.support.builders.search_corpora import snapshot_of
from tests.support.builders.stories import SAMPLE_FILE


def story(name: str, **fields: Any) -> Story:
    return Story(id=name, **fields)


BANK = story("bank", client="JP Morgan Chase", division="Treasury Services")
TRUST = story("trust", client="Tessaly Trust", division="Custody")
TARGET = story("target", client="Target", situation=("a target for JP Morgan Chase, missed",))
OTHER = story("other", client="Multiple Clients", situation=("they trust a target and chase it", "custody"))
STORIES = (BANK, TRUST, TARGET, OTHER)


@pytest.mark.parametrize(
    ("query", "clients", "divisions"),
    [
        ("JPMorgan", ["bank"], []),
        ("jp morgan payments", ["bank"], []),
        ("J.P. Morgan", ["bank"], []),
        ("JPMORGAN CHASE!", ["bank"], []),
        ("work at Morgan", ["bank"], []),
        ("JPMC", ["bank"], []),
        ("chase", [], []),
        ("tessaly's custody", ["trust"], []),
        ("whom do you trust", [], []),
        ("TessalyTrust", ["trust"], []),
        ("the Target team", ["target"], []),
        ("what is your target", [], []),
        ("multiple clients", [], []),
        ("treasury services", [], ["bank"]),
        ("Treasury-Services at jpmorgan", ["bank"], ["bank"]),
        ("Custody", [], ["trust"]),
        ("Custody of keys", [], []),
        ("", [], []),
    ],
)
def test_what_a_query_names(query: str, clients: list[str], divisions: list[str]) -> None:
    snapshot = snapshot_of(STORIES)
    ids = sorted(story.id for story in STORIES)
    assert [ids[row] for row in Names(snapshot, "client").named(possible_names(query))] == clients
    assert [ids[row] for row in Names(snapshot, "division").named(possible_names(query))] == divisions


PLAIN = "we met the target across north America, one capital letter at a time, and put a block on a royal bank of snow"


def named_clients(query: str, *clients: str, text: str = PLAIN) -> list[str]:
    """Which of some clients a query names, while several stories of nobody's write a text."""
    stories = [story(f"{number:03d}", client=client) for number, client in enumerate(clients)]
    nobodys = [story(f"x{number}", client="Multiple Clients", situation=(text,)) for number in range(3)]
    rows = Names(snapshot_of([*stories, *nobodys]), "client").named(possible_names(query))
    return [clients[row] for row in rows]


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
        ("Marsh and McLennan", ["Marsh & McLennan", "mclennan"]),
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
    stories = sorted(read_stories(SAMPLE_FILE).stories, key=lambda item: item.id)
    snapshot = snapshot_of([item.model_copy(update={"interview_questions": ()}) for item in stories])
    clients, divisions = Names(snapshot, "client"), Names(snapshot, "division")
    questions = [question for item in stories for question in interview_questions(item)]
    named = [
        question
        for question in questions
        if len(clients.named(possible_names(question))) or len(divisions.named(possible_names(question)))
    ]
    assert len(questions) > 200
    assert named == []

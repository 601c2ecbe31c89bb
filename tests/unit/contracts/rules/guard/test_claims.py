"""Claims that questions make of the owner: creations, deeds, skills, job titles and pastimes."""

import pytest

from contracts.profile import ProfileFacts
from contracts.rules.guard.claims import claimed_creation, claimed_verb, without_agent
from contracts.rules.guard.occupations import asked_occupation, asked_pastime

ADA = ProfileFacts(name="Ada Byron")


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("Did he invent the internet?", "internet"),
        ("Is Ada the inventor of Java?", "java"),
        ("Did Ada create Python?", "python"),
        ("Has she discovered gravity?", "gravity"),
        ("Who is the father of Linux", "linux"),
        ("Did she build the internet?", "internet"),
        ("Did he invent a repair engine?", ""),
        ("Did she create the dashboard?", ""),
        ("Did he build Python services?", ""),
        ("Has he used the internet?", ""),
    ],
)
def test_a_well_known_thing_is_no_creation_of_the_owner_s(question: str, thing: str) -> None:
    assert claimed_creation(question, ADA) == thing


@pytest.mark.parametrize(
    ("question", "verb"),
    [
        ("Did he invent the internet?", "invent"),
        ("And has Ada ever moved a mainframe?", "moved"),
        ("What did he move?", ""),
        ("Is he moving?", ""),
    ],
)
def test_the_verb_of_a_claim(question: str, verb: str) -> None:
    assert claimed_verb(question, ADA) == verb


@pytest.mark.parametrize(
    ("question", "skill"),
    [
        ("Swift UI developer?", "Swift UI?"),
        ("Kafka expert, please", "Kafka, please"),
        ("Did he lead a developer academy?", "Did he lead a developer academy?"),
        ("developer?", "developer?"),
    ],
)
def test_a_skill_stands_without_the_noun_that_makes_it_a_person(question: str, skill: str) -> None:
    assert without_agent(question) == skill


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Is he a CTO?", "cto"),
        ("Has Ada ever been a product manager?", "product manager"),
        ("Was she working as an interim scrum master?", "scrum master"),
        ("Is he a pilot?", "pilot"),
        ("Has he worked with a CTO?", ""),
        ("Is he a good leader?", ""),
        ("What did the product manager want?", ""),
    ],
)
def test_a_job_that_a_question_gives_the_owner(question: str, title: str) -> None:
    assert asked_occupation(question, ADA) == title


@pytest.mark.parametrize(("question", "pastime"), [("Can Ada sing?", "sing"), ("Can the system drive trucks?", "")])
def test_a_pastime_is_the_owner_s(question: str, pastime: str) -> None:
    assert asked_pastime(question, ADA) == pastime

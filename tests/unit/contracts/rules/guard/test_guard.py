import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.profile import NO_FACTS, Link, ProfileFacts
from contracts.rules.guard.corpus_terms import corpus_terms, term_of
from contracts.rules.guard.personal import personal_answer, personal_topic
from contracts.rules.guard.profile_answers import profile_answer
from contracts.rules.guard.profile_questions import profile_fact
from contracts.rules.guard.topics import Topic, quotable, topic_of, unknown_answer, unknown_in_words
from contracts.story import Story

ADA = ProfileFacts(
    name="Ada Byron",
    email="ada@example.com",
    phone="+1 555 0100",
    place="Lisbon",
    education=("BSc", "MSc"),
    links=(Link.model_validate({"label": "Site", "url": "https://example.com/ada"}),),
    aliases={"Big Blue": "International Business Machines"},
)
STORY = Story(
    id="a|ibm",
    title="Modelling of e-mail behaviour",
    client="International Business Machines",
    employer="Greyfell & Sons",
    role="Lead Nurse",
    action=("Organised the data-centre programme.", "Moved the wards to Oracle, as the pilot and the cook wanted."),
)
TERMS = corpus_terms([STORY], ADA)


def known(*words: str) -> list[str]:
    topic = topic_of(" ".join(words), ADA, lambda terms: [term in TERMS for term in terms])
    return [word for word in words if word.lower() in topic.known]


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("What does Ada earn?", "salary"),
        ("Ada Byron's salary", "salary"),
        ("What salary does Ada expect?", "salary"),
        ("How much did the bank earn?", None),
        ("How old is Byron", "age"),
        ("How old was the system?", None),
        ("Is she married?", "family"),
        ("Is it a single page application?", None),
        ("Her healthcare projects", None),
        ("What is her favourite tool?", None),
        ("What is her favourite food?", "private life"),
    ],
)
def test_personal_questions_are_about_the_person(question: str, topic: str | None) -> None:
    assert personal_topic(question, ADA) == topic


def test_a_personal_question_is_declined_with_its_reason_and_a_way_to_ask() -> None:
    declined = personal_answer("age", ADA)
    assert "personal matter (age)" in declined
    assert "ada@example.com" in declined
    assert "the owner" in personal_answer("age", NO_FACTS)


def test_a_cv_is_named_by_its_address_or_handed_out_by_the_site() -> None:
    at = ADA.model_copy(update={"cv": "https://example.com/cv.pdf"})
    assert profile_answer("cv", at) == "Ada Byron's CV: https://example.com/cv.pdf."
    assert profile_answer("cv", ADA.model_copy(update={"cv": "cv.pdf"})).endswith(
        "CV can be downloaded from this site."
    )


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        ("email", "Ada Byron's e-mail address is ada@example.com."),
        ("phone", "Ada Byron's phone number is +1 555 0100."),
        ("place", "Ada Byron is based in Lisbon."),
        ("education", "Ada Byron's education: BSc; MSc."),
        ("links", "Ada Byron on the web: Site (https://example.com/ada)."),
        ("contact", "You can reach Ada Byron by e-mail at ada@example.com or by phone at +1 555 0100."),
        (
            "cv",
            "The profile does not name a CV for Ada Byron. "
            "You can reach Ada Byron by e-mail at ada@example.com or by phone at +1 555 0100.",
        ),
    ],
)
def test_the_profile_answers_or_says_that_it_does_not_know(fact: str, said: str) -> None:
    assert profile_answer(fact, ADA) == said
    assert profile_answer(fact, NO_FACTS).startswith("The profile does not name")


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("How do I reach Ada?", "contact"),
        ("How did she reach the users?", None),
        ("Where is Ada Byron based?", "place"),
        ("Where was the system based?", None),
        ("availability of the platform", None),
        ("Did she resume the rollout?", None),
        ("Ada's résumé", "cv"),
    ],
)
def test_questions_about_the_profile(question: str, fact: str | None) -> None:
    assert profile_fact(question, ADA) == fact


@pytest.mark.parametrize(
    "word",
    [
        "modeling",
        "behavior",
        "organize",
        "center",
        "program",
        "email",
        "IBM",
        "Greyfel",
        "greyfelt",
        "Blue",
        "machines",
    ],
)
def test_spellings_initials_aliases_and_one_typo_in_a_name_are_known(word: str) -> None:
    assert known(word) == [word]


@pytest.mark.parametrize("word", ["Rust", "surgeon", "Google", "greyhound"])
def test_other_words_are_not(word: str) -> None:
    assert known(word) == []


@given(st.text(max_size=80))
def test_every_content_word_is_known_or_unknown_and_the_owners_name_is_neither(question: str) -> None:
    topic = topic_of(question + " Ada", ADA, lambda terms: [term in TERMS for term in terms])
    assert not set(topic.known) & {word.lower() for word in topic.unknown}
    assert "ada" not in topic.known
    assert personal_topic(question, ADA) is None or personal_answer("age", ADA)
    assert profile_fact(question, ADA) is None or profile_answer("place", ADA)


def about(question: str) -> Topic:
    return topic_of(question, ADA, lambda terms: [term in TERMS for term in terms])


@pytest.mark.parametrize(
    ("question", "refused"),
    [
        ("Is Ada a pilot?", "No story shows Ada Byron as a “pilot”"),
        ("was she ever an actor by trade", "No story shows Ada Byron as an “actor”"),
        ("Has she worked as a nurse?", ""),  # her role
        ("Has she worked with a pilot?", ""),
        ("Is she a pilot's advisor?", ""),
        ("Can Ada cook?", "No story says that Ada Byron can “cook”"),
        ("Did she cook the books of Oracle?", ""),
        ("Did she work at Oracle?", "No story was done for “Oracle”, though some mention it"),
        ("any ex-Oracle people?", "No story was done for “Oracle”, though some mention it"),
        ("Did she work with Oracle?", ""),
        ("Did she work at Greyfell or Oracle?", ""),
        ("Did she work at Big Blue?", ""),
        ("Did she work at Zeta on e-mail?", "No story mentions “Zeta”"),
    ],
)
def test_what_a_story_mentions_is_not_what_the_owner_is_or_where_she_worked(question: str, refused: str) -> None:
    assert about(question).refused == refused


@given(st.permutations(["Greyfell", "Zeta", "Modelling"]), st.sampled_from([" or ", ", ", " and "]))
def test_a_known_name_beside_an_unknown_one_is_asked_for(names: list[str], between: str) -> None:
    topic = about(f"What did she do at {between.join(names)}?")
    assert (topic.is_unknown, topic.is_mostly_unknown, topic.unknown) == (False, False, ("Zeta",))


@given(st.sampled_from(["salary", "nationality", "hobbies", "certificates"]), st.data())
def test_one_typo_in_a_word_of_six_letters_does_not_hide_what_is_asked(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(word) - 2))
    question = f"what is his {word[:place]}{word[place + 1 :]}?"
    assert personal_topic(question, ADA) or profile_fact(question, ADA)


@given(st.sampled_from(["code", "time", "care", "case", "hire", "name", "role"]))
def test_a_silent_e_is_part_of_the_stem(word: str) -> None:
    assert term_of(f"{word}s") == term_of(word)
    assert term_of(f"{word[:-1]}ing") == term_of(word)


@given(st.sampled_from(["analyse", "catalogue", "defence", "programme", "colour", "travelled", "centre"]))
def test_british_and_american_spelling_are_one(word: str) -> None:
    american = {
        "analyse": "analyze",
        "catalogue": "catalog",
        "defence": "defense",
        "programme": "program",
        "colour": "color",
        "travelled": "traveled",
        "centre": "center",
    }
    assert term_of(word) == term_of(american[word])


def test_only_a_few_plain_words_are_repeated() -> None:
    assert quotable(["Rust", "C++", "e-commerce"]) == ("Rust", "C++", "e-commerce")
    for unknown in (["evil.example"], ["49676e6f"], ["a", "b", "c", "d"], ["x" * 30], []):
        assert quotable(unknown) == ()
    assert unknown_answer(Topic((), ("evil.example",)), None) == "No story mentions this."


def test_unknown_words_are_listed() -> None:
    assert unknown_in_words(["Rust"]) == "No story mentions “Rust”"
    assert unknown_in_words(["Rust", "Go", "C"]) == "No story mentions “Rust”, “Go” or “C”"


@pytest.mark.parametrize(
    ("known", "unknown", "is_mostly_unknown"),
    [
        (("ai",), ("rust",), True),
        (("ai", "code"), ("rust",), False),
        (("ai",), ("regulated",), False),  # a quality may be said in other words
        (("ai",), ("regulated", "rust"), True),
        (("spoil", "wireless"), ("thermometers", "hauliers", "salad"), False),  # a long description may, too
        (("spoil",), ("wireless", "thermometers", "hauliers", "salad"), True),
        (("spoil",), (), False),
    ],
)
def test_what_may_be_said_in_other_words_makes_no_question_unknown(
    known: tuple[str, ...], unknown: tuple[str, ...], is_mostly_unknown: bool
) -> None:
    topic = Topic(known, unknown)
    assert topic.is_mostly_unknown is is_mostly_unknown
    assert not topic.is_unknown

"""What a question names."""

import pytest

from contracts.rules.questions.subjects import find_subject, in_known_forms_of, names_all

VOCABULARY = {
    "clients": ["Halvern National Bank", "Tessaly Trust", "Multiple Clients"],
    "industries": ["Financial Services / Banking", "Telecommunications", "Cross Industry"],
    "tags": ["AWS", "Machine Learning", "Generative AI", "Responsible AI", "Risk"],
    "roles": ["Solution Architect"],
}


@pytest.mark.parametrize(
    ("question", "names", "words"),
    [
        ("Has he used AWS?", [("tags", "AWS")], ()),
        ("Did Halvern use machine learning?", [("clients", "Halvern National Bank"), ("tags", "Machine Learning")], ()),
        ("work at tessaly", [("clients", "Tessaly Trust")], ()),
        ("Which banks?", [("industries", "Financial Services / Banking")], ()),
        ("telecom projects", [("industries", "Telecommunications")], ()),
        ("Was he a solution architect?", [("roles", "Solution Architect")], ()),
        ("Any AI?", [("tags", "Generative AI")], ()),
        ("Does he know Rust?", [], ("rust",)),
        ("What about multiple clients?", [], ("multiple",)),
        ("What was done at HNB?", [("clients", "Halvern National Bank")], ()),
        ("What was done for Tesaly Trust?", [("clients", "Tessaly Trust")], ()),
        ("Has Ada Quint used AWS?", [("tags", "AWS")], ()),
        ("how many clients has ada worked with", [], ()),
        ("What is Ada's experience with Rust?", [], ("rust",)),
        ("Did Halvern use Rust?", [("clients", "Halvern National Bank")], ("rust",)),
    ],
)
def test_names_and_the_words_beside_them(question: str, names: list[tuple[str, str]], words: tuple[str, ...]) -> None:
    subject = find_subject(question, VOCABULARY)
    assert [(name.facet, name.values[0]) for name in subject.names] == names
    assert subject.words == words


def test_a_part_of_several_tags_means_them_all() -> None:
    (name,) = find_subject("AI", VOCABULARY).names
    assert (name.values, name.exact) == (("Generative AI", "Responsible AI"), False)


@pytest.mark.parametrize(
    ("question", "counted"),
    [("Has Ada used AWS?", True), ("Has Ada used AWS on big projects?", False)],
)
def test_the_owner_s_name_is_nothing_that_a_count_must_hold(question: str, *, counted: bool) -> None:
    assert names_all(question, find_subject(question, VOCABULARY)) is counted


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("artificial intelligence projects", "ai projects"),
        ("AI projects", "AI projects"),
        ("Has he done ML?", "Has he done machine learning?"),
        ("Has he done k8s?", "Has he done k8s?"),
    ],
)
def test_abbreviations_are_read_as_the_values_have_them(question: str, read: str) -> None:
    assert in_known_forms_of(question, VOCABULARY) == read

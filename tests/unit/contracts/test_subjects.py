"""What a question names."""

import pytest

from contracts.rules.subjects import find_subject

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
    ],
)
def test_names_and_the_words_beside_them(question: str, names: list[tuple[str, str]], words: tuple[str, ...]) -> None:
    subject = find_subject(question, VOCABULARY)
    assert [(name.facet, name.values[0]) for name in subject.names] == names
    assert subject.words == words


def test_a_part_of_several_tags_means_them_all() -> None:
    (name,) = find_subject("AI", VOCABULARY).names
    assert (name.values, name.exact) == (("Generative AI", "Responsible AI"), False)

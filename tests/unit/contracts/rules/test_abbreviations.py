"""Abbreviations: of two forms the one that is known stands in for the other."""

import pytest

from contracts.rules.abbreviations import in_known_forms, other_forms

KNOWN = {"kubernetes", "ai", "quality assurance"}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Does he know K8s?", "Does he know kubernetes?"),
        ("artificial-intelligence projects", "ai projects"),
        ("QA and AI", "quality assurance and AI"),
        ("qa-like", "qa-like"),
        ("What is his KPI?", "What is his KPI?"),
        ("", ""),
    ],
)
def test_an_unknown_form_is_read_as_its_known_one(text: str, read: str) -> None:
    assert in_known_forms(text, lambda form: " ".join(form.lower().replace("-", " ").split()) in KNOWN) == read


def test_plurals_have_other_forms_too() -> None:
    assert ("LLMs", "large language model") in list(other_forms("LLMs"))

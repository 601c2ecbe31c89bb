"""Names of a text that others do not hold are found; names that they hold pass however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.names.proper_names import NameEvidence, fold

EVIDENCE = NameEvidence(
    [
        "Payments for JPMorgan Chase & Co. in New York. Built on Kubernetes, React and Amazon Web Services (AWS).",
        "At RBC, the Royal Bank of Canada, he led a PCI audit with Dr. Jane Smith. He holds a B.Sc. of his college.",
        "norstella moved to the cloud with PostgreSQL; terraform made it.",
    ]
)

HELD = (
    "He worked for JPMorgan Chase [1].",
    "He worked for JP Morgan [1].",
    "It was JPMorgan Chase's largest audit [1].",
    "The Royal Bank of Canada (RBC) had a PCI audit [1].",
    "Norstella moved to the cloud [1].",
    "He used AWS, K8s, Postgres and Terraform [1].",
    "Terraform made it. React too [1].",
    "Jane Smith led it with him [1].",
    "He has a bachelor's degree [1].",
    "In March he led it. Globally, teams grew [1].",
    "As a Senior Engineering Manager and VP he led Payments [1].",
    "Leading the audit, he was fast. Costs fell [1].",
    "- Situation: Payments were slow [1].\n- Result: Faster [1].",
    "The CEO and the API team in Q3 [1].",
)
UNKNOWN = (
    ("He worked for Globex [1].", "Globex"),
    ("He worked at Initech Holdings [1].", "Initech Holdings"),
    ("Globex Unlimited hired him [1].", "Globex Unlimited"),
    ("Globex's payments grew [1].", "Globex"),
    ("He used Snowflake [1].", "Snowflake"),
    ("He moved it to IBM [1].", "IBM"),
    ("MongoDB was its store [1].", "MongoDB"),
    ("He lived in Berlin [1].", "Berlin"),
    ("He was sent to San Francisco [1].", "San Francisco"),
    ("He has an MBA [1].", "MBA"),
    ("He has a Ph.D. [1].", "doctorate"),
    ("He has a Master of Science [1].", "master's degree"),
    ("He led it with John Jones [1].", "John Jones"),
    ("He left. Globex Unlimited.", "Globex Unlimited"),
    ("He was a fellow of Stanford University [1].", "Stanford University"),
)


@pytest.mark.parametrize("text", HELD)
def test_names_that_are_held_pass(text: str) -> None:
    assert EVIDENCE.unknown_names(text) == []


@pytest.mark.parametrize(("text", "name"), UNKNOWN)
def test_names_that_are_not_held_are_found(text: str, name: str) -> None:
    assert name in EVIDENCE.unknown_names(text)


@given(st.permutations(UNKNOWN).map(lambda drawn: drawn[:3]), st.permutations(HELD).map(lambda drawn: drawn[:3]))
def test_no_sentence_hides_another(unknown: list[tuple[str, str]], held: list[str]) -> None:
    text = "\n\n".join([held[0], *(text for text, _ in unknown), *held[1:]])
    found = EVIDENCE.unknown_names(text)
    assert {name for _, name in unknown} <= set(found)
    assert len(found) == len(set(found))


@given(st.sampled_from(["A", "B", "Zu", "Qo"]), st.text("aeioukrtz", min_size=4, max_size=8))
def test_an_invented_employer_is_found(start: str, rest: str) -> None:
    name = f"{start}{rest}x"
    assert EVIDENCE.unknown_names(f"He was hired by {name} Holdings [1].") != []
    assert NameEvidence([f"He was hired by {name} Holdings."]).unknown_names(f"{name} Holdings hired him [1].") == []


@given(st.text(max_size=80))
def test_a_text_holds_its_own_names(text: str) -> None:
    assert NameEvidence([text]).unknown_names(text) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Caf\u00e9", "cafe"),
        ("Acme's", "acme"),
        ("U.S.", "us"),
        ("AT&T", "att"),
        ("Companies", "company"),
        ("Stores", "store"),
        ("Modernisation", "modernization"),
        ("Access", "access"),
    ],
)
def test_words_are_folded(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("Visa", "Vista"), ("Access", "Acces"), ("C", "R")])
def test_other_words_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)

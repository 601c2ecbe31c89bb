"""Products whose names are made of everyday words."""

import pytest

from contracts.rules.names.products import named_products, products_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Does he know Swift UI?", [("swiftui", "Swift UI")]),
        ("SwiftUI and PowerApps", [("swiftui", "SwiftUI"), ("powerapps", "PowerApps")]),
        ("React Native on AWS", [("reactnative", "React Native")]),
        ("a swift answer on the UI", []),
        ("react, natively", []),
        ("", []),
    ],
)
def test_products_as_one_word_and_as_written(text: str, found: list[tuple[str, str]]) -> None:
    assert list(named_products(text)) == found


def test_products_of_several_texts() -> None:
    assert products_in(["Ran Spring Boot.", "spring-boot and Big Query", "Spring. Boot sale"]) == {
        "springboot",
        "bigquery",
    }

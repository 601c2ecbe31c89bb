"""Phrases of a question that stories know, or do not know, as a whole, whatever they know of the words apart."""

from collections.abc import Callable, Sequence

from contracts.rules.guard.corpus_terms import PRODUCT, term_of
from contracts.rules.names.products import named_products
from contracts.rules.questions.themes import find_theme

KnownTerms = Callable[[Sequence[str]], Sequence[bool]]


def without_shown_theme(question: str, known: KnownTerms) -> str:
    """The question without the phrase of a behavioural theme, where stories have words that show it."""
    theme = find_theme(question)
    return theme.rest if theme and any(known([term_of(word) for word in theme.words])) else question


def without_unknown_products(question: str, known: KnownTerms) -> tuple[str, list[str]]:
    """The question without the products that no story names, and those products as it writes them."""
    named = list(named_products(question))
    have = known([PRODUCT + joined for joined, _ in named])
    missing = list(dict.fromkeys(shown for (_, shown), is_known in zip(named, have, strict=True) if not is_known))
    for shown in missing:
        question = question.replace(shown, " ")
    return question, missing

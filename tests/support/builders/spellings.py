"""Spellings of a value that differ by case, white space and invisible characters alone."""

from random import Random

from hypothesis import strategies as st

from operations.parity.spellings import respelled


def spellings(value: str) -> st.SearchStrategy[str]:
    """The value itself and up to three changes of its spelling."""

    def changed(seeds: list[int]) -> str:
        text = value
        for seed in seeds:
            text = respelled(text, Random(seed))
        return text

    return st.lists(st.integers(0, 10_000), max_size=3).map(changed)

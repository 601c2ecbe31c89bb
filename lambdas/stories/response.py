"""Answers put together from JSON that lies ready in the listing."""

import json
from collections.abc import Iterable

from lambdas.common.index.facets import Selection
from lambdas.common.index.snapshot import Strings
from lambdas.stories.catalog import Catalogue
from lambdas.stories.facet_filter import facets, span


def list_members(catalogue: Catalogue, selection: Selection) -> str:
    """The JSON members of a list that tell of all its matches: total, facets and span."""
    counted = facets(catalogue, selection).items()
    ready = ",".join(f'"{field}":[{_facet(catalogue.facet_stems(field), counts)}]' for field, counts in counted)
    first, last = span(catalogue, selection.matches)
    total = int(selection.matches.sum())
    return f'"total":{total},"facets":{{{ready}}},"first_start":"{first}","last_end":"{last}"'


def list_json(catalogue: Catalogue, code_version: str, rows: Iterable[int], members: str) -> str:
    """A `StoryList` as JSON."""
    cards = b",".join(catalogue.cards.raw(row) for row in rows).decode()
    return f'{{{_versions(catalogue, code_version)},"cards":[{cards}],{members}}}'


def related_json(catalogue: Catalogue, code_version: str, related: Iterable[tuple[int, int, tuple[str, ...]]]) -> str:
    """`RelatedStories` as JSON, of rows with their score and their reasons."""
    entries = ",".join(
        f'{{"card":{catalogue.cards[row]},"score":{score},"why":{json.dumps(why, ensure_ascii=False)}}}'
        for row, score, why in related
    )
    return f'{{{_versions(catalogue, code_version)},"related":[{entries}]}}'


def _facet(stems: Strings, counts: Iterable[tuple[int, int]]) -> str:
    return ",".join(f"{stems[code]}{count}}}" for code, count in counts)


def _versions(catalogue: Catalogue, code_version: str) -> str:
    return f'"corpus_version":{json.dumps(catalogue.corpus_version)},"code_version":{json.dumps(code_version)}'

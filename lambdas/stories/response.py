"""Assembles answers from JSON that is precomputed in the catalog."""

import json
from collections.abc import Iterable

from lambdas.common.index.facets import Selection
from lambdas.common.index.snapshot import Strings
from lambdas.stories.catalog import Catalog
from lambdas.stories.facet_filter import facets, span


def list_members(catalog: Catalog, selection: Selection) -> str:
    """The JSON members of a list that describe all matches: total, facets and span."""
    counted = facets(catalog, selection).items()
    ready = ",".join(f'"{field}":[{_facet(catalog.facet_stems(field), counts)}]' for field, counts in counted)
    first, last = span(catalog, selection.matches)
    total = int(selection.matches.sum())
    return f'"total":{total},"facets":{{{ready}}},"first_start":"{first}","last_end":"{last}"'


def list_json(catalog: Catalog, code_version: str, rows: Iterable[int], members: str) -> str:
    """A `StoryList` as JSON."""
    cards = b",".join(catalog.cards.raw(row) for row in rows).decode()
    owner = json.dumps(catalog.owner, ensure_ascii=False)
    owned = f'"owner":{owner},"owner_facts":{catalog.owner_facts}'
    return f'{{{_versions(catalog, code_version)},"cards":[{cards}],{owned},{members}}}'


def related_json(catalog: Catalog, code_version: str, related: Iterable[tuple[int, int, tuple[str, ...]]]) -> str:
    """`RelatedStories` as JSON, from rows with score and reasons."""
    entries = ",".join(
        f'{{"card":{catalog.cards[row]},"score":{score},"why":{json.dumps(why, ensure_ascii=False)}}}'
        for row, score, why in related
    )
    return f'{{{_versions(catalog, code_version)},"related":[{entries}]}}'


def _facet(stems: Strings, counts: Iterable[tuple[int, int]]) -> str:
    return ",".join(f"{stems[code]}{count}}}" for code, count in counts)


def _versions(catalog: Catalog, code_version: str) -> str:
    return f'"corpus_version":{json.dumps(catalog.corpus_version)},"code_version":{json.dumps(code_version)}'

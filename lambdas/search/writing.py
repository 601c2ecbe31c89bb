"""Answers put together from JSON that lies ready in the index."""

import json

from contracts.search import Gate
from contracts.stories import FACET_FIELDS
from lambdas.search.index import SearchIndex
from lambdas.search.narrowing import Narrowed
from lambdas.search.scoring import Found, Scores

_PASSED = Gate().model_dump_json()
_NO_FACETS = ",".join(f'"{field}":[]' for field in FACET_FIELDS)


def result_json(index: SearchIndex, code_version: str, found: Found, narrowed: Narrowed, page: slice) -> str:
    """A `SearchResult` as JSON."""
    positions = narrowed.passing.nonzero()[0]
    shown = positions[page]
    cards = index.cards.many(found.rows[shown])
    hits = ",".join([_hit(card, found, at) for card, at in zip(cards, shown.tolist(), strict=True)])
    facets = ",".join(f'"{field}":[{_facet(narrowed, field)}]' for field in FACET_FIELDS)
    without_filters = len(found.rows) if len(found.rows) and not len(positions) else None
    return (
        f'{{{_versions(index, code_version)},"hits":[{hits}],"total":{len(positions)},"facets":{{{facets}}},'
        f'"suppressed":{json.dumps(found.suppressed)},"gate":{_PASSED},'
        f'"without_filters":{json.dumps(without_filters)}}}'
    )


def refusal_json(index: SearchIndex, code_version: str, gate: Gate, *, suppressed: bool) -> str:
    """A `SearchResult` that says why there is none, as JSON."""
    return (
        f'{{{_versions(index, code_version)},"hits":[],"total":0,"facets":{{{_NO_FACETS}}},'
        f'"suppressed":{json.dumps(suppressed)},"gate":{gate.model_dump_json()},"without_filters":null}}'
    )


def _hit(card: str, found: Found, position: int) -> str:
    semantic, keyword = _part(found.semantic, position), _part(found.keyword, position)
    return f'{{"card":{card},"score":{float(found.scores[position])!r},"semantic":{semantic},"keyword":{keyword}}}'


def _part(scores: Scores | None, position: int) -> str:
    return "null" if scores is None else repr(float(scores[position]))


def _facet(narrowed: Narrowed, field: str) -> str:
    codes, counts = narrowed.facet_counts(field)
    stems = narrowed.index.facet_stems(field).many(codes)
    return ",".join([f"{stem}{count}}}" for stem, count in zip(stems, counts.tolist(), strict=True)])


def _versions(index: SearchIndex, code_version: str) -> str:
    return f'"corpus_version":{json.dumps(index.corpus_version)},"code_version":{json.dumps(code_version)}'

"""Builds responses from JSON that the index stores."""

import json
from itertools import pairwise

import numpy as np

from contracts.search import GuardDecision
from contracts.stories import FACET_FIELDS
from lambdas.common.index.postings import Integers
from lambdas.search.facet_filter import FacetCounts, FilteredHits
from lambdas.search.index import SearchIndex
from lambdas.search.ranking.scores import ScoredRows, Scores

DEGRADED = '"degraded":"keyword"'
_FIELD_STARTS = [f'"{field}":[' for field in FACET_FIELDS]
_NO_FACETS = ",".join(f'"{field}":[]' for field in FACET_FIELDS)


def result_json(
    index: SearchIndex,
    code_version: str,
    found: ScoredRows,
    narrowed: FilteredHits,
    page: slice,
    gate: GuardDecision,
) -> str:
    """A `SearchResult` as JSON."""
    positions = np.flatnonzero(narrowed.passing)
    without_filters = len(found.rows) if len(found.rows) and not len(positions) else None
    hits, facets = _hits(index, found, positions[page]), _facets(index, narrowed.facet_counts())
    return (
        f'{{{_versions(index, code_version)},"hits":[{hits}],"total":{len(positions)},"facets":{{{facets}}},'
        f'"suppressed":{json.dumps(found.suppressed)},"gate":{gate.model_dump_json()},'
        f'"without_filters":{json.dumps(without_filters)},{_degraded(found.degraded)}}}'
    )


def refusal_json(
    index: SearchIndex, code_version: str, gate: GuardDecision, *, suppressed: bool, degraded: bool = False
) -> str:
    """A `SearchResult` of a declined question, with its reason, as JSON."""
    return (
        f'{{{_versions(index, code_version)},"hits":[],"total":0,"facets":{{{_NO_FACETS}}},'
        f'"suppressed":{json.dumps(suppressed)},"gate":{gate.model_dump_json()},"without_filters":null,{_degraded(degraded)}}}'
    )


def _hits(index: SearchIndex, found: ScoredRows, positions: Integers) -> str:
    columns = zip(
        index.cards.many(found.rows[positions]),
        _written(found.scores, positions),
        _written(found.semantic, positions),
        _written(found.keyword, positions),
        found.named[positions].tolist(),
        strict=True,
    )
    return ",".join(
        [
            f'{{"card":{card.decode()},"score":{score},"semantic":{semantic},"keyword":{keyword},'
            f'"named":{"true" if named else "false"}}}'
            for card, score, semantic, keyword, named in columns
        ]
    )


def _written(scores: Scores | None, positions: Integers) -> list[str]:
    """Scores with nine decimals, which is faster to write than all digits and beyond the precision of cosines."""
    return ["null"] * len(positions) if scores is None else [f"{score:.9f}" for score in scores[positions].tolist()]


def _facets(index: SearchIndex, found: FacetCounts) -> str:
    known = index.facet_entries
    entries = [known[code] for code in found.codes.tolist()]
    fields = zip(_FIELD_STARTS, pairwise(found.bounds.tolist()), strict=True)
    written = ",".join([f"{start}{','.join(entries[first:last])}]" for start, (first, last) in fields])
    return written % tuple(found.counts.tolist())


def _degraded(degraded: bool) -> str:
    return DEGRADED if degraded else '"degraded":null'


def _versions(index: SearchIndex, code_version: str) -> str:
    return f'"corpus_version":{json.dumps(index.corpus_version)},"code_version":{json.dumps(code_version)}'

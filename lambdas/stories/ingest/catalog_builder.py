"""Builds the catalog: columns, postings, orders and precomputed JSON for lists."""

import json
from array import array
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contracts.profile import NOBODY, OwnerFacts
from contracts.rules.questions.generic_words import stems_of_tokens
from contracts.rules.tokens import owner_words, tokens
from contracts.stories import Sort, StoryCard, StoryFilters
from contracts.story import Story
from lambdas.common.index.facets import CodedValues
from lambdas.common.index.postings import postings
from lambdas.common.index.snapshot import Snapshot, string_table
from lambdas.common.text.summaries import FIELD_ATTRIBUTES
from lambdas.stories.catalog import FORMAT, Catalog
from lambdas.stories.facet_filter import select
from lambdas.stories.response import list_members

Arrays = dict[str, NDArray[Any]]
_TEXT_SORTS: Final = {
    "title": (Sort.TITLE, Sort.TITLE_DESC),
    "client": (Sort.CLIENT, Sort.CLIENT_DESC),
    "role": (Sort.ROLE, Sort.ROLE_DESC),
}
_UNDATED: Final = np.iinfo(np.int32).max


def build_catalog(
    stories: Sequence[Story],
    cards: Sequence[StoryCard],
    hashes: Sequence[str],
    corpus_version: str,
    owner: OwnerFacts = NOBODY,
) -> Snapshot:
    """The catalog of stories sorted by id, with a card and a content hash each; `owner` holds facts of the profile."""
    arrays: Arrays = {
        **string_table("ids", [story.id for story in stories]),
        **string_table("cards", [card.model_dump_json() for card in cards]),
        "hashes": np.frombuffer(bytes.fromhex("".join(hashes)), np.uint8).reshape(-1, 32),
        "has_metric": np.array([card.has_metric for card in cards], np.bool_),
        "narrative": np.array([story.is_narrative for story in stories], np.bool_),
        "starts": _months(story.start_date for story in stories),
        "ends": _months(story.end_date or story.start_date for story in stories),
    }
    for field, attribute in FIELD_ATTRIBUTES.items():
        arrays |= _field(field, [getattr(story, attribute) for story in stories])
    arrays |= _tags(stories)
    arrays |= _tokens(stories)
    arrays |= _orders(stories, arrays["starts"], arrays["narrative"])
    metadata = {
        "format": FORMAT,
        "corpus_version": corpus_version,
        "count": len(stories),
        "owner": sorted(owner_words(owner.name, [story.person for story in stories])),
        "owner_facts": owner.model_dump_json(),
    }
    snapshot = Snapshot(arrays, metadata)
    catalog = Catalog(snapshot)
    ready = [
        list_members(catalog, select(catalog, StoryFilters(include_narratives=narratives)))
        for narratives in (False, True)
    ]
    return Snapshot({**arrays, **string_table("unfiltered", ready)}, snapshot.metadata)


def _months(dates: Iterable[str]) -> NDArray[np.int32]:
    return np.array([int(date.replace("-", "")) if date else 0 for date in dates], np.int32)


def _vocabulary(name: str, coded: CodedValues) -> Arrays:
    stems = [f'{{"value":{json.dumps(label, ensure_ascii=False)},"count":' for label in coded.labels]
    return {**coded.arrays, **string_table(f"{name}.stems", stems)}


def _field(name: str, column: Sequence[str]) -> Arrays:
    coded = CodedValues.of(name, ((value,) for value in column), single=True)
    codes = np.array([code for (code,) in coded.carried], np.int64)
    totals = np.bincount(codes, minlength=len(coded.labels))
    return {**_vocabulary(name, coded), f"{name}.codes": codes, f"{name}.totals": totals}


def _tags(stories: Sequence[Story]) -> Arrays:
    """Tag postings."""
    tags = CodedValues.of("tags", (story.tags for story in stories))
    carried = [np.array(codes, np.int64) for codes in tags.carried]
    return {**_vocabulary("tags", tags), **postings("tags", carried, len(tags.labels))}


def _tokens(stories: Sequence[Story]) -> Arrays:
    seen: dict[str, int] = {}
    carried = [
        array("q", {seen.setdefault(token, len(seen)) for token in tokens("\n".join(story.texts()))})
        for story in stories
    ]
    vocabulary = sorted(seen)
    code = np.empty(len(seen), np.int64)
    code[[seen[token] for token in vocabulary]] = np.arange(len(seen))
    recoded = [code[np.frombuffer(row, np.int64)] for row in carried]
    return {**string_table("tokens", vocabulary), **postings("tokens", recoded, len(seen)), **_stems(vocabulary)}


def _stems(vocabulary: Sequence[str]) -> Arrays:
    """Stems, with postings of the tokens that hold a word with each."""
    found = [stems_of_tokens([token]) for token in vocabulary]
    code = {stem: number for number, stem in enumerate(sorted(set().union(*found)))}
    carried = [np.array(sorted(code[stem] for stem in stems), np.int64) for stems in found]
    return {**string_table("stems", list(code)), **postings("stems", carried, len(code))}


def _orders(stories: Sequence[Story], starts: NDArray[np.int32], narrative: NDArray[np.bool_]) -> Arrays:
    """Row numbers in every order. Rows are sorted by id, so a stable sort breaks ties by id."""
    undated = starts == 0
    keys = {
        Sort.OLDEST: np.where(undated, _UNDATED, starts),
        Sort.NEWEST: np.where(undated, _UNDATED, -starts),
    }
    for attribute, (ascending, descending) in _TEXT_SORTS.items():
        ranks = _ranks([getattr(story, attribute) for story in stories])
        keys |= {ascending: ranks, descending: -ranks}
    arrays: Arrays = {}
    for sort, key in keys.items():
        order = np.argsort(key, kind="stable").astype(np.int32)
        arrays |= {f"order.{sort.value}.all": order, f"order.{sort.value}.browse": order[~narrative[order]]}
    return arrays


def _ranks(column: Sequence[str]) -> NDArray[np.int32]:
    distinct = sorted(set(column), key=lambda value: (value.casefold(), value))
    rank = {value: index for index, value in enumerate(distinct)}
    return np.array([rank[value] for value in column], np.int32)

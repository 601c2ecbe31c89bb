"""Prepares an ingest before any write: validation and the items of the version."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from contracts.base import Versioned
from contracts.profile import NO_FACTS, ProfileFacts
from contracts.story import Story, corpus_version
from lambdas.common.ingest.limits import MAX_ANSWER_BYTES, MAX_ITEM_BYTES, refuse_oversized, shown, validate_corpus
from lambdas.industries.aggregates import (
    Industry,
    group_by_industry,
    industry_categories,
    industry_detail,
    industry_list,
)
from lambdas.industries.answer_items import (
    BODY,
    FORMAT,
    LIST,
    SLUGS,
    categories_name,
    detail_name,
    encode_text,
    stored_bytes,
)

MAX_SLUG: Final = 1000  # limit of requests; a key holds 1024 bytes

Texts = dict[str, str]
Attributes = dict[str, Any]


@dataclass(frozen=True)
class PreparedCorpus:
    """A version ready to be written: item attributes by sort key."""

    edition: str
    corpus_version: str
    industries: int
    items: Mapping[str, Attributes]


def prepare(
    stories: Sequence[Story], embedder: str, on_industry: Callable[[int, int], None], facts: ProfileFacts = NO_FACTS
) -> PreparedCorpus:
    """Aggregate a corpus; `on_industry` is called with the number of industries done and their total.

    Raises
    ------
    CorpusRejected
        There is no story, an id repeats, or an industry's data is too large for an item.
    """
    validate_corpus(stories)
    version = corpus_version(stories, embedder, facts)
    industries = group_by_industry(stories)
    texts = {LIST: _list_texts(industries, version)}
    for done, industry in enumerate(industries, start=1):
        if len(industry.slug) <= MAX_SLUG:
            texts[detail_name(industry.slug)] = _texts(industry_detail(industry, version))
            texts[categories_name(industry.slug)] = _texts(industry_categories(industry, version))
        on_industry(done, len(industries))
    items = {name: _item(name, fields) for name, fields in texts.items()}
    return PreparedCorpus(f"{version}-{_digest(texts)}", version, len(industries), items)


def _list_texts(industries: Sequence[Industry], version: str) -> Texts:
    slugs = " ".join(sorted(industry.slug for industry in industries))
    return {**_texts(industry_list(industries, version)), SLUGS: slugs}


def _texts(answer: Versioned) -> Texts:
    """An answer without the code version, which the sending function adds."""
    return {BODY: answer.model_dump_json(exclude={"code_version"})}


def _item(name: str, texts: Texts) -> Attributes:
    attributes = {field: encode_text(text) for field, text in texts.items()}
    refuse_oversized(
        f"the answer {shown(name)}",
        (sum(map(stored_bytes, attributes.values())), MAX_ITEM_BYTES, "compressed"),
        (len(texts[BODY].encode()), MAX_ANSWER_BYTES, "as JSON"),
    )
    return attributes


def _digest(texts: Mapping[str, Texts]) -> str:
    """Hash of a version's content: changed rules or formats make a new version of the same corpus."""
    canonical = json.dumps([FORMAT, texts], sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]

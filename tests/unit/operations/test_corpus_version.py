"""Both sides stamp one corpus version, the owner's facts included."""

from pathlib import Path

import pytest

from backend_clients.corpus.corpus import load_corpus
from contracts.profile import NO_FACTS, ProfileFacts
from contracts.story_file import read_stories
from lambdas.industries.ingest import preparation as industries
from lambdas.search.ingest.index_builder import IndexBuilder
from lambdas.stories.ingest import preparation as stories
from tests.support.builders.search_corpora import WordEmbedder
from tests.support.builders.stories import write_rows

FACTS = [
    NO_FACTS,
    ProfileFacts(name="Ada"),
    ProfileFacts(name="Ada", email="ada@example.com"),
    ProfileFacts(name="Ada", aliases={"Amex": "American Express"}),
]


@pytest.mark.parametrize("facts", FACTS)
def test_every_ingest_stamps_what_the_site_stamps(tmp_path: Path, facts: ProfileFacts) -> None:
    path = write_rows(tmp_path / "s.jsonl", [{"id": "a|acme", "Title": "A", "Client": "Acme", "Industry": "Retail"}])
    loaded = read_stories(path).stories
    embedder = WordEmbedder()

    stamped = {
        load_corpus(path, embedder.name, facts).version,
        stories.prepare(loaded, embedder.name, lambda _: None, facts).corpus_version,
        industries.prepare(loaded, embedder.name, lambda *_: None, facts).corpus_version,
        IndexBuilder(loaded, embedder, (), facts).corpus_version,
    }

    assert len(stamped) == 1


def test_facts_tell_versions_apart(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "s.jsonl", [{"id": "a|acme"}])

    assert len({load_corpus(path, facts=facts).version for facts in FACTS}) == len(FACTS)

"""Every client, employer and alias of the sample finds all its stories first, on both sides."""

from functools import cache
from pathlib import Path

import pytest

from backend_clients.corpus.corpus import Corpus
from backend_clients.corpus.question_guard import QuestionGuard
from backend_clients.search.legacy import LegacySearch
from backend_clients.search.vector_index import ExactIndex
from contracts.industries import AGGREGATE_CLIENTS
from contracts.profile import ProfileFacts
from contracts.search import SearchKind, SearchRequest
from contracts.story import corpus_version
from contracts.story_file import read_stories
from tests.support.builders.search_corpora import SearchInMemory
from tests.support.builders.stories import SAMPLE_FILE
from tests.unit.clients.test_search_both_sides import Embedder

STORIES = read_stories(SAMPLE_FILE).stories
CLIENTS = sorted({story.client for story in STORIES if story.client.casefold() not in AGGREGATE_CLIENTS})
FACTS = ProfileFacts(name="Matt", aliases={f"Alias{name.split()[0]}": name for name in CLIENTS})


@cache
def sides(folder: Path) -> tuple[LegacySearch, SearchInMemory]:
    corpus = Corpus(STORIES, corpus_version(STORIES, Embedder.name, FACTS), facts=FACTS)
    guard, index = QuestionGuard(corpus, ()), ExactIndex(corpus, Embedder(), folder)
    return LegacySearch(corpus, Embedder(), index, guard, "test"), SearchInMemory(STORIES, (), FACTS)


def spellings(client: str) -> tuple[str, ...]:
    first = client.split(maxsplit=1)[0]
    return client, first, client.upper(), f"Alias{first}", client.replace("&", "and")


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("asked", ["{}", "Tell me about your work at {}", "what did Matt do for {}?"])
def test_a_name_and_an_alias_find_all_stories_first(
    client: str, asked: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    legacy, ours = sides(tmp_path_factory.getbasetemp())
    wanted = {story.id for story in STORIES if client in (story.client, story.employer)}
    own = {story.id for story in STORIES if client == story.client}
    for name in spellings(client):
        request = SearchRequest(query=asked.format(name), limit=100, from_suggestion=True)
        both = (legacy.hybrid(request), ours.search(SearchKind.HYBRID, request.query, limit=100, from_suggestion=True))
        for answer in both:
            ids = [hit.card.id for hit in answer.hits]
            assert set(ids[: len(wanted)]) == wanted, name
            assert set(ids[: len(own)]) == own, name

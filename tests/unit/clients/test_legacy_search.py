"""Search in-process: scores, candidates, order, filters, facets, the gate's place, and what is compared."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.corpus.question_guard import NonsenseRule, QuestionGuard
from backend_clients.errors import Unavailable
from backend_clients.routing.comparison import compare
from backend_clients.routing.observation import Observation
from backend_clients.routing.read_router import Operation
from backend_clients.search import parity
from backend_clients.search.client import SearchClient
from backend_clients.search.legacy import LegacySearch
from backend_clients.search.vector_index import ExactIndex
from contracts.search import SearchFilters, SearchKind, SearchRequest, SearchResult
from contracts.stories import FACET_FIELDS
from contracts.story import NARRATIVE_THEME, Story
from tests.support.builders.stories import corpus, story
from tests.support.sides.in_process import GivenIndex, LegacySides

WEATHER = NonsenseRule("weather", re.compile("weather", re.IGNORECASE))
KINDS = list(SearchKind)
VECTOR_KINDS = [SearchKind.SEMANTIC, SearchKind.HYBRID]


def found(sides: LegacySides, kind: SearchKind, query: str, **fields: Any) -> SearchResult:
    answer: SearchResult = getattr(sides.search, kind.value)(SearchRequest(query=query, **fields))
    return answer


def ids(answer: SearchResult) -> list[str]:
    return [hit.card.id for hit in answer.hits]


def numbered(count: int, **fields: Any) -> list[Story]:
    return [story(f"s{number:03d}", title="payments", **fields) for number in range(count)]


# Scores


@pytest.mark.parametrize(
    ("query", "score"),
    [
        ("payments", 1.0),  # in title, so it counts twice
        ("java", 0.5),  # in tags alone
        ("payments java", 0.75),
        ("payments java cobol", 0.5),
        ("payments payments PAYMENTS", 1.0),
        ("treasury", 1.0),  # the domain is part of the heading
        ("acme", 0.5),
        ("architect", 0.5),
        ("early", 0.5),
        ("walked", 0.5),
        ("40%", 0.0),  # two characters once the sign is gone
        ("measured", 0.5),
        ("elsewhere", 0.0),  # neither Action nor Purpose is searched
        ("purposeful", 0.0),
        ("it is so", 0.0),
    ],
)
def test_the_keyword_score_counts_shared_words_and_headings_twice(query: str, score: float) -> None:
    one = story(
        title="Payments",
        client="Acme",
        role="Architect",
        category="Treasury",
        tags=("Java",),
        curated_summary="early " + "x" * 396 + " late",
        process=("- walked",),
        performance=("measured 40%",),
        action=("elsewhere",),
        purpose="purposeful",
    )
    answer = found(LegacySides([one], {}), SearchKind.KEYWORD, query, from_suggestion=True)
    assert [(hit.keyword, hit.semantic) for hit in answer.hits] == ([(score, None)] if score else [])


def test_of_the_summary_the_first_400_characters_are_searched() -> None:
    sides = LegacySides([story(curated_summary="x" * 396 + " abc later")], {})
    assert ids(found(sides, SearchKind.KEYWORD, "abc", from_suggestion=True)) == ["a|acme"]
    assert ids(found(sides, SearchKind.KEYWORD, "later", from_suggestion=True)) == []


def test_a_semantic_score_is_the_cosine_alone() -> None:
    answer = found(LegacySides([story("a", title="payments")], {"a": 0.5}), SearchKind.SEMANTIC, "payments")
    assert [(hit.score, hit.semantic, hit.keyword) for hit in answer.hits] == [(0.5, 0.5, None)]


# Candidates


@pytest.mark.parametrize("kind", VECTOR_KINDS)
def test_words_admit_stories_as_well_as_meaning(kind: SearchKind) -> None:
    stories = [*numbered(130), story("z", title="rare"), story("zz", title="other")]
    sides = LegacySides(stories, {item.id: 0.9 for item in stories[:120]})
    answer = found(sides, kind, "rare", limit=100)
    last = found(sides, kind, "rare", limit=100, offset=100)
    assert (answer.total, "z" in ids(answer) + ids(last), "zz" in ids(answer) + ids(last)) == (101, True, False)


@pytest.mark.parametrize("kind", KINDS)
def test_all_stories_of_a_name_are_found_first(kind: SearchKind) -> None:
    stories = [*numbered(150, client="Bolt"), *(story(f"z{number:03d}", client="Greyfell") for number in range(120))]
    sides = LegacySides(stories, {item.id: 0.9 for item in stories[:150]})
    first = found(sides, kind, "payments at Greyfell", limit=100)
    rest = found(sides, kind, "payments at Greyfell", limit=100, offset=100)
    assert {hit.card.client for hit in (*first.hits, *rest.hits[:20])} == {"Greyfell"}
    assert rest.hits[20].card.client == "Bolt"


@pytest.mark.parametrize("kind", VECTOR_KINDS)
def test_where_no_embedding_can_be_had_keyword_search_answers(kind: SearchKind) -> None:
    class Down:
        name = "down"

        def embed(self, texts: list[str]) -> Any:
            raise Unavailable("no embeddings")

    stories = corpus(*numbered(3), story("z"))
    index = GivenIndex([item.id for item in stories.stories], {})
    search = LegacySearch(stories, Down(), index, QuestionGuard(stories, ()), "test")
    search.prepare()
    answer: SearchResult = getattr(search, kind.value)(SearchRequest(query="payments"))
    assert (ids(answer), answer.degraded) == (["s000", "s001", "s002"], "keyword")
    assert search.keyword(SearchRequest(query="payments")).degraded is None


@pytest.mark.parametrize("kind", VECTOR_KINDS)
def test_stories_of_a_cosine_from_015_on_are_kept(kind: SearchKind) -> None:
    sides = LegacySides(numbered(3), {"s000": 0.15, "s001": 0.1499, "s002": 0.8})
    answer = found(sides, kind, "teamwork")
    assert (ids(answer), answer.suppressed) == (["s002", "s000"], False)


@pytest.mark.parametrize("kind", VECTOR_KINDS)
def test_when_nothing_is_close_the_best_three_are_shown(kind: SearchKind) -> None:
    stories = [story(name) for name in "abcde"]
    sides = LegacySides(stories, {"a": 0.14, "b": 0.12, "c": 0.1, "d": 0.09, "e": -0.5})
    answer = found(sides, kind, "teamwork")
    assert (ids(answer), answer.suppressed, answer.total) == (["a", "b", "c"], True, 3)


def test_a_keyword_search_holds_every_story_that_shares_a_word_and_is_never_suppressed() -> None:
    answer = found(LegacySides([*numbered(120), story("z")], {}), SearchKind.KEYWORD, "payments", limit=100)
    assert (answer.total, answer.suppressed) == (120, False)


# Order and pages


def test_ties_go_by_id() -> None:
    sides = LegacySides(numbered(4), {"s000": 0.5, "s001": 0.7, "s002": 0.5, "s003": 0.7})
    assert ids(found(sides, SearchKind.SEMANTIC, "payments")) == ["s001", "s003", "s000", "s002"]
    assert ids(found(sides, SearchKind.KEYWORD, "payments")) == ["s000", "s001", "s002", "s003"]


@given(st.lists(st.sampled_from([0.2, 0.3, 0.4]), min_size=1, max_size=30), st.integers(1, 7))
def test_pages_put_together_are_the_whole(cosines: list[float], limit: int) -> None:
    stories = numbered(len(cosines))
    sides = LegacySides(stories, {item.id: cosine for item, cosine in zip(stories, cosines, strict=True)})
    whole = ids(found(sides, SearchKind.HYBRID, "payments", limit=100))
    pages = [ids(found(sides, SearchKind.HYBRID, "payments", limit=limit, offset=at)) for at in range(0, 31, limit)]
    assert [item for page in pages for item in page] == whole
    assert all(found(sides, SearchKind.HYBRID, "payments", offset=at).total == len(stories) for at in (0, 5, 1000))


# Filters and facets


@pytest.mark.parametrize("kind", VECTOR_KINDS)
def test_filters_apply_to_the_candidates_and_do_not_widen_them(kind: SearchKind) -> None:
    stories = [*numbered(100, client="Acme"), story("z", client="Bolt")]
    sides = LegacySides(stories, {item.id: 0.9 if item.client == "Acme" else 0.5 for item in stories})
    answer = found(sides, kind, "payments", filters=SearchFilters(clients=("Bolt",)))
    assert (answer.hits, answer.total, answer.without_filters) == ((), 0, 100)


@pytest.mark.parametrize("kind", KINDS)
def test_without_filters_is_set_only_if_filters_left_nothing(kind: SearchKind) -> None:
    sides = LegacySides(numbered(3, client="Acme"), {"s000": 0.5, "s001": 0.5})
    nobody = SearchFilters(clients=("Nobody",))
    assert found(sides, kind, "payments").without_filters is None
    assert found(sides, kind, "payments", filters=SearchFilters(clients=("Acme",))).without_filters is None
    assert found(sides, kind, "payments", filters=nobody).without_filters == 3
    assert found(sides, kind, "payments", offset=50).without_filters is None


def test_without_filters_is_unset_if_nothing_is_found_at_all() -> None:
    answer = found(LegacySides(numbered(1), {}), SearchKind.KEYWORD, "teamwork")
    assert (answer.total, answer.without_filters) == (0, None)


def test_a_facet_counts_over_the_other_filters() -> None:
    stories = [
        story("a", title="payments", client="Acme", era="Cloud", tags=("Java", "API")),
        story("b", title="payments", client="Acme", era="Mainframe", tags=("JAVA",)),
        story("c", title="payments", client="Bolt", era="Cloud"),
        story("d", title="other", client="Acme", era="Cloud"),
    ]
    sides = LegacySides(stories, {"a": 0.5, "b": 0.5, "c": 0.5})
    answer = found(sides, SearchKind.HYBRID, "payments", filters=SearchFilters(clients=("Acme",), eras=("Cloud",)))
    facets = {field: {item.value: item.count for item in answer.facets[field]} for field in FACET_FIELDS}
    assert ids(answer) == ["a"]
    assert facets["clients"] == {"Acme": 1, "Bolt": 1}
    assert facets["eras"] == {"Cloud": 1, "Mainframe": 1}
    assert facets["tags"] == {"Java": 1, "API": 1}
    assert facets["industries"] == {}


def test_narratives_are_found_unless_refused() -> None:
    sides = LegacySides([story("a", title="payments", theme=NARRATIVE_THEME)], {"a": 0.5})
    refused = SearchFilters(include_narratives=False)
    assert ids(found(sides, SearchKind.HYBRID, "payments")) == ["a"]
    assert ids(found(sides, SearchKind.HYBRID, "payments", filters=refused)) == []


# The gate


@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_rejects_before_anything_is_searched(kind: SearchKind) -> None:
    sides = LegacySides(numbered(1, capability="Cloud"), {"s000": 0.9}, (WEATHER,))
    answer = found(sides, kind, "Weather payments")
    assert (answer.gate.passed, answer.gate.reason) == (False, "rule:weather")
    assert answer.gate.suggestions == ("Which projects involved Cloud?",)
    assert (answer.hits, answer.total, answer.suppressed, answer.without_filters) == ((), 0, False, None)
    assert answer.facets == dict.fromkeys(FACET_FIELDS, ())
    assert sides.index.asked == []


@pytest.mark.parametrize(
    ("kind", "query", "cosine", "reason"),
    [
        (SearchKind.KEYWORD, "unheard words", 0.9, "unknown_topic"),
        (SearchKind.KEYWORD, "purposeful", 0.9, ""),  # nothing found, but the corpus knows the word
        (SearchKind.HYBRID, "unheard words", 0.9, "unknown_topic"),  # however close it comes
        (SearchKind.HYBRID, "unheard payments", 0.9, ""),
        (SearchKind.HYBRID, "unheard payments", 0.1, ""),  # half of it is known
        (SearchKind.SEMANTIC, "unheard words", 0.1, "unknown_topic"),
        (SearchKind.SEMANTIC, "payments unheard", 0.1, ""),
        (SearchKind.SEMANTIC, "payments", 0.1, ""),
        (SearchKind.SEMANTIC, "what is it", 0.1, "low_confidence"),
    ],
)
def test_what_finds_nothing_close_is_rejected_if_its_words_are_unknown(
    kind: SearchKind, query: str, cosine: float, reason: str
) -> None:
    sides = LegacySides([story("a", title="payments", purpose="purposeful")], {"a": cosine})
    answer = found(sides, kind, query)
    assert (answer.gate.reason, answer.gate.passed) == (reason, not reason)
    if reason:
        assert (answer.hits, answer.total) == ((), 0)
    assert answer.suppressed == (kind is not SearchKind.KEYWORD and cosine < 0.15 and "payments" not in query)


@pytest.mark.parametrize("kind", KINDS)
def test_a_suggestion_passes_where_a_story_suggests_it(kind: SearchKind) -> None:
    sides = LegacySides([story("a", interview_questions=("Weather, like lightning?",))], {"a": 0.5}, (WEATHER,))
    assert found(sides, kind, "Weather, like lightning?", from_suggestion=True).gate.passed
    assert found(sides, kind, "Weather, like lightning?").gate.reason == "rule:weather"


@pytest.mark.parametrize("kind", KINDS)
def test_what_no_story_suggests_is_no_suggestion(kind: SearchKind) -> None:
    sides = LegacySides(numbered(1), {"s000": 0.1}, (WEATHER,))
    for query in ("weather", "unheard"):
        assert found(sides, kind, query, from_suggestion=True) == found(sides, kind, query)
        assert not found(sides, kind, query).gate.passed


# What is compared


def compared(one: SearchResult, other: SearchResult) -> tuple[str, str]:
    comparison = compare(parity.result_layers, Observation(1.0, value=one), Observation(1.0, value=other))
    return comparison.outcome, comparison.layer


def changed(answer: SearchResult, place: int, **fields: Any) -> SearchResult:
    hits = list(answer.hits)
    hits[place] = hits[place].model_copy(update=fields)
    return answer.model_copy(update={"hits": tuple(hits)})


def test_each_layer_that_differs_is_named() -> None:
    answer = found(LegacySides(numbered(3), {"s000": 0.7, "s001": 0.5, "s002": 0.3}), SearchKind.HYBRID, "payments")
    first = answer.hits[0]
    refused = answer.gate.model_copy(update={"passed": False, "reason": "unknown_topic"})
    assert compared(answer, answer) == ("match", "")
    assert compared(answer, changed(answer, 0, score=first.score + 1e-9)) == ("match", "")
    assert compared(answer, answer.model_copy(update={"gate": refused})) == ("mismatch", "gate")
    assert compared(answer, answer.model_copy(update={"total": 4})) == ("mismatch", "candidates")
    assert compared(answer, changed(answer, 0, semantic=0.71)) == ("mismatch", "scores")
    assert compared(answer, changed(answer, 0, card=first.card.model_copy(update={"title": "x"}))) == (
        "mismatch",
        "payload",
    )
    same_scores = tuple(hit.model_copy(update={"score": 0.5, "semantic": 0.5, "keyword": 1.0}) for hit in answer.hits)
    tied = answer.model_copy(update={"hits": same_scores})
    assert compared(tied, tied.model_copy(update={"hits": same_scores[::-1]})) == ("match", "")
    swapped = [
        hit.model_copy(update={"card": other.card}) for hit, other in zip(answer.hits, answer.hits[::-1], strict=True)
    ]
    assert compared(answer, answer.model_copy(update={"hits": tuple(swapped)})) == ("mismatch", "order")


# The exact index


class Counting:
    """Embeds a text as the vector it names, "x y"."""

    name = "counting"

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed(self, texts: list[str]) -> Any:
        self.texts += texts
        return np.array([[float(part) for part in text.split()] for text in texts], np.float32)


def test_the_exact_index_gives_the_nearest_with_ties_by_id_and_loads_its_vectors_once(tmp_path: Any) -> None:
    vectors = {"d": "1 0", "a": "0.6 0.8", "c": "0.6 0.8", "b": "-1 0"}
    embedder = Counting()
    index = ExactIndex(corpus(*(story(name, title=text) for name, text in vectors.items())), embedder, tmp_path)
    assert embedder.texts == []
    for _ in range(2):
        nearest = index.nearest(np.array([1.0, 0.0], np.float32), 4)
        assert [name for name, _ in nearest] == ["d", "a", "c", "b"]
        assert [cosine for _, cosine in nearest] == pytest.approx([1.0, 0.6, 0.6, -1.0])
    assert len(embedder.texts) == 4
    assert index.nearest(np.array([1.0, 0.0], np.float32), 2) == nearest[:2]


def test_many_first_searches_at_once_embed_the_corpus_once(tmp_path: Any) -> None:
    together = threading.Barrier(4, timeout=10)

    class Slow(Counting):
        def embed(self, texts: list[str]) -> Any:
            time.sleep(0.05)  # time enough for the others to come here too, if they could
            return super().embed(texts)

    embedder = Slow()
    index = ExactIndex(corpus(story("a", title="1 0"), story("b", title="0 1")), embedder, tmp_path)

    def search(_: int) -> list[tuple[str, float]]:
        together.wait()
        return index.nearest(np.array([1.0, 0.0], np.float32), 1)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(search, range(4))) == [[("a", 1.0)]] * 4
    assert embedder.texts == ["1 0", "0 1"]


def test_vectors_of_another_length_are_an_outage_and_not_an_accident(tmp_path: Any) -> None:
    index = ExactIndex(corpus(story("a", title="1 0")), Counting(), tmp_path)
    with pytest.raises(Unavailable, match=r"counting as 2 numbers each, and it now gives 3: .* embedded again"):
        index.nearest(np.ones(3, np.float32), 1)


def test_a_client_without_a_legacy_side_offers_lambda_alone() -> None:
    router: Any = None
    remote: Any = LegacySides(numbered(1), {}).search
    operations: tuple[Operation[Any, Any], ...] = SearchClient(router, None, remote).operations
    assert [operation.legacy for operation in operations] == [None] * 3

"""Search of both sides in one process: the same stories, the same vectors, any query and filters, and equal answers."""

from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_clients.corpus.corpus import Corpus, load_corpus
from backend_clients.corpus.embeddings import normalised
from backend_clients.corpus.question_guard import QuestionGuard, load_rules
from backend_clients.routing.comparison import compare
from backend_clients.routing.observation import Observation
from backend_clients.search import parity
from backend_clients.search.legacy import LegacySearch
from backend_clients.search.vector_index import ExactIndex
from backend_clients.settings import Settings
from backend_clients.stages import Outcome
from contracts.search import MAX_QUERY, SearchFilters, SearchKind, SearchRequest, SearchResult
from contracts.stories import MAX_VALUE_LENGTH
from lambdas.search.nonsense_rules import NonsenseRule
from tests.support.builders.search_corpora import SearchInMemory, WordEmbedder
from tests.support.builders.spellings import spellings

FIELDS = {"industries": "industry", "capabilities": "capability", "eras": "era", "clients": "client", "roles": "role"}


class Embedder:
    """The test's embedder as legacy has it."""

    name = WordEmbedder.name

    def embed(self, texts: list[str]) -> Any:
        return normalised(WordEmbedder().embed(texts))


@cache
def sample() -> Corpus:
    return load_corpus(Settings().stories_file, WordEmbedder.name)


@cache
def sides(folder: Any) -> tuple[LegacySearch, SearchInMemory]:
    rules = load_rules(Settings().nonsense_file)
    index = ExactIndex(sample(), Embedder(), folder)
    legacy = LegacySearch(sample(), Embedder(), index, QuestionGuard(sample(), rules), "test")
    indexed = [NonsenseRule(rule.category, rule.pattern.pattern) for rule in rules]
    return legacy, SearchInMemory(sample().stories, indexed)


@cache
def words() -> list[str]:
    return sorted({word for story in sample().stories for text in story.texts() for word in text.split()})


def queries() -> st.SearchStrategy[str]:
    story = st.sampled_from(sample().stories)
    known = st.lists(st.sampled_from(words()), min_size=1, max_size=12).map(" ".join)
    titles = story.map(lambda item: item.title)
    tags = story.map(lambda item: " ".join(item.tags[:2]) or item.title)
    asked = story.map(lambda item: " ".join(item.interview_questions) or item.title)
    long = story.map(lambda item: " ".join([*item.situation, *item.action]) or item.title)
    any_text = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), min_size=1, max_size=MAX_QUERY)
    nonsense = st.sampled_from(
        ["tell me a joke", "xyzzy plugh", "支付 系统", "👍 🚀", "a", "C++ and C#", "50% of $1.2B"]
    )
    texts = st.one_of(known, titles, tags, asked, long, any_text, nonsense)
    return texts.map(lambda text: text[:MAX_QUERY]).filter(lambda text: text.isprintable() and text.strip() != "")


@st.composite
def filters(draw: st.DrawFn) -> SearchFilters:
    story = draw(st.sampled_from(sample().stories))
    fields: dict[str, Any] = {
        name: (draw(spellings(getattr(story, FIELDS[name]))), "nobody")
        for name in draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=2, unique=True))
        if 0 < len(getattr(story, FIELDS[name])) <= MAX_VALUE_LENGTH
    }
    if story.tags and draw(st.booleans()):
        fields["tags"] = (draw(spellings(story.tags[0])),)
    return SearchFilters(
        has_metric=draw(st.sampled_from([None, True, False])),
        include_narratives=draw(st.booleans()),
        q=draw(st.sampled_from(["", "", "the", "payments cloud"])),
        **fields,
    )


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from(SearchKind),
    query=queries(),
    chosen=st.just(SearchFilters()) | filters(),
    limit=st.sampled_from([1, 20, 100]),
    offset=st.sampled_from([0, 0, 5, 90]),
    from_suggestion=st.booleans(),
)
def test_any_search_is_answered_alike(
    tmp_path_factory: Any,
    *,
    kind: SearchKind,
    query: str,
    chosen: SearchFilters,
    limit: int,
    offset: int,
    from_suggestion: bool,
) -> None:
    legacy, ours = sides(tmp_path_factory.getbasetemp())
    fields = {"filters": chosen, "limit": limit, "offset": offset, "from_suggestion": from_suggestion}
    expected: SearchResult = getattr(legacy, kind.value)(SearchRequest(query=query, **fields))
    found = ours.search(kind, query, **fields)
    comparison = compare(parity.result_layers, Observation(1.0, value=expected), Observation(1.0, value=found))
    assert comparison.outcome is Outcome.MATCH, comparison.differences

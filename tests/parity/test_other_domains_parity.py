"""Search, ask and industries answer alike on both sides, over real HTTP against real Lambda processes."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.search import SearchRequest
from operations.parity.question_requests import ask_requests, search_requests
from operations.parity.runner import GeneratedRequest, compare_requests
from operations.parity.seeded_conversations import seeded_conversations
from operations.parity.story_requests import industries_requests
from tests.support.sampling import sampled
from tests.support.stacks.cloud import Both

WRITTEN_BY_HAND = 84  # nonsense, words of one letter and other scripts, twice each, by all three rankings


def assert_alike(domain: str, requests: list[GeneratedRequest]) -> None:
    tally = compare_requests(domain, requests, lambda: None)
    assert tally.as_json()["matched"] == len(requests), tally.first_mismatches


def test_searches_of_every_kind_are_alike(sample: Both) -> None:
    requests = search_requests(sample.clients.operations("search"), sample.clients.corpus, 200)
    written = {item.request.query for item in requests[:WRITTEN_BY_HAND]}
    assert_alike("search", sampled(requests, lambda item: item.request.query in written))


def test_any_query_is_alike(sample: Both) -> None:
    operations = sample.clients.operations("search")
    words = sorted({word for story in sample.clients.corpus.stories for word in story.title.split()})
    queries = st.text(min_size=1, max_size=60) | st.lists(st.sampled_from(words), min_size=1, max_size=8).map(" ".join)

    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(query=queries.filter(lambda text: text.isprintable() and text.strip() != ""))
    def check(query: str) -> None:
        assert_alike("search", [GeneratedRequest(operation, SearchRequest(query=query)) for operation in operations])

    check()


def test_answers_conversations_and_rankings_are_alike(sample: Both) -> None:
    with seeded_conversations(sample.clients):
        requests = ask_requests(sample.clients.operations("ask"), sample.clients.corpus, 150)
        assert_alike("ask", sampled(requests, lambda item: item.operation.name != "generate"))


def test_industries_are_alike(sample: Both) -> None:
    assert_alike("industries", industries_requests(sample.clients.operations("industries"), sample.clients.corpus, 0))

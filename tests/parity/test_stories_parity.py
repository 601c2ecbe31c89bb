"""Stories answer alike on both sides, over real HTTP against real Lambda processes."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.industries import IndustryRequest, industry_slug
from contracts.stories import FACET_FIELDS, RelatedRequest, Sort, StoryBatchRequest, StoryListRequest, StoryRequest
from operations.parity.runner import GeneratedRequest, compare_requests
from operations.parity.story_requests import industries_requests, stories_requests
from tests.support.sampling import sampled
from tests.support.stacks.cloud import Both, both_sides

ODD_IDS = (
    "plain",
    "a|b",
    "a/b",
    "a%b",
    "a%2Fb",
    "with space and|pipe",
    "a/b/c",
    "100% of it",
    "%2F already",
    "q?x=1&y=2#z",
    "Grüße aus Köln|çava",
    "故事|客户",
    "emoji 🎉|x",
    "dots.and..more",
    "+plus+",
    "quote\"and'",
    "back\\slash",
    "x" * 300,
    "é" * 300,
    ".hidden",
    "trailing ",
)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("odd")
    stories = folder / "stories.jsonl"
    rows = [
        {
            "id": odd_id,
            "Title": f"T{number}",
            "Client": "C|ä",
            "public_tags": "One, one, zwei ü",
            "Start_Date": date,
            "Industry": f"Trade & {odd_id[:40]}",
        }
        for number, (odd_id, date) in enumerate(zip(ODD_IDS, ["", "2020-01"] * 20, strict=False))
    ]
    stories.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    with both_sides(folder, stories) as both:
        yield both


def assert_alike(both: Both, requests: list[GeneratedRequest]) -> None:
    tally = compare_requests("stories", requests, lambda: None)
    assert tally.as_json()["matched"] == len(requests), tally.first_mismatches


def test_the_whole_sample_corpus_is_alike(sample: Both) -> None:
    operations = sample.clients.operations("stories")
    requests = stories_requests(operations, sample.clients.corpus, 700)
    assert_alike(sample, sampled(requests, lambda item: _is_edge(item, sample)))


def _is_edge(item: GeneratedRequest, sample: Both) -> bool:
    """A batch, an id that no story has, or a sort order of the whole list."""
    match item.request:
        case StoryListRequest() as asked:
            return asked == StoryListRequest(sort=asked.sort, limit=100)
        case StoryRequest() | RelatedRequest() as asked:
            return asked.id not in sample.clients.corpus.by_id
        case _:
            return True


def test_ids_of_any_shape_are_alike(odd: Both) -> None:
    assert len(odd.clients.corpus.stories) == len(ODD_IDS)
    operations = odd.clients.operations("stories")
    assert_alike(odd, stories_requests(operations, odd.clients.corpus, 100))


def test_every_odd_id_is_really_found(odd: Both) -> None:
    get = next(item for item in odd.clients.operations("stories") if item.name == "get")
    for odd_id in ODD_IDS:
        assert get.remote(StoryRequest(id=odd_id)).value.story.id == odd_id


def test_odd_ids_are_found_in_a_batch(odd: Both) -> None:
    batch = next(item for item in odd.clients.operations("stories") if item.name == "batch")
    answers = [batch.remote(request).value for request in StoryBatchRequest.covering(ODD_IDS)]
    assert [content.story.id for answer in answers for content in answer.stories] == list(ODD_IDS)


def curl(both: Both, path: str, *options: str) -> Any:
    """The answer's JSON, or what it says is wrong."""
    key = f"X-Api-Key: {both.cloud.key_of('stories')}"
    command = ["curl", "-sS", "--max-time", "30", "-H", key, *options, both.cloud.url + path]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def test_curl_finds_what_the_client_finds(odd: Both) -> None:
    operations = {item.name: item for item in odd.clients.operations("stories")}
    for odd_id in ODD_IDS:
        path = f"/api/stories/{quote(odd_id, safe='')}"
        detail, related = (
            operations["get"].remote(StoryRequest(id=odd_id)).value,
            operations["related"].remote(RelatedRequest(id=odd_id, limit=2)).value,
        )
        assert curl(odd, path) == detail.model_dump(mode="json")
        assert curl(odd, f"{path}/related", "-G", "-d", "limit=2") == related.model_dump(mode="json")
        batch = operations["batch"].remote(StoryBatchRequest(ids=(odd_id,))).value
        assert curl(odd, "/api/stories", "-G", "--data-urlencode", f"ids={odd_id}") == batch.model_dump(mode="json")


def test_a_hand_that_encodes_as_little_as_it_can_finds_the_story(odd: Both) -> None:
    typed = {"a|b": "a|b", "a%b": "a%b", "+plus+": "+plus+", "Grüße aus Köln|çava": "Grüße%20aus%20Köln|çava"}
    for odd_id, path in typed.items():
        assert curl(odd, f"/api/stories/{path}")["story"]["id"] == odd_id


def test_industries_of_any_name_are_alike(odd: Both) -> None:
    operations = odd.clients.operations("industries")
    requests = industries_requests(operations, odd.clients.corpus, 0)
    tally = compare_requests("industries", requests, lambda: None)
    assert tally.as_json()["matched"] == len(requests), tally.first_mismatches
    for odd_id in ODD_IDS:
        name = f"Trade & {odd_id[:40]}".strip()
        found = curl(odd, f"/api/industries/{quote(name, safe='')}")
        get = next(item for item in operations if item.name == "get")
        assert found == get.remote(IndustryRequest(industry=name)).value.model_dump(mode="json")
        assert found["slug"] == industry_slug(name)


def filters_of(both: Both) -> st.SearchStrategy[StoryListRequest]:
    everything = both.clients.stories.list_stories(StoryListRequest(limit=1, include_narratives=True), "v").value
    fields = {
        field: st.lists(
            st.sampled_from([facet.value for facet in everything.facets[field]]) | st.text("aé %&/", min_size=1),
            max_size=3,
        ).map(tuple)
        for field in FACET_FIELDS
        if everything.facets[field]
    }
    return st.fixed_dictionaries(
        {},
        optional={
            **fields,
            "q": st.text(max_size=30).filter(str.isprintable) | st.sampled_from(["payments", "the cloud", "AI", "c++"]),
            "has_metric": st.booleans(),
            "include_narratives": st.booleans(),
            "sort": st.sampled_from(list(Sort)),
            "limit": st.integers(1, 100),
            "offset": st.integers(0, 200),
        },
    ).map(StoryListRequest.model_validate)


def test_any_filters_are_alike(sample: Both) -> None:
    operation = next(item for item in sample.clients.operations("stories") if item.name == "list")

    @settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(request=filters_of(sample))
    def check(request: StoryListRequest) -> None:
        assert_alike(sample, [GeneratedRequest(operation, request)])

    check()


def test_a_broken_request_is_rejected_alike(sample: Both) -> None:
    related = next(item for item in sample.clients.operations("stories") if item.name == "related")
    assert_alike(sample, [GeneratedRequest(related, RelatedRequest(id="nobody", limit=1))])

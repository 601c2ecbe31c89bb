"""The rules of stories: filters, facets, order, pages, relations; and the properties of the sample corpus."""

import itertools
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.corpus.corpus import load_corpus
from backend_clients.errors import NotFound
from backend_clients.stories import legacy
from backend_clients.stories.legacy import LegacyStories
from contracts.rules.metrics import integrity_of
from contracts.stories import (
    FACET_FIELDS,
    MAX_FACET_VALUES,
    RelatedRequest,
    Sort,
    StoryBatchRequest,
    StoryListRequest,
    StoryRequest,
)
from contracts.story import NARRATIVE_THEME, Story
from tests.support.builders.stories import SAMPLE_FILE, complete_story, corpus, story

ONE_VALUED = {
    "industries": "industry",
    "capabilities": "capability",
    "eras": "era",
    "clients": "client",
    "employers": "employer",
    "roles": "role",
    "themes": "theme",
}


def legacy_stories(*stories: Story) -> LegacyStories:
    return LegacyStories(corpus(*stories), "test")


def listed(stories: list[Story], **request: Any) -> list[str]:
    return [card.id for card in legacy_stories(*stories).list_stories(StoryListRequest(**request)).cards]


def facet(stories: list[Story], field: str, **request: Any) -> dict[str, int]:
    answer = legacy_stories(*stories).list_stories(StoryListRequest(**request))
    return {item.value: item.count for item in answer.facets[field]}


def related(stories: list[Story], story_id: str, limit: int = 3) -> list[tuple[str, int, tuple[str, ...]]]:
    answer = legacy_stories(*stories).related_stories(RelatedRequest(id=story_id, limit=limit))
    return [(item.card.id, item.score, item.why) for item in answer.related]


# Filters


@pytest.mark.parametrize(("filter_name", "field"), ONE_VALUED.items())
def test_values_of_one_filter_are_alternatives(filter_name: str, field: str) -> None:
    stories = [story(value, **{field: value}) for value in ("a", "b", "c")]
    assert listed(stories, **{filter_name: ("a", "c", "nowhere")}) == ["a", "c"]


def test_several_filters_must_all_match() -> None:
    stories = [
        story("both", industry="Energy", client="Acme"),
        story("industry", industry="Energy"),
        story("client", client="Acme"),
    ]
    assert listed(stories, industries=("Energy",), clients=("Acme",)) == ["both"]


def test_a_domain_is_matched_by_category_and_sub_category_together() -> None:
    stories = [story("a", category="Data", sub_category="Lakes"), story("b", category="Data")]
    assert listed(stories, domains=("Data / Lakes",)) == ["a"]
    assert listed(stories, domains=("Data",)) == ["b"]


def test_values_are_matched_ignoring_case() -> None:
    stories = [story("a", tags=("DevOps",), client="Acme")]
    assert listed(stories, tags=("devops",)) == ["a"]
    assert listed(stories, tags=("DEVOPS", "other")) == ["a"]
    assert listed(stories, clients=("acme",)) == ["a"]


def test_every_token_of_the_query_must_occur_somewhere_in_the_story() -> None:
    stories = [
        story("a", title="SWIFT repair", action=("Wrote rules",), tags=("Payments",)),
        story("b", title="SWIFT repair"),
    ]
    assert listed(stories, q="swift") == ["a", "b"]
    assert listed(stories, q="payments RULES swift") == ["a"]
    assert listed(stories, q="swif") == []


def test_a_query_matches_whole_tokens_not_parts_nor_hidden_fields() -> None:
    stories = [story("token-id", title="Payments", person="Jane", extra={"x": "secret"})]
    assert listed(stories, q="payment") == []
    assert listed(stories, q="jane") == []
    assert listed(stories, q="secret") == []
    assert listed(stories, q="token-id") == []


def test_a_mention_is_a_word_in_any_form_and_one_of_each_value_suffices() -> None:
    stories = [
        story("a", title="Migrated the check-in", action=("for auditors",)),
        story("b", title="Migration"),
    ]
    assert listed(stories, mentions=("migrate",)) == ["a", "b"]
    assert listed(stories, mentions=("migrations", "inspector auditor")) == ["a"]
    assert listed(stories, mentions=("checks",)) == ["a"]
    assert listed(stories, mentions=("audit-free", "migrate")) == listed(stories, mentions=("?",)) == []


def test_a_query_without_a_token_filters_nothing() -> None:
    assert listed([story("a")], q="? a") == ["a"]


def test_stories_can_be_filtered_by_having_a_metric() -> None:
    stories = [story("with", result=("40% faster",)), story("without", result=("faster",), situation=("40%",))]
    assert listed(stories, has_metric=True) == ["with"]
    assert listed(stories, has_metric=False) == ["without"]
    assert listed(stories) == ["with", "without"]


def test_narratives_are_omitted_unless_requested() -> None:
    stories = [story("plain", theme="Delivery"), story("self", theme=NARRATIVE_THEME)]
    assert listed(stories) == ["plain"]
    assert listed(stories, include_narratives=True) == ["plain", "self"]
    assert listed(stories, themes=(NARRATIVE_THEME,)) == ["self"]


# Facets


def test_a_facet_counts_over_the_stories_that_match_the_other_fields() -> None:
    stories = [
        story("a", industry="Energy", client="Acme"),
        story("b", industry="Energy", client="Bolt"),
        story("c", industry="Retail", client="Acme"),
    ]
    assert facet(stories, "industries", industries=("Energy",)) == {"Energy": 2, "Retail": 1}
    assert facet(stories, "clients", industries=("Energy",)) == {"Acme": 1, "Bolt": 1}
    assert facet(stories, "industries", industries=("Energy",), clients=("Acme",)) == {"Energy": 1, "Retail": 1}


def test_facets_respect_query_metric_and_narratives() -> None:
    stories = [
        story("a", client="Acme", title="swift", result=("40%",)),
        story("b", client="Bolt", title="swift"),
        story("c", client="Cord", theme=NARRATIVE_THEME, title="swift", result=("40%",)),
    ]
    assert facet(stories, "clients", q="swift", has_metric=True) == {"Acme": 1}
    assert facet(stories, "clients", include_narratives=True, has_metric=True) == {"Acme": 1, "Cord": 1}


def test_facets_are_sorted_by_count_then_value_without_the_empty_value() -> None:
    stories = [story(str(number), client=client) for number, client in enumerate(["b", "a", "c", "c", ""])]
    assert list(facet(stories, "clients").items()) == [("c", 2), ("a", 1), ("b", 1)]


def test_a_tag_counts_once_a_story_under_the_first_spelling_in_the_corpus() -> None:
    stories = [story("b", tags=("DEVOPS", "Cloud")), story("a", tags=("DevOps",)), story("c", tags=("devops",))]
    assert facet(stories, "tags") == {"DevOps": 3, "Cloud": 1}


def test_a_facet_names_at_most_200_values() -> None:
    stories = [story(f"{number:03}", client=f"client {number:03}") for number in range(MAX_FACET_VALUES + 1)]
    found = facet(stories, "clients", limit=1)
    assert len(found) == MAX_FACET_VALUES
    assert "client 200" not in found


def test_every_facet_field_is_in_the_answer_even_when_empty() -> None:
    answer = legacy_stories(story("a")).list_stories(StoryListRequest())
    assert tuple(answer.facets) == FACET_FIELDS
    assert not any(answer.facets.values())


# Order and pages


def test_newest_first_is_the_default_and_undated_stories_are_last_in_either_order() -> None:
    stories = [story("old", start_date="2006-02"), story("undated"), story("new", start_date="2021-11")]
    assert listed(stories) == ["new", "old", "undated"]
    assert listed(stories, sort="start_date") == ["old", "new", "undated"]


@pytest.mark.parametrize("sort", list(Sort))
def test_ties_are_broken_by_id_in_either_direction(sort: Sort) -> None:
    stories = [story(story_id, start_date="2020-01", title="t", client="c", role="r") for story_id in "cab"]
    assert listed(stories, sort=sort) == ["a", "b", "c"]


@pytest.mark.parametrize("field", ["title", "client", "role"])
def test_text_is_ordered_ignoring_case(field: str) -> None:
    stories = [story(name, **{field: name}) for name in ("beta", "Alpha", "Gamma")]
    assert listed(stories, sort=field) == ["Alpha", "beta", "Gamma"]
    assert listed(stories, sort=f"-{field}") == ["Gamma", "beta", "Alpha"]


def test_a_page_is_a_slice_and_the_total_counts_all_matches() -> None:
    stories = [story(f"{number:02}", start_date=f"20{number:02}-01") for number in range(25)]
    legacy = legacy_stories(*stories)
    page = legacy.list_stories(StoryListRequest(limit=10, offset=20))
    assert [card.id for card in page.cards] == ["04", "03", "02", "01", "00"]
    assert page.total == 25
    assert len(legacy.list_stories(StoryListRequest()).cards) == 20
    assert legacy.list_stories(StoryListRequest(offset=25)).cards == ()


def test_the_range_of_dates_covers_all_matches() -> None:
    stories = [
        story("a", start_date="2019-01", end_date="2019-06"),
        story("b", start_date="2006-02", end_date="2007-03"),
        story("c", start_date="2021-11"),
        story("d"),
    ]
    answer = legacy_stories(*stories).list_stories(StoryListRequest(limit=1))
    assert (answer.first_start, answer.last_end) == ("2006-02", "2021-11")
    nothing = legacy_stories(*stories).list_stories(StoryListRequest(clients=("nobody",)))
    assert (nothing.first_start, nothing.last_end, nothing.total) == ("", "", 0)


# One story


def test_a_card_shows_the_summary_the_strongest_line_and_the_integrity() -> None:
    (card,) = legacy_stories(complete_story("a", purpose="Pay on time")).list_stories(StoryListRequest()).cards
    assert card.summary == "Goal: Pay on time. Outcome: 40% faster."
    assert (card.headline, card.has_metric, card.complete) == ("40% faster.", True, True)


def test_a_whole_story_comes_with_summary_metrics_and_integrity() -> None:
    told = complete_story("a", curated_summary="Told short.", task=())
    answer = legacy_stories(told).get_story(StoryRequest(id="a"))
    assert answer.story == told
    assert answer.summary == "Told short."
    assert [metric.text for metric in answer.metrics] == ["40%"]
    assert answer.integrity.missing == ("task",)


def test_a_batch_holds_known_stories_in_the_requested_order_each_once() -> None:
    side = legacy_stories(story("a"), story("b"), story("c"))
    batch = side.get_stories(StoryBatchRequest(ids=("c", "no such", "a", "c", "no such")))
    assert [content.story.id for content in batch.stories] == ["c", "a"]
    assert (batch.missing, batch.unprocessed) == (("no such",), ())
    single = side.get_story(StoryRequest(id="c"))
    assert batch.stories[0].model_dump().items() <= single.model_dump().items()


def test_a_too_large_batch_names_the_stories_to_request_again(monkeypatch: pytest.MonkeyPatch) -> None:
    side = legacy_stories(story("a"), story("b"), story("c"))
    monkeypatch.setattr(legacy, "MAX_BATCH_BYTES", 2 * len(story("a").model_dump_json()))
    batch = side.get_stories(StoryBatchRequest(ids=("c", "x", "b", "a")))
    assert [content.story.id for content in batch.stories] == ["c", "b"]
    assert (batch.missing, batch.unprocessed) == (("x",), ("a",))
    monkeypatch.setattr(legacy, "MAX_BATCH_BYTES", 1)
    assert len(side.get_stories(StoryBatchRequest(ids=("a", "b"))).stories) == 1


def test_an_unknown_id_is_not_found() -> None:
    legacy = legacy_stories(story("a"))
    with pytest.raises(NotFound) as raised:
        legacy.get_story(StoryRequest(id="A"))
    assert raised.value.corpus_version == legacy.get_story(StoryRequest(id="a")).corpus_version
    with pytest.raises(NotFound):
        legacy.related_stories(RelatedRequest(id="b"))


def test_every_answer_is_stamped_with_corpus_and_code_version() -> None:
    loaded = corpus(story("a"))
    legacy = LegacyStories(loaded, "abc123")
    for answer in (
        legacy.list_stories(StoryListRequest()),
        legacy.get_story(StoryRequest(id="a")),
        legacy.related_stories(RelatedRequest(id="a")),
    ):
        assert (answer.corpus_version, answer.code_version) == (loaded.version, "abc123")


# Related stories


def test_the_same_client_scores_3_the_same_domain_2_and_each_shared_tag_1() -> None:
    asked = story("asked", client="Acme", category="Data", sub_category="Lakes", tags=("Cloud", "SQL"))
    stories = [
        asked,
        story("all", client="Acme", category="Data", sub_category="Lakes", tags=("sql", "CLOUD", "x")),
        story("client", client="Acme"),
        story("domain", category="Data", sub_category="Lakes"),
        story("tag", tags=("cloud",)),
        story("nothing", client="Bolt", category="Data", tags=("Java",)),
    ]
    assert related(stories, "asked", limit=12) == [
        ("all", 7, ("client", "domain", "tag:Cloud", "tag:SQL")),
        ("client", 3, ("client",)),
        ("domain", 2, ("domain",)),
        ("tag", 1, ("tag:Cloud",)),
    ]


def test_empty_clients_and_domains_relate_no_stories() -> None:
    assert related([story("a"), story("b")], "a") == []


def test_equal_scores_are_ordered_by_id_and_cut_at_three_by_default() -> None:
    stories = [story(story_id, client="Acme") for story_id in "edcba"]
    assert [story_id for story_id, _, _ in related(stories, "c")] == ["a", "b", "d"]


# Against a plain restatement of the rules

STORIES = st.lists(
    st.builds(
        dict,
        industry=st.sampled_from(["", "Energy", "Retail"]),
        client=st.sampled_from(["", "Acme", "acme", "Bolt"]),
        category=st.sampled_from(["", "Data"]),
        theme=st.sampled_from(["", "Delivery", NARRATIVE_THEME]),
        tags=st.sampled_from([(), ("SQL",), ("sql", "Cloud"), ("CLOUD",)]),
        title=st.sampled_from(["swift repair", "payments hub", "SWIFT payments"]),
        start_date=st.sampled_from(["", "2006-02", "2019-11"]),
        result=st.sampled_from([(), ("40% faster",), ("faster",)]),
    ),
    max_size=7,
).map(lambda rows: [story(f"id-{number}", **row) for number, row in enumerate(rows)])
REQUESTS = st.builds(
    StoryListRequest,
    industries=st.sampled_from([(), ("Energy",), ("Energy", "Retail"), ("Mars",)]),
    clients=st.sampled_from([(), ("Acme",), ("Bolt", "acme")]),
    domains=st.sampled_from([(), ("Data",)]),
    themes=st.sampled_from([(), ("Delivery",), (NARRATIVE_THEME,)]),
    tags=st.sampled_from([(), ("Sql",), ("cloud", "java")]),
    has_metric=st.sampled_from([None, True, False]),
    include_narratives=st.booleans(),
    q=st.sampled_from(["", "swift", "PAYMENTS swift"]),
    sort=st.sampled_from(Sort),
    limit=st.integers(1, 4),
    offset=st.integers(0, 5),
)


def passes(told: Story, asked: StoryListRequest, but: str = "") -> bool:
    checks = {
        "industries": not asked.industries or told.industry in asked.industries,
        "clients": not asked.clients or told.client.lower() in [name.lower() for name in asked.clients],
        "domains": not asked.domains or told.category in asked.domains,
        "themes": not asked.themes or told.theme in asked.themes,
        "tags": not asked.tags or any(mine.lower() == tag.lower() for mine in told.tags for tag in asked.tags),
        "metric": asked.has_metric is None or asked.has_metric == (told.result == ("40% faster",)),
        "narrative": told.theme != NARRATIVE_THEME or asked.include_narratives or NARRATIVE_THEME in asked.themes,
        "q": all(word in told.title.lower().split() for word in asked.q.lower().split()),
    }
    return all(passed for name, passed in checks.items() if name != but)


@given(STORIES, REQUESTS)
def test_a_list_holds_exactly_the_stories_that_pass_every_filter(stories: list[Story], asked: StoryListRequest) -> None:
    every = asked.model_copy(update={"limit": 100, "offset": 0})
    answer = legacy_stories(*stories).list_stories(every)
    expected = {told.id for told in stories if passes(told, asked)}
    assert {card.id for card in answer.cards} == expected
    assert answer.total == len(expected)
    page = legacy_stories(*stories).list_stories(asked)
    assert page.cards == answer.cards[asked.offset : asked.offset + asked.limit]
    assert (page.total, page.facets) == (answer.total, answer.facets)


@given(STORIES, REQUESTS)
def test_facets_agree_with_counting_by_hand(stories: list[Story], asked: StoryListRequest) -> None:
    answer = legacy_stories(*stories).list_stories(asked)
    for field, name in (("industries", "industry"), ("clients", "client"), ("themes", "theme")):
        counted = Counter(getattr(told, name).lower() for told in stories if passes(told, asked, but=field))
        counted.pop("", None)
        assert {item.value.lower(): item.count for item in answer.facets[field]} == counted
    tagged = Counter(tag.lower() for told in stories if passes(told, asked, but="tags") for tag in told.tags)
    assert {item.value.lower(): item.count for item in answer.facets["tags"]} == tagged


@given(STORIES)
def test_relations_are_symmetric_and_never_reflexive(stories: list[Story]) -> None:
    scores = {(told.id, other): score for told in stories for other, score, _ in related(stories, told.id, limit=12)}
    for (one, other), score in scores.items():
        assert one != other
        assert scores[other, one] == score > 0


# The sample corpus

SAMPLE = load_corpus(SAMPLE_FILE)
INCOMPLETE = {
    "a-written-user-manual-for-working-with-me|independent-project": ("metric",),
    "auditable-interruption-minutes-for-the-utility-regulator|greyfell-water-power": ("situation",),
    "buy-the-token-vault-keep-the-keys|brightspan-payments": ("task",),
    "friday-architecture-clinic-for-consultants-stuck-on-site|kestrel-advisory": ("metric",),
    "helping-warehouse-systems-teams-stop-starting|oakhollow-grocers": ("metric",),
    "redrawing-wealth-teams-around-advisor-journeys|tessaly-trust": ("metric",),
}


def prose(told: Story) -> list[str]:
    return [
        told.title, told.scope, told.purpose, told.curated_summary, *told.situation, *told.task, *told.action,
        *told.result, *told.process, *told.performance, *told.interview_questions,
    ]  # fmt: skip


def words(texts: list[str]) -> list[str]:
    return re.findall(r"[a-z0-9'%$.,-]+", " ".join(texts).lower())


def test_the_sample_corpus_loads_without_rejected_lines() -> None:
    assert len(SAMPLE.stories) == 114
    assert SAMPLE.refusals == ()


@pytest.mark.parametrize(
    ("field", "at_least"), [("industry", 6), ("era", 6), ("theme", 7), ("capability", 25), ("client", 12)]
)
def test_the_sample_corpus_is_varied(field: str, at_least: int) -> None:
    values = {getattr(told, field) for told in SAMPLE.stories}
    assert len(values) >= at_least
    assert "" not in values


def test_the_sample_corpus_holds_ten_narratives() -> None:
    assert sum(told.is_narrative for told in SAMPLE.stories) == 10


def test_exactly_the_incomplete_sample_stories_are_flagged() -> None:
    reports = {told.id: integrity_of(told) for told in SAMPLE.stories}
    assert {story_id: report.missing for story_id, report in reports.items() if not report.complete} == INCOMPLETE


def test_every_sample_story_has_the_length_of_a_story() -> None:
    lengths = {told.id: len(" ".join(told.texts()).split()) for told in SAMPLE.stories}
    assert {story_id: length for story_id, length in lengths.items() if not 200 <= length <= 450} == {}


def test_no_two_sample_stories_share_a_run_of_eight_words() -> None:
    seen: dict[tuple[str, ...], str] = {}
    for told in SAMPLE.stories:
        for text in prose(told):
            run = words([text])
            for start in range(len(run) - 7):
                owner = seen.setdefault(tuple(run[start : start + 8]), told.id)
                assert owner == told.id, f"{owner} and {told.id} share {' '.join(run[start : start + 8])!r}"


def test_every_sample_story_is_dated_and_ends_if_it_has_ended_after_it_began() -> None:
    for told in SAMPLE.stories:
        assert told.start_date
        assert not told.end_date or told.start_date <= told.end_date, told.id


def test_every_sample_story_can_be_fetched_listed_and_has_a_short_summary() -> None:
    legacy = LegacyStories(SAMPLE, "test")
    pages = [
        legacy.list_stories(StoryListRequest(limit=100, offset=offset, include_narratives=True)).cards
        for offset in (0, 100)
    ]
    cards = list(itertools.chain.from_iterable(pages))
    assert {card.id for card in cards} == set(SAMPLE.by_id)
    assert all(0 < len(card.summary) <= 220 for card in cards)
    assert all(legacy.get_story(StoryRequest(id=card.id)).summary == card.summary for card in cards)

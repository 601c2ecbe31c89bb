"""Related stories: points for the same client and domain and for shared tags."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.folding import fold_key
from contracts.stories import RelatedRequest, RelatedStories
from contracts.story import Story
from lambdas.common.http.problems import NotFound
from tests.support.builders.story_corpora import corpora, service_of

Found = list[tuple[str, int, tuple[str, ...]]]


def related(corpus: Sequence[Story], story_id: str, limit: int = 12) -> Found:
    answer = RelatedStories.model_validate_json(service_of(corpus).related(RelatedRequest(id=story_id, limit=limit)))
    return [(item.card.id, item.score, item.why) for item in answer.related]


def by_the_rules(corpus: Sequence[Story], asked: Story, limit: int) -> Found:
    found: Found = []
    for story in corpus:
        if story.id == asked.id:
            continue
        theirs = set(map(fold_key, story.tags))
        why = [f"tag:{tag}" for tag in asked.tags if fold_key(tag) in theirs]
        score = len(why)
        if fold_key(asked.domain) and fold_key(asked.domain) == fold_key(story.domain):
            score, why = score + 2, ["domain", *why]
        if fold_key(asked.client) and fold_key(asked.client) == fold_key(story.client):
            score, why = score + 3, ["client", *why]
        if score:
            found.append((story.id, score, tuple(why)))
    return sorted(found, key=lambda item: (-item[1], item[0]))[:limit]


@given(corpora, st.data(), st.integers(1, 12))
def test_related_stories_follow_the_rules(corpus: list[Story], data: st.DataObject, limit: int) -> None:
    asked = data.draw(st.sampled_from(corpus))
    assert related(corpus, asked.id, limit) == by_the_rules(corpus, asked, limit)


def test_reasons_are_ordered_and_spell_tags_as_the_requested_story_does() -> None:
    corpus = [
        Story(id="a", client="Acme", category="Pay", tags=("ZIP", "cloud", "Unshared")),
        Story(id="b", client="Acme", category="Pay", tags=("Cloud", "zip")),
        Story(id="c", category="Pay"),
        Story(id="d"),
    ]
    assert related(corpus, "a") == [("b", 7, ("client", "domain", "tag:ZIP", "tag:cloud")), ("c", 2, ("domain",))]


def test_empty_fields_relate_no_stories() -> None:
    assert related([Story(id="a"), Story(id="b")], "a") == []


def test_an_unknown_id_is_not_found() -> None:
    with pytest.raises(NotFound):
        related([Story(id="a")], "A")

"""Legacy side of stories: plain loops over the corpus in memory."""

from itertools import accumulate

from backend_clients.corpus.corpus import Corpus
from backend_clients.corpus.listing import listing_of
from backend_clients.corpus.summaries import card_of, five_p_line
from backend_clients.errors import NotFound
from contracts.rules.folding import fold_key
from contracts.rules.metrics import integrity_of, story_metrics
from contracts.stories import (
    MAX_BATCH_BYTES,
    RelatedRequest,
    RelatedStories,
    RelatedStory,
    StoryBatch,
    StoryBatchRequest,
    StoryContent,
    StoryDetail,
    StoryList,
    StoryListRequest,
    StoryRequest,
)
from contracts.story import Story


class LegacyStories:
    """The stories rules over a corpus in memory."""

    def __init__(self, corpus: Corpus, code_version: str) -> None:
        self._corpus = corpus
        self._list = listing_of(corpus, code_version)
        self._stamp = {"corpus_version": corpus.version, "code_version": code_version}

    def list_stories(self, request: StoryListRequest) -> StoryList:
        return self._list(request)

    def get_story(self, request: StoryRequest) -> StoryDetail:
        story = self._find(request.id)
        return StoryDetail(**dict(_content(story)), **self._stamp)

    def get_stories(self, request: StoryBatchRequest) -> StoryBatch:
        requested = dict.fromkeys(request.ids)
        found = [self._corpus.by_id[story_id] for story_id in requested if story_id in self._corpus.by_id]
        sizes = accumulate(len(story.model_dump_json().encode()) for story in found)
        fitting = max(1, sum(size <= MAX_BATCH_BYTES for size in sizes))
        return StoryBatch(
            stories=tuple(_content(story) for story in found[:fitting]),
            missing=tuple(story_id for story_id in requested if story_id not in self._corpus.by_id),
            unprocessed=tuple(story.id for story in found[fitting:]),
            **self._stamp,
        )

    def related_stories(self, request: RelatedRequest) -> RelatedStories:
        subject = self._find(request.id)
        scored = [(other, *_relation(subject, other)) for other in self._corpus.stories if other.id != subject.id]
        found = sorted((item for item in scored if item[1]), key=lambda item: (-item[1], item[0].id))
        related = (
            RelatedStory(card=card_of(story), score=score, why=why) for story, score, why in found[: request.limit]
        )
        return RelatedStories(related=tuple(related), **self._stamp)

    def _find(self, story_id: str) -> Story:
        story = self._corpus.by_id.get(story_id)
        if story is None:
            raise NotFound("there is no story with this id", corpus_version=self._corpus.version)
        return story


def _content(story: Story) -> StoryContent:
    return StoryContent(
        story=story, summary=five_p_line(story), metrics=story_metrics(story), integrity=integrity_of(story)
    )


def _relation(subject: Story, other: Story) -> tuple[int, tuple[str, ...]]:
    """Score and reasons: same client +3, same domain +2, each shared tag +1."""
    why: list[str] = []
    score = 0
    if _same(subject.client, other.client):
        score += 3
        why.append("client")
    if _same(subject.domain, other.domain):
        score += 2
        why.append("domain")
    theirs = set(map(fold_key, other.tags)) - {""}
    shared = [tag for tag in subject.tags if fold_key(tag) in theirs]
    return score + len(shared), (*why, *(f"tag:{tag}" for tag in shared))


def _same(value: str, other: str) -> bool:
    key = fold_key(value)
    return bool(key) and key == fold_key(other)

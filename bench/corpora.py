"""Generates corpora of any size from the sample's text, with a fixed seed."""

import json
import random
from functools import cache
from pathlib import Path
from typing import Final

from backend_clients.corpus.corpus import WORDLLAMA_EMBEDDER, Corpus, load_corpus
from backend_clients.settings import Settings
from contracts.story import DATE_KEYS, LIST_KEYS, TAGS_KEY, TEXT_KEYS, Story, corpus_version

SEED: Final = 114
_MIXED: Final = ("situation", "task", "action", "result", "process", "performance")
_LINES: Final = 3


@cache
def corpus_of(size: int) -> Corpus:
    """Generate `size` stories: the sample first, then stories that combine fields and lines of sample stories."""
    sample = load_corpus(Settings().stories_file).stories
    rng = random.Random(SEED)
    pools = {field: [line for story in sample for line in getattr(story, field)] for field in _MIXED}
    stories = [*sample[:size], *(_mixed(number, sample, pools, rng) for number in range(size - len(sample)))]
    stories.sort(key=lambda story: story.id)
    return Corpus(tuple(stories), corpus_version(stories, WORDLLAMA_EMBEDDER))


def write_corpus(size: int, path: Path) -> Path:
    """The corpus as a story file."""
    keys = TEXT_KEYS | DATE_KEYS | LIST_KEYS
    rows = (
        {"id": story.id, TAGS_KEY: story.tags, **{key: getattr(story, name) for name, key in keys.items()}}
        for story in corpus_of(size).stories
    )
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def _mixed(number: int, sample: tuple[Story, ...], pools: dict[str, list[str]], rng: random.Random) -> Story:
    one, other, third = rng.choice(sample), rng.choice(sample), rng.choice(sample)
    lines = {field: tuple(rng.sample(pools[field], _LINES)) for field in _MIXED}
    return one.model_copy(
        update={
            "id": f"{number:06d}|{other.id}"[:200],
            "title": f"{other.title} {number}",
            "client": third.client,
            "capability": other.capability,
            "tags": tuple(dict.fromkeys((*one.tags[:3], *third.tags[:3]))),
            "curated_summary": other.curated_summary,
            **lines,
        }
    )

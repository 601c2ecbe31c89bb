"""Builders of stories, owner rows and story files."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from backend_clients.corpus.corpus import WORDLLAMA_EMBEDDER, Corpus
from contracts.story import Story, corpus_version

EMBEDDER = WORDLLAMA_EMBEDDER
SAMPLE_FILE = Path(__file__).resolve().parents[3] / "streamlit_app" / "data" / "stories.jsonl"


def story(story_id: str = "a|acme", **fields: Any) -> Story:
    """A story with the given fields and nothing else."""
    return Story(id=story_id, **fields)


def complete_story(story_id: str = "a|acme", **fields: Any) -> Story:
    """A story with all four STAR parts and one metric."""
    parts = {
        "situation": ("It was slow.",),
        "task": ("Mend it.",),
        "action": ("Mended it.",),
        "result": ("40% faster.",),
    }
    return Story(id=story_id, **{**parts, **fields})


def corpus(*stories: Story) -> Corpus:
    """A corpus in memory, ordered by id as the loader orders it."""
    ordered = tuple(sorted(stories, key=lambda item: item.id))
    return Corpus(ordered, corpus_version(ordered, EMBEDDER))


def line(row: Any) -> bytes:
    """One line of a story file."""
    return json.dumps(row, ensure_ascii=False).encode()


def write_rows(path: Path, rows: Iterable[Any]) -> Path:
    path.write_bytes(b"\n".join(line(row) for row in rows) + b"\n")
    return path

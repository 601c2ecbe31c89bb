"""What embedding a corpus costs does not depend on its longest text."""

import subprocess
import sys

import pytest

LIMIT_MB = 400
STORIES = """
from contracts.story import Story
long = "payments and risk " * 45_000
stories = [Story(id="a", content=long, situation=(long,)), *(Story(id=f"b{n}", title="y") for n in range(300))]
"""
# Of this process alone: the peak that `getrusage` gives is inherited from the test worker.
PEAK = """
for line in open("/proc/self/status"):
    if line.startswith("VmHWM"):
        print(int(line.split()[1]) // 1024)
"""
SIDES = {
    "legacy": """
import sys
from pathlib import Path
from backend_clients.corpus.corpus import Corpus
from backend_clients.corpus.embeddings import WordLlamaEmbedder
from backend_clients.search.ranking import Ranking
from backend_clients.search.vector_index import ExactIndex
corpus = Corpus(tuple(stories), "version")
Ranking(corpus, ExactIndex(corpus, WordLlamaEmbedder(), Path(sys.argv[1]))).prepare()
""",
    "lambda": """
from lambdas.common.models.embeddings import WordLlamaEmbedder
from lambdas.search.ingest.index_builder import IndexBuilder
IndexBuilder(stories, WordLlamaEmbedder(), []).build(lambda *_: None)
""",
}


@pytest.mark.parametrize("side", SIDES)
def test_a_story_of_800_000_characters_takes_little_memory(side: str, tmp_path: object) -> None:
    code = f"{STORIES}{SIDES[side]}{PEAK}"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True, timeout=100
    )
    assert int(done.stdout) < LIMIT_MB

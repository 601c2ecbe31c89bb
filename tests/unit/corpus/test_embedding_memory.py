"""Memory for embedding a corpus does not depend on its longest text."""

import subprocess
import sys
from pathlib import Path

import pytest

from contracts.rules.long_texts import PIECE
from tests.support.servers.openai_server import OpenAIServer

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
SERVICES = {
    "legacy": """
import sys
from backend_clients.corpus.embeddings import OpenAIEmbedder
OpenAIEmbedder("sk-test", sys.argv[1]).embed([story.embedding_text() for story in stories])
""",
    "lambda": """
import sys
from lambdas.common.models.openai_embeddings import OpenAIEmbedder, Patience
OpenAIEmbedder("sk-test", sys.argv[1], Patience(30.0, 0, 60.0)).embed([story.embedding_text() for story in stories])
""",
}
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


def peak_of(code: str, argument: str) -> int:
    """The most memory, in MB, that a process takes which runs some code over the stories."""
    done = subprocess.run(
        [sys.executable, "-c", f"{STORIES}{code}{PEAK}", argument],
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    return int(done.stdout)


@pytest.mark.parametrize("side", SIDES)
def test_a_story_of_800_000_characters_takes_little_memory(side: str, tmp_path: Path) -> None:
    assert peak_of(SIDES[side], str(tmp_path)) < LIMIT_MB


@pytest.mark.parametrize("side", SERVICES)
def test_nor_does_it_where_a_service_embeds(side: str) -> None:
    with OpenAIServer() as server:
        assert peak_of(SERVICES[side], server.base_url) < LIMIT_MB
        sizes = [len(text) for text in server.texts()]
    assert sum(sizes) > 800_000
    assert max(sizes) <= PIECE

"""Cold starts: what each search function must not load."""

import subprocess
import sys

import pytest

LOADED = """
import sys
import lambdas.search.functions.{function}
from lambdas.search.providers import query_embedder
print("\\n".join(sys.modules))
"""
NEVER = ("boto3", "tenacity", "safetensors", "lambdas.search.ingest.index_builder", "lambdas.search.ingest.job")
ONLY_WHEN_NEEDED = ("wordllama", "tokenizers", "bm25s", "Stemmer", "openai", "pinecone", "requests")


@pytest.mark.parametrize("function", ["semantic", "keyword", "hybrid"])
def test_importing_a_function_loads_no_model_and_no_sdk(function: str) -> None:
    script = LOADED.format(function=function)
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not set(result.stdout.split()).intersection(NEVER + ONLY_WHEN_NEEDED)

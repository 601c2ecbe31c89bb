"""Cold starts: modules that importing a function loads beyond its libraries."""

import subprocess
import sys
from functools import cache

import pytest

BARE = "import numpy, botocore.session, pydantic.main, pydantic_settings, aws_lambda_powertools.logging.logger"
COUNT = "import sys; before = set(sys.modules); {}; print('\\n'.join(set(sys.modules) - before))"
LIBRARIES = ("boto3", "safetensors", "tenacity")
NOT_ON_THE_REQUEST_PATH = (
    *LIBRARIES,
    "lambdas.common.ingest.run",
    "lambdas.stories.ingest.job",
    "lambdas.stories.ingest.catalog_builder",
)


@cache
def loaded_by(statement: str) -> frozenset[str]:
    result = subprocess.run([sys.executable, "-c", COUNT.format(statement)], capture_output=True, text=True, check=True)
    return frozenset(result.stdout.split())


@pytest.mark.parametrize(
    ("domain", "function"),
    [
        ("stories", "get"),
        ("stories", "list"),
        ("stories", "related"),
        ("industries", "get"),
        ("industries", "list"),
        ("industries", "categories"),
    ],
)
def test_a_function_loads_little_beyond_its_libraries(domain: str, function: str) -> None:
    loaded = loaded_by(f"import lambdas.{domain}.functions.{function}")
    assert len(loaded - loaded_by(BARE)) < 80
    assert not loaded.intersection(NOT_ON_THE_REQUEST_PATH)

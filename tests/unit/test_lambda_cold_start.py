"""Cold starts: what importing a function costs, compared with what its libraries cost."""

import subprocess
import sys

import pytest

BARE = "import numpy, botocore.session, pydantic.main, pydantic_settings, aws_lambda_powertools.logging.logger"
COUNT = "import sys; before = set(sys.modules); {}; print('\\n'.join(set(sys.modules) - before))"
NOT_ON_THE_REQUEST_PATH = ("boto3", "safetensors", "tenacity", "lambdas.stories.listing", "lambdas.stories.ingest")


def loaded_by(statement: str) -> set[str]:
    result = subprocess.run([sys.executable, "-c", COUNT.format(statement)], capture_output=True, text=True, check=True)
    return set(result.stdout.split())


@pytest.mark.parametrize("function", ["get", "list", "related"])
def test_a_function_loads_little_beyond_its_libraries(function: str) -> None:
    loaded = loaded_by(f"import lambdas.stories.{function}")
    assert len(loaded - loaded_by(BARE)) < 80
    assert not loaded.intersection(NOT_ON_THE_REQUEST_PATH)

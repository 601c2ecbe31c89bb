"""What the parity tests share."""

from collections.abc import Iterator

import pytest

from tests.support.stacks.cloud import Both, both_sides


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Both sides with the sample corpus. Tests write conversations of their own and nothing else."""
    with both_sides(tmp_path_factory.mktemp("sample")) as both:
        yield both

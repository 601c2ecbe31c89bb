"""Vector search: the coarse pass must not change the result."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.common.index import exact_vectors, quantized_vectors
from lambdas.common.index.exact_vectors import ExactIndex
from lambdas.common.index.quantized_vectors import CoarseVectors, coarse_arrays
from lambdas.common.index.snapshot import Snapshot
from lambdas.common.models.embeddings import unit_rows

SIZE = 3_000


@pytest.fixture(autouse=True)
def small_corpora_are_coarse_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantized_vectors, "MIN_ROWS", SIZE)
    monkeypatch.setattr(exact_vectors, "MIN_ROWS", SIZE)


def clustered(seed: int, spread: float, dimensions: int) -> Any:
    """Rows around a few centres, some of them twice, some zero, with axes of very different weight."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((7, dimensions))
    rows = centres[random.integers(0, 7, SIZE)] + spread * random.standard_normal((SIZE, dimensions))
    rows *= random.random(dimensions) ** 3
    rows[100:200] = rows[300:400]
    rows[5] = 0
    return unit_rows(rows)


def nearest_in_float64(vectors: Any, query: Any, count: int) -> Any:
    cosines = vectors.astype(np.float64) @ query.astype(np.float64)
    return np.lexsort((np.arange(len(vectors)), -np.round(cosines, 12)))[:count], cosines


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), spread=st.sampled_from([0.001, 0.1, 1.0]), dimensions=st.sampled_from([3, 16, 64]))
@pytest.mark.parametrize("count", [1, 20])
def test_the_coarse_pass_loses_nothing(count: int, seed: int, spread: float, dimensions: int) -> None:
    vectors = clustered(seed, spread, dimensions)
    index = ExactIndex(Snapshot({"vectors": vectors, **coarse_arrays(vectors)}, {}))
    for query in (vectors[seed % SIZE], unit_rows(-vectors[:1] + 0.3)[0], vectors[150], vectors[5]):
        rows, cosines = index.nearest(query, count)
        expected, exact = nearest_in_float64(vectors, query, count)
        assert rows.tolist() == expected.tolist()
        np.testing.assert_allclose(cosines, exact[rows], atol=1e-7)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=10)
def test_a_coarse_cosine_is_off_by_its_error_at_most(seed: int) -> None:
    vectors = clustered(seed, 0.5, 32)
    query = vectors[seed % SIZE]
    coarse = CoarseVectors(Snapshot(coarse_arrays(vectors), {}))
    off = np.abs(vectors.astype(np.float64) @ query.astype(np.float64) - coarse.cosines(query))
    assert off.max() <= coarse.error + 1e-6


def test_a_small_corpus_has_no_coarse_vectors() -> None:
    vectors = clustered(1, 1.0, 16)[: SIZE - 1]
    assert coarse_arrays(vectors) == {}
    rows, _ = ExactIndex(Snapshot({"vectors": vectors}, {})).nearest(vectors[150], 10)
    assert rows.tolist() == nearest_in_float64(vectors, vectors[150], 10)[0].tolist()


def test_equal_vectors_come_in_row_order_wherever_they_stand() -> None:
    vectors = np.tile(unit_rows(np.random.default_rng(3).standard_normal((1, 100))), (997, 1))
    rows, cosines = ExactIndex(Snapshot({"vectors": vectors}, {})).nearest(vectors[0], 100)
    assert rows.tolist() == list(range(100))
    assert len(set(cosines.tolist())) == 1


def test_fewer_rows_than_asked_for() -> None:
    vectors = unit_rows([[1.0, 0.0], [0.0, 1.0]])
    rows, cosines = ExactIndex(Snapshot({"vectors": vectors}, {})).nearest(vectors[1], 100)
    assert (rows.tolist(), cosines.tolist()) == ([1, 0], [1.0, 0.0])

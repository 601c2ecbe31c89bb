"""Measures in-process vector databases on the index's task: the hundred nearest vectors.

Runs in its own virtual environment, which `make bench` creates, as `python vector_databases.py NAME FOLDER`. The folder
holds `vectors.npy` and `queries.npy`; the last line printed is JSON with the median seconds of a query.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

COUNT = 100
_BATCH = 5_000
_ROUNDS = 60

Ask = Callable[[Any], object]


def chromadb(vectors: Any, _folder: Path) -> Ask:
    import chromadb  # noqa: PLC0415

    settings = chromadb.config.Settings(anonymized_telemetry=False)
    collection = chromadb.EphemeralClient(settings).create_collection("stories", metadata={"hnsw:space": "cosine"})
    for start in range(0, len(vectors), _BATCH):
        rows = vectors[start : start + _BATCH]
        collection.add(ids=[str(start + row) for row in range(len(rows))], embeddings=rows)
    count = min(COUNT, len(vectors))
    return lambda query: collection.query(query_embeddings=[query], n_results=count, include=["distances"])


def lancedb(vectors: Any, folder: Path) -> Ask:
    import lancedb  # noqa: PLC0415
    import pyarrow as arrow  # noqa: PLC0415

    column = arrow.FixedSizeListArray.from_arrays(arrow.array(vectors.ravel()), vectors.shape[1])
    rows = arrow.table({"id": arrow.array(range(len(vectors))), "vector": column})
    table = lancedb.connect(folder / "lance").create_table("stories", rows)
    return lambda query: table.search(query).metric("cosine").limit(COUNT).select(["id", "_distance"]).to_arrow()


def qdrant(vectors: Any, _folder: Path) -> Ask:
    from qdrant_client import QdrantClient, models  # noqa: PLC0415

    client = QdrantClient(":memory:")
    distance = models.VectorParams(size=vectors.shape[1], distance=models.Distance.COSINE)
    client.create_collection("stories", vectors_config=distance)
    client.upload_collection("stories", vectors=vectors, ids=range(len(vectors)))
    return lambda query: client.query_points("stories", query=query, limit=COUNT)


def main(name: str, folder: Path) -> None:
    vectors, queries = np.load(folder / "vectors.npy"), np.load(folder / "queries.npy")
    ask = {"chromadb": chromadb, "lancedb": lancedb, "qdrant-client": qdrant}[name](vectors, folder)
    durations = []
    for query in (*queries[:5], *queries[:_ROUNDS]):
        started = time.perf_counter()
        ask(query)
        durations.append(time.perf_counter() - started)
    print(json.dumps({"seconds": statistics.median(durations[5:])}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

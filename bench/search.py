"""Measures search by the size of the corpus: Lambda against legacy, its own components, and vector databases."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from backend_clients.settings import REPOSITORY
from bench import search_cloud
from bench.search_worker import LEGACY_UP_TO
from bench.timing import MILLISECOND, Finding, budgeted, shown

SIZES: Final = (114, 10_000, 100_000)
PARTS_RATIO: Final = 2.0
LEGACY_RATIO: Final = 50.0
FILTERED_BUDGET: Final = 5 * MILLISECOND
LOOPBACK_BUDGET: Final = 1.3 * MILLISECOND
COLD_BUDGET: Final = 2.0
LINEAR_RATIO: Final = 1.5  # processor seconds a story at the largest size over those at the size before it
PEERS: Final = ("chromadb", "lancedb", "qdrant-client")
_PEER_PYTHON: Final = REPOSITORY / ".venv-bench" / "bin" / "python"
_PEER_SECONDS: Final = 1200
# As the functions' template has it.
_ENVIRONMENT: Final = {"OPENBLAS_NUM_THREADS": "1"}


def measure() -> list[Finding]:
    with tempfile.TemporaryDirectory(prefix="bench-search-") as folder:
        files = {size: Path(folder) / f"index-{size}.safetensors" for size in SIZES}
        findings = _built(files)
        for size, file in files.items():
            findings += [*_asked(size, file), *_peers(size, file)]
        overhead = search_cloud.over_loopback(files[SIZES[0]])
        findings.append(budgeted("hybrid through the local cloud, more than in-process", overhead, LOOPBACK_BUDGET))
        return findings + _cold(SIZES[-1], files[SIZES[-1]])


def _built(files: dict[int, Path]) -> list[Finding]:
    findings, each = [], []
    for size, file in files.items():
        made = _run("build", size, file)
        each.append(made["worked"] / size)
        memory, index = made["peak"] / 1e6, made["bytes"] / 1e6
        findings.append(
            Finding(
                f"index of {size:,} stories: {index:,.0f} MB, {memory:,.0f} MB of memory at its peak",
                f"{made['seconds']:,.1f} s",
            )
        )
    ratio = each[-1] / each[-2]
    name = f"processor time of building, a story, {SIZES[-1]:,} stories over {SIZES[-2]:,}"
    return [*findings, Finding(name, f"{ratio:.2f}x", f"≤ {LINEAR_RATIO}x", ratio <= LINEAR_RATIO)]


def _asked(size: int, file: Path) -> list[Finding]:
    found = _run("ask", size, file)
    seconds: dict[str, float] = found["seconds"]
    label = f"{size:,} stories"
    findings = [Finding(f"memory of the index in use, {label}", f"{found['loaded'] / 1e6:,.0f} MB")]
    for name in ("semantic", "keyword", "hybrid", "bm25s"):
        findings.append(Finding(f"{name}, {label}", shown(seconds[name])))
    ratio = seconds["hybrid"] / seconds["parts"]
    parts = f"hybrid over embedding + numpy cosine + postings ({shown(seconds['parts'])}), {label}"
    findings.append(Finding(parts, f"{ratio:.2f}x", f"≤ {PARTS_RATIO}x", ratio <= PARTS_RATIO))
    filtered = f"hybrid with filters and facets, {label}"
    budget = size == SIZES[-1]
    findings.append(
        budgeted(filtered, seconds["hybrid, filtered"], FILTERED_BUDGET)
        if budget
        else Finding(filtered, shown(seconds["hybrid, filtered"]))
    )
    return findings + _against_legacy(size, seconds)


def _against_legacy(size: int, seconds: dict[str, float]) -> list[Finding]:
    if size > LEGACY_UP_TO:
        return [Finding(f"legacy, {size:,} stories", f"not asked: measured up to {LEGACY_UP_TO:,}")]
    findings = []
    for kind in ("semantic", "keyword", "hybrid"):
        legacy = seconds[f"legacy {kind}"]
        ratio = legacy / seconds[kind]
        name = f"{kind}, {size:,} stories: legacy {shown(legacy)}, lambda {shown(seconds[kind])}"
        promised = kind == "keyword" and size == LEGACY_UP_TO
        findings.append(
            Finding(name, f"{ratio:,.0f}x faster", f"≥ {LEGACY_RATIO:.0f}x", ratio >= LEGACY_RATIO)
            if promised
            else Finding(name, f"{ratio:,.0f}x faster")
        )
    return findings


def _peers(size: int, file: Path) -> list[Finding]:
    """Measure vector databases on the hundred nearest vectors: embedded queries, without words, facets or cards."""
    if not _PEER_PYTHON.exists():
        return [Finding(f"{name}, {size:,} vectors", "not installed: `make bench` installs it") for name in PEERS]
    with tempfile.TemporaryDirectory(prefix="bench-peers-") as folder:
        _run("vectors", file, folder)
        return [Finding(f"{name}, {size:,} vectors, nearest 100 alone", _peer(name, folder)) for name in PEERS]


def _peer(name: str, folder: str) -> str:
    command = [str(_PEER_PYTHON), str(Path(__file__).with_name("vector_databases.py")), name, folder]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PEER_SECONDS, check=True)
    except subprocess.TimeoutExpired:
        return f"gave up after {_PEER_SECONDS} s"
    except subprocess.CalledProcessError as error:
        missing = "ModuleNotFoundError" in error.stderr
        return "not installed: `make bench` installs it" if missing else f"failed: {error.stderr.strip()[-120:]}"
    return shown(json.loads(done.stdout.splitlines()[-1])["seconds"])


def _cold(size: int, file: Path) -> list[Finding]:
    found = search_cloud.cold_starts(file)
    label = f"cold start to the first answer, {size:,} stories,"
    on_disk = "with the index on its disk"
    return [
        Finding(f"{label} fetching the index", f"{found['fetching the index']:.2f} s"),
        Finding(
            f"{label} {on_disk}", f"{found[on_disk]:.2f} s", f"≤ {COLD_BUDGET:.0f} s", found[on_disk] <= COLD_BUDGET
        ),
    ]


def _run(*given: object) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.search_worker", *map(str, given)]
    done = subprocess.run(
        command, cwd=REPOSITORY, env={**os.environ, **_ENVIRONMENT}, stdout=subprocess.PIPE, text=True, check=True
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result

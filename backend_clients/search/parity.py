"""What counts as equal between the two sides of search: gate, candidates, scores, order, payload."""

from typing import Any

from backend_clients.routing.comparison import TOLERANCE, Layers
from contracts.search import SearchResult


def result_layers(answer: SearchResult) -> Layers:
    view = answer.model_dump(mode="json")
    hits = view["hits"]
    return {
        "gate": [view["gate"], view["degraded"]],
        "candidates": [view["total"], view["suppressed"], view["without_filters"], view["facets"]],
        "scores": [[hit["score"], hit["semantic"], hit["keyword"], hit["named"]] for hit in hits],
        "order": _tied_groups(hits),
        "payload": {hit["card"]["id"]: hit["card"] for hit in hits},
    }


def _tied_groups(hits: list[dict[str, Any]]) -> list[list[str]]:
    """Ids in order of score; those whose scores differ by less than the tolerance form one group, sorted by id."""
    groups: list[list[str]] = []
    last = None
    for hit in hits:
        if last is not None and last - hit["score"] <= TOLERANCE:
            groups[-1].append(hit["card"]["id"])
        else:
            groups.append([hit["card"]["id"]])
        last = hit["score"]
    return [sorted(group) for group in groups]

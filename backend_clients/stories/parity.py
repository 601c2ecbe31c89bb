"""Comparison layers of stories answers, in the order in which differences are reported."""

from backend_clients.routing.comparison import Layers
from contracts.stories import RelatedStories, StoryBatch, StoryDetail, StoryList


def list_layers(answer: StoryList) -> Layers:
    view = answer.model_dump(mode="json")
    return {
        "total": [view["total"], view["first_start"], view["last_end"]],
        "order": [card["id"] for card in view["cards"]],
        "facets": view["facets"],
        "payload": view["cards"],
    }


def detail_layers(answer: StoryDetail) -> Layers:
    view = answer.model_dump(mode="json")
    return {
        "story": view["story"],
        "metrics": view["metrics"],
        "payload": [view["summary"], view["integrity"]],
    }


def batch_layers(answer: StoryBatch) -> Layers:
    view = answer.model_dump(mode="json")
    return {
        "found": [content["story"]["id"] for content in view["stories"]],
        "left_out": [view["missing"], view["unprocessed"]],
        "payload": view["stories"],
    }


def related_layers(answer: RelatedStories) -> Layers:
    related = answer.model_dump(mode="json")["related"]
    return {
        "order": [item["card"]["id"] for item in related],
        "scores": [item["score"] for item in related],
        "payload": related,
    }

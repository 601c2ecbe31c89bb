"""Comparison layers of industries answers."""

from backend_clients.routing.comparison import Layers
from contracts.industries import IndustryCategories, IndustryDetail, IndustryList


def list_layers(answer: IndustryList) -> Layers:
    view = answer.model_dump(mode="json")
    return {"industries": view["industries"], "competencies": view["competencies"]}


def detail_layers(answer: IndustryDetail) -> Layers:
    view = answer.model_dump(mode="json", exclude={"corpus_version", "code_version"})
    return {
        "figures": [view[key] for key in ("name", "slug", "stories", "first_year", "last_year", "metrics")],
        "clients": view["clients"],
        "payload": view["strongest"],
    }


def categories_layers(answer: IndustryCategories) -> Layers:
    view = answer.model_dump(mode="json")
    return {
        "order": [group["name"] for group in view["categories"]],
        "payload": [view["name"], view["slug"], view["categories"]],
    }

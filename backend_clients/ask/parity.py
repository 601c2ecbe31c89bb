"""What counts as equal between the two sides of ask, in the order in which an answer comes about."""

from backend_clients.routing.comparison import Layers
from contracts.ask import EXTRACTIVE, Answer, History, Reranked


def answer_layers(answer: Answer) -> Layers:
    """Text counts where no model wrote it. A model's answer leaves the text out on both sides."""
    view = answer.model_dump(mode="json")
    trace = view["trace"]
    written = trace["model"] not in ("", EXTRACTIVE)
    return {
        "gate": view["gate"],
        "retrieved": [trace["query"], trace["retrieved"]],
        "ranked": trace["ranked"],
        "prompt": trace["prompt_hash"],
        "modes": view["modes"],
        "citations": [view["sources"], view["mode"]],
        "text": None if written else view["answer"],
    }


def reranked_layers(answer: Reranked) -> Layers:
    return {"ranked": answer.model_dump(mode="json")["ranked"]}


def history_layers(answer: History) -> Layers:
    view = answer.model_dump(mode="json")
    return {"turns": view["turns"], "cursor": view["next_before"]}

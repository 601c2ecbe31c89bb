"""What counts as equal between the two sides of ask, in the order in which an answer comes about."""

import hashlib

from backend_clients.routing.comparison import Layers
from contracts.ask import EXTRACTIVE, Answer, Reranked
from contracts.conversations import History
from contracts.role_match import RoleMatch


def answer_layers(answer: Answer) -> Layers:
    """Text counts where no model wrote it.

    Composed text stands in the modes already; here it says no more than that, as does a model's, so that either side
    may have asked a model.
    """
    view = answer.model_dump(mode="json")
    trace = view["trace"]
    written = trace["model"] not in ("", EXTRACTIVE)
    composed = view["answer"] == view["modes"][view["mode"]]
    return {
        "gate": view["gate"],
        "retrieved": [trace["query"], trace["retrieved"]],
        "ranked": trace["ranked"],
        "prompt": trace["prompt_hash"],
        "modes": view["modes"],
        "citations": [view["sources"], view["mode"]],
        "text": None if written or composed else view["answer"],
    }


def reranked_layers(answer: Reranked) -> Layers:
    return {"ranked": answer.model_dump(mode="json")["ranked"]}


def role_match_layers(answer: RoleMatch) -> Layers:
    """The job description's own words are hashed, since a layer may be recorded."""
    found = answer.requirements
    return {
        "requirements": [[_digest(one.text), one.is_required] for one in found],
        "strength": [one.strength.value for one in found],
        "evidence": [[[shown.story_id, shown.sentence] for shown in one.evidence] for one in found],
        "notes": [[len(one.missing), _digest(*one.missing), one.note] for one in found],
        "summary": [answer.summary, *map(_digest, answer.discussion_points)],
    }


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def history_layers(answer: History) -> Layers:
    view = answer.model_dump(mode="json")
    return {"turns": view["turns"], "verdicts": view["verdicts"], "cursor": view["next_before"]}

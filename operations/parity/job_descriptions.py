"""Derives job descriptions from the loaded corpus, reproducibly by the random generator given."""

import random
from typing import Final

from backend_clients.corpus.corpus import Corpus
from contracts.role_match import FEWEST_WORDS, MAX_DESCRIPTION, MatchRequest
from contracts.rules.questions.interview_questions import printable

_FORMS: Final = (
    "Experience with {tag}",
    "5+ years of {tag} or {other_tag}",
    "Hands-on knowledge of {tag}, {other_tag} and Rust",
    "Background in {industry}",
    "{capability}",
    "You have worked with {client}",
    "Led teams of {role}s",
    "{sentence}",
    "Excellent communication skills",
    "A degree in computer science or equivalent",
    "AWS certification preferred",
    "Willing to travel up to 20%",
    "Ability to fly a seaplane; night shifts",
)
_REQUIRED: Final = ("Requirements", "**What you bring**", "MUST HAVE:", "Who you are", "")
_PREFERRED: Final = ("Nice to have:", "## Bonus points", "Preferred qualifications")
_BULLETS: Final = ("- ", "\u2022\t", "* ", "1. ", "")
_FILLER: Final = (
    "We offer a salary, paid leave and a pension to all who join us and value curiosity, kindness and rest. "
)


def job_description(corpus: Corpus, rng: random.Random) -> MatchRequest:
    """A job description with a few requirements that the corpus shows, or not."""
    required = [_point(corpus, rng) for _ in range(rng.randint(0, 8))]
    preferred = [_point(corpus, rng) for _ in range(rng.randint(0, 3))]
    bullet = rng.choice(_BULLETS)
    lines = [rng.choice(_REQUIRED), *(bullet + point for point in required)]
    lines += [rng.choice(_PREFERRED), *(bullet + point for point in preferred), "", "What we offer", _FILLER * 2]
    text = rng.choice(("\n", "\r\n")).join(lines)[:MAX_DESCRIPTION]
    missing = max(0, FEWEST_WORDS - len(text.split()))
    return MatchRequest(description=text + " rest" * missing)


def _point(corpus: Corpus, rng: random.Random) -> str:
    story, other = rng.choice(corpus.stories), rng.choice(corpus.stories)
    lines = [*story.action, *story.result] or [story.title]
    filled = rng.choice(_FORMS).format(
        tag=rng.choice(story.tags or ("Java",)),
        other_tag=rng.choice(other.tags or ("Go",)),
        industry=story.industry,
        capability=story.capability,
        client=story.client,
        role=story.role or "engineer",
        sentence=rng.choice(lines),
    )
    return printable(filled)[:600]

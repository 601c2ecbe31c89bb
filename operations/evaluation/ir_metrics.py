"""Judged queries, and the measures of a ranking."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from contracts.rules.questions.interview_questions import interview_questions
from contracts.search import MAX_QUERY, SearchRequest
from contracts.story import LIST_KEYS, TEXT_KEYS, Story

CUT: Final = 10
GRADES: Final = (1, 2, 3)
_LEAST_QUOTED: Final = 4  # words of a question that another field is taken to quote
_QUOTING: Final = (TEXT_KEYS.keys() | LIST_KEYS.keys()) - {"title", "interview_questions"}

Rankings = Sequence[tuple[Mapping[str, int], Sequence[str]]]


class QueryFileError(ValueError):
    """The file of judged queries cannot be used; the message names the file and the query."""


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query and the grade (1 to 3) of each relevant story; a story that is not named is irrelevant."""

    text: str
    grades: Mapping[str, int]


def read_queries(path: Path, known: frozenset[str]) -> list[JudgedQuery]:
    """Read a YAML file with `queries`: each a `query` and `relevant`, a mapping from story id to grade."""
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise QueryFileError(f"{path}: cannot read the queries: {error}") from error
    rows = document.get("queries") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise QueryFileError(f"{path}: holds no list `queries`")
    return [_judged(path, number, row, known) for number, row in enumerate(rows, start=1)]


def queries_from_interviews(stories: Sequence[Story]) -> list[JudgedQuery]:
    """Each interview question as a query for its stories, cut to the maximum length of a query."""
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for story in stories:
        for question in interview_questions(story):
            grades[question[:MAX_QUERY]][story.id] = GRADES[-1]
    return [JudgedQuery(question, found) for question, found in grades.items()]


def without_interview_questions(story: Story) -> Story:
    """Remove a story's interview questions, also where another field such as `content` quotes one."""
    asked = sorted((question.split() for question in interview_questions(story)), key=len, reverse=True)
    patterns = [r"\s+".join(map(re.escape, words)) for words in asked if len(words) >= _LEAST_QUOTED]
    changes: dict[str, Any] = {"interview_questions": ()}
    if patterns:
        quoted = re.compile("|".join(patterns), re.IGNORECASE)
        for field in _QUOTING:
            value = getattr(story, field)
            changes[field] = (
                quoted.sub("", value) if isinstance(value, str) else tuple(quoted.sub("", line) for line in value)
            )
    return story.model_copy(update=changes)


def measures(rankings: Rankings) -> dict[str, float]:
    """Means over the queries that have a relevant story, given grades and ranked ids of each.

    MRR@10 is the reciprocal rank of the first relevant story (Voorhees, TREC-8); recall@k the share of the relevant
    stories among the first k; nDCG@10 uses gains 2^grade - 1 and discounts log2(rank + 1) (Burges et al., 2005).
    """
    judged = [(grades, ranked) for grades, ranked in rankings if grades]
    if not judged:
        return {"mrr@10": 0.0, "recall@5": 0.0, "recall@10": 0.0, "ndcg@10": 0.0}
    return {
        "mrr@10": _mean(_reciprocal_rank(grades, ranked) for grades, ranked in judged),
        "recall@5": _mean(_recall(grades, ranked, 5) for grades, ranked in judged),
        "recall@10": _mean(_recall(grades, ranked, CUT) for grades, ranked in judged),
        "ndcg@10": _mean(_ndcg(grades, ranked) for grades, ranked in judged),
    }


def _judged(path: Path, number: int, row: Any, known: frozenset[str]) -> JudgedQuery:
    where = f"{path}: query {number}"
    if not isinstance(row, dict) or not isinstance(row.get("query"), str):
        raise QueryFileError(f"{where}: wants a string `query`")
    try:
        query = SearchRequest(query=row["query"]).query
    except ValidationError as error:
        said = f"wants a `query` of 1 to {MAX_QUERY} characters, not all blank and without control characters"
        raise QueryFileError(f"{where}: {said}") from error
    grades = row.get("relevant")
    if not isinstance(grades, dict):
        raise QueryFileError(f"{where}: wants a mapping `relevant`")
    for story_id, grade in grades.items():
        if story_id not in known:
            raise QueryFileError(f"{where}: there is no story {story_id!r}")
        if type(grade) is not int or grade not in GRADES:
            raise QueryFileError(f"{where}: the grade of {story_id!r} is {grade!r}, not 1, 2 or 3")
    return JudgedQuery(query, grades)


def _reciprocal_rank(grades: Mapping[str, int], ranked: Sequence[str]) -> float:
    return next((1.0 / rank for rank, found in enumerate(ranked[:CUT], start=1) if found in grades), 0.0)


def _recall(grades: Mapping[str, int], ranked: Sequence[str], cut: int) -> float:
    return sum(found in grades for found in ranked[:cut]) / len(grades)


def _ndcg(grades: Mapping[str, int], ranked: Sequence[str]) -> float:
    ideal = _dcg(sorted(grades.values(), reverse=True)[:CUT])
    return _dcg([grades.get(found, 0) for found in ranked[:CUT]]) / ideal


def _dcg(gains: Sequence[int]) -> float:
    return sum((2.0**grade - 1.0) / math.log2(rank + 1) for rank, grade in enumerate(gains, start=1))


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return round(sum(listed) / len(listed), 4)

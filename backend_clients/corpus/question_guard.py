"""The gate: which questions are refused, why, and what to ask instead."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from backend_clients.corpus.corpus import Corpus
from contracts.rules.tokens import token_set, tokens
from contracts.search import LOW_CONFIDENCE_OVERLAP, LOW_OVERLAP, MAX_SUGGESTIONS, GuardDecision


class NonsenseRuleError(ValueError):
    """A rule that cannot be used; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class NonsenseRule:
    category: str
    pattern: re.Pattern[str]


def load_rules(path: Path) -> tuple[NonsenseRule, ...]:
    """Read one rule a line: an object with `category` and `pattern`."""
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise NonsenseRuleError(f"{path}: cannot read the nonsense rules: {error}") from error
    rules: list[NonsenseRule] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            rule = _rule(line)
        except ValueError as error:
            raise NonsenseRuleError(f"{path}: line {number}: {error}") from error
        if any(rule.pattern.pattern == earlier.pattern.pattern for earlier in rules):
            raise NonsenseRuleError(f"{path}: line {number}: repeats an earlier pattern")
        rules.append(rule)
    return tuple(rules)


class QuestionGuard:
    """Decides by the rules, and by how much of a question's vocabulary the corpus knows."""

    def __init__(self, corpus: Corpus, rules: tuple[NonsenseRule, ...]) -> None:
        self._rules = rules
        self._known = token_set(text for story in corpus.stories for text in story.texts())
        self._suggestions = _suggestions(corpus)

    def overlap(self, question: str) -> float:
        """Share of the question's distinct tokens that the corpus knows; 0 if it has none."""
        asked = set(tokens(question))
        return len(asked & self._known) / len(asked) if asked else 0.0

    def by_rule(self, question: str) -> GuardDecision:
        """Refuse by the first rule that matches."""
        for rule in self._rules:
            if rule.pattern.search(question):
                return self._refusal(f"rule:{rule.category}")
        return GuardDecision()

    def guard_candidates(self, question: str, *, any_candidates: bool, suppressed: bool) -> GuardDecision:
        """Refuse what found nothing, or nothing close, and is made of words that the corpus does not know."""
        overlap = self.overlap(question)
        if not any_candidates and overlap < LOW_OVERLAP:
            return self._refusal("low_overlap")
        if suppressed and overlap < LOW_CONFIDENCE_OVERLAP:
            return self._refusal("low_confidence")
        return GuardDecision()

    def _refusal(self, reason: str) -> GuardDecision:
        return GuardDecision(passed=False, reason=reason, suggestions=self._suggestions)


def _rule(line: str) -> NonsenseRule:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(row, dict) or not isinstance(row.get("category"), str) or not isinstance(row.get("pattern"), str):
        raise ValueError("wants an object with the strings `category` and `pattern`")
    if not row["category"].strip() or not row["pattern"]:
        raise ValueError("`category` and `pattern` must not be empty")
    try:
        return NonsenseRule(row["category"], re.compile(row["pattern"], re.IGNORECASE))
    except re.error as error:
        raise ValueError(f"pattern {row['pattern']!r}: {error}") from error


def _suggestions(corpus: Corpus) -> tuple[str, ...]:
    """Questions about what the corpus has most of: three capabilities and an industry, fewer if it has fewer."""
    stories = [story for story in corpus.stories if not story.is_narrative]
    capabilities = _most_common(story.capability for story in stories)
    industries = _most_common(story.industry for story in stories)
    questions = [f"Which projects involved {name}?" for name in capabilities[:3]]
    questions += [f"Which results stand out in {name}?" for name in industries]
    return tuple(questions[:MAX_SUGGESTIONS])


def _most_common(values: Iterable[str]) -> list[str]:
    counts = Counter(value for value in values if value)
    return sorted(counts, key=lambda value: (-counts[value], value))

"""The gate: which questions are refused, why, and what to ask instead."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend_clients.corpus.corpus import Corpus
from backend_clients.corpus.summaries import card_of
from contracts.rules.guard.corpus_terms import corpus_terms, own_question
from contracts.rules.guard.personal import personal_answer, personal_topic
from contracts.rules.guard.profile_answers import profile_answer
from contracts.rules.guard.profile_questions import profile_fact
from contracts.rules.guard.topics import NOTHING_CLOSE, quotable, says_nothing, topic_of, unknown_answer
from contracts.search import CLOSE_COSINE, MAX_SUGGESTIONS, GuardDecision
from contracts.story import Story


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
    """Decides by the rules, by the profile, and by whether the stories mention what a question is about."""

    def __init__(self, corpus: Corpus, rules: tuple[NonsenseRule, ...]) -> None:
        self._rules = rules
        self._facts = corpus.facts
        self._terms = corpus_terms(corpus.stories, corpus.facts)
        self._suggestions = _suggestions(corpus)

    def before_search(self, question: str, *, suggested: bool = False) -> GuardDecision:
        """Decide what needs no search. The rules are not for questions that the stories suggest themselves."""
        trusted = self.trusts(question, suggested=suggested)
        for rule in self._rules:
            if not trusted and rule.pattern.search(question):
                return self._refusal(f"rule:{rule.category}")
        if topic := personal_topic(question, self._facts):
            return self._refusal("personal", personal_answer(topic, self._facts))
        if fact := profile_fact(question, self._facts):
            return self._refusal(f"profile:{fact}", profile_answer(fact, self._facts))
        return GuardDecision()

    def trusts(self, question: str, *, suggested: bool) -> bool:
        """Whether a question said to be suggested is: an interview question or the title of a story, word for word."""
        return suggested and own_question(question) in self._terms

    def after_search(
        self, question: str, nearest: Story | None, closest: float | None, *, suppressed: bool
    ) -> GuardDecision:
        """Refuse what is about something that no story mentions, or that nothing comes close to.

        Parameters
        ----------
        nearest
            The best story found, if any.
        closest
            Its likeness in meaning to the question; None where that is not compared.
        """
        topic = topic_of(question, self._facts, self._mentions)
        is_close = closest is None or closest >= CLOSE_COSINE
        if topic.is_unknown or (topic.is_mostly_unknown and not is_close):
            named = card_of(nearest) if nearest and not suppressed else None
            answer = unknown_answer(topic, named)
            return self._refusal("unknown_topic", answer).model_copy(update={"unknown": quotable(topic.unknown)})
        if (suppressed or nearest is None) and says_nothing(question):
            return self._refusal("low_confidence", NOTHING_CLOSE)
        return GuardDecision(unknown=quotable(topic.unknown))

    def _mentions(self, terms: Sequence[str]) -> list[bool]:
        return [term in self._terms for term in terms]

    def _refusal(self, reason: str, answer: str = "") -> GuardDecision:
        return GuardDecision(passed=False, reason=reason, answer=answer, suggestions=self._suggestions)


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

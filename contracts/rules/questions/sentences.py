"""Sentences of a text, and how near each comes to a question by the stems they share."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from contracts.rules.questions.generic_words import FUNCTION_WORDS, stem, topic_words, words

_ENDS: Final = re.compile(r"(?<=[.!?…])[\"')\]\u201d\u2019\u00bb]*\s+(?=[\"'(\[\u201c\u2018\u00ab]?[A-Z0-9$€£])")
_ABBREVIATION: Final = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|no|vs|etc|inc|ltd|co|corp|jr|sr|dept|approx|e\.g|i\.e|cf|fig|a\.m|p\.m)|\b[A-Za-z]|\b(?:[A-Z]\.)+[A-Z])\.$",
    re.IGNORECASE,
)
_NEARLY: Final = 0.45  # of the best sentence's score: what comes less near adds little


def split_sentences(text: str) -> list[str]:
    """The sentences of a text; an abbreviation or an initial ends none."""
    found: list[str] = []
    begin = 0
    for match in _ENDS.finditer(text):
        so_far = text[begin : match.start()]
        if not _ABBREVIATION.search(so_far):
            found.append(text[begin : match.end()].strip())
            begin = match.end()
    found.append(text[begin:].strip())
    return [sentence for sentence in found if sentence]


def question_stems(question: str) -> frozenset[str]:
    """The stems that say what a question is about."""
    return frozenset(stem(word) for word in topic_words(question))


def nearness(question: str, sentences: Sequence[str]) -> list[float]:
    """How near each sentence comes to a question: the stems they share, rare ones counting more, by length."""
    wanted = question_stems(question)
    stems_by_sentence = [
        {stem(word) for word in words(sentence) if word not in FUNCTION_WORDS} for sentence in sentences
    ]
    frequency = Counter(item for stems_of in stems_by_sentence for item in stems_of)
    weights = {
        item: math.log(1 + (len(stems_by_sentence) + 1) / frequency[item]) for item in wanted if item in frequency
    }
    return [
        round(sum(weights[item] for item in sorted(wanted & stems_of)) / (1 + math.log(1 + len(stems_of)) / 4), 6)
        for stems_of in stems_by_sentence
    ]


def nearest_sentences(question: str, sentences: Sequence[str], count: int) -> list[int]:
    """Places of the sentences nearest to a question, in reading order; empty where none shares a word with it."""
    scores = nearness(question, sentences)
    best = max(scores, default=0.0)
    ranked = sorted((place for place, score in enumerate(scores) if score > 0), key=lambda place: -scores[place])
    return sorted(place for place in ranked[:count] if scores[place] >= _NEARLY * best)


def shared_stems(question: str, texts: Iterable[str]) -> frozenset[str]:
    """The stems of a question that some texts hold."""
    wanted = question_stems(question)
    return wanted & {stem(word) for text in texts for word in words(text)}

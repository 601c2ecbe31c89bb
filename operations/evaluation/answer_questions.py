"""Questions with what an answer must cite and say, read from YAML."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Self

import yaml
from pydantic import AfterValidator, Field, ValidationError, model_validator

from contracts.ask import Question
from contracts.base import Contract
from contracts.story import Story

_SHOWN: Final = 60


class QuestionKind(StrEnum):
    CLIENT = "client"
    LIST = "list"
    COUNT = "count"
    DURATION = "duration"
    COMPARE = "compare"
    YES_NO = "yes_no"
    EXPERIENCE = "experience"
    WHAT_HOW = "what_how"
    SUMMARISE = "summarise"
    FOLLOW_UP = "follow_up"
    UNANSWERABLE = "unanswerable"
    PERSONAL = "personal"
    PROFILE = "profile"
    PARAPHRASE = "paraphrase"


class QuestionFileError(ValueError):
    """The file of questions cannot be used; the message names the file and the entry."""


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]


class AnswerQuestion(Contract):
    """A question, asked after those of `after` in one conversation, and what its answer must hold.

    sources : at least one of these stories is cited
    clients : each of these is cited, and no other client is
    must_say, must_not_say : regular expressions, case ignored, over the answer's text
    no_sources : no story is cited
    reason : regular expression with which the guard's reason begins; "" where the question passes
    """

    kind: QuestionKind
    ask: Question
    after: tuple[Question, ...] = ()
    sources: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    must_say: tuple[Pattern, ...] = ()
    must_not_say: tuple[Pattern, ...] = ()
    no_sources: bool = False
    reason: Pattern | None = None

    @model_validator(mode="after")
    def _checks_something(self) -> Self:
        cites = bool(self.sources or self.clients)
        if cites and self.no_sources:
            raise ValueError("cannot want sources and no sources")
        if not (cites or self.no_sources or self.must_say or self.must_not_say or self.reason is not None):
            raise ValueError("checks nothing: give sources, clients, must_say, must_not_say, no_sources or reason")
        if (self.kind is QuestionKind.FOLLOW_UP) != bool(self.after):
            raise ValueError("`after` goes with the kind follow_up")
        return self


class QuestionFile(Contract):
    questions: Annotated[tuple[AnswerQuestion, ...], Field(min_length=1)]


def read_questions(path: Path, stories: Sequence[Story]) -> tuple[AnswerQuestion, ...]:
    """Read a YAML file with `questions`, whose stories and clients are those of the corpus.

    Raises
    ------
    QuestionFileError
        The file cannot be read, or an entry is wrong: the message names each entry by number and question.
    """
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise QuestionFileError(f"{path}: cannot read the questions: {error}") from error
    try:
        questions = QuestionFile.model_validate(document).questions
    except ValidationError as error:
        raise QuestionFileError("\n".join(f"{path}: {text}" for text in _problems(document, error))) from error
    ids, clients = {story.id for story in stories}, {story.client for story in stories}
    unknown = [
        f"{path}: {_named(number, question.ask)}: there is no story or client {name!r}"
        for number, question in enumerate(questions, start=1)
        for name in sorted({*question.sources} - ids | {*question.clients} - clients)
    ]
    if unknown:
        raise QuestionFileError("\n".join(unknown))
    return questions


def _problems(document: Any, error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False):
        message = problem["msg"].removeprefix("Value error, ")
        match problem["loc"]:
            case ("questions", int(index), *field):
                entry = document["questions"][index]
                asked = entry.get("ask", "") if isinstance(entry, dict) else entry
                path = "".join(f": {name}" for name in field)
                yield f"{_named(index + 1, str(asked))}{path}: {message}"
            case _:
                yield f"wants a list `questions`: {message}"


def _named(number: int, asked: str) -> str:
    return f"entry {number} ({asked if len(asked) <= _SHOWN else f'{asked[: _SHOWN - 1]}…'})"

"""Asks the questions in-process and checks citations and text of the answers."""

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from backend_clients.bootstrap import Clients, build_clients
from backend_clients.routed import Origin
from backend_clients.settings import Settings
from contracts.ask import Answer, AskRequest
from contracts.conversations import Turn
from contracts.rules.questions.interview_questions import interview_questions
from contracts.story import Story
from operations.evaluation.answer_questions import AnswerQuestion, QuestionKind

_MARKUP: Final = re.compile(r"\\(?=[^\w\s])|\*\*|\u2060")
_SESSION: Final = "evaluation-session"

Ask = Callable[[AskRequest], Answer]


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """A question with its answer's text, its cited stories, and the failed checks."""

    question: AnswerQuestion
    answer: str
    cited: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerReport:
    """The checked answers, and the interview questions and suggested questions refused or without a source."""

    checked: tuple[CheckedAnswer, ...]
    interview_questions: int
    refused: tuple[str, ...]
    suggested: tuple[str, ...]
    refused_suggestions: tuple[str, ...]

    def passed(self) -> dict[QuestionKind, tuple[int, int]]:
        """Passed and total answers by kind."""
        kinds = {item.question.kind for item in self.checked}
        of_kind = {kind: [item for item in self.checked if item.question.kind is kind] for kind in QuestionKind}
        return {
            kind: (sum(not item.problems for item in of_kind[kind]), len(of_kind[kind]))
            for kind in QuestionKind
            if kind in kinds
        }

    @property
    def false_refusal_rate(self) -> float:
        return round(len(self.refused) / self.interview_questions, 4) if self.interview_questions else 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "kinds": {kind.value: {"passed": good, "total": total} for kind, (good, total) in self.passed().items()},
            "failures": [
                {"kind": item.question.kind.value, "ask": item.question.ask, "problems": list(item.problems)}
                for item in self.checked
                if item.problems
            ],
            "interview_questions": self.interview_questions,
            "false_refusal_rate": self.false_refusal_rate,
            "refused": list(self.refused),
            "suggested": list(self.suggested),
            "refused_suggestions": list(self.refused_suggestions),
        }


def check_answers(settings: Settings, questions: Sequence[AnswerQuestion]) -> AnswerReport:
    """Ask the legacy side, in-process and without providers; the conversations go when it is done.

    Raises what `build_clients` does.
    """
    with _clients(settings) as clients:
        visitor = _Visitor(clients)
        checked = tuple(visitor.check(question) for question in questions)
        asked = list(dict.fromkeys(text for story in clients.corpus.stories for text in interview_questions(story)))
        refused = visitor.refused(asked)
        suggested = clients.suggested_questions
        return AnswerReport(checked, len(asked), refused, suggested, visitor.refused(suggested))


class _Visitor:
    """Asks in a new conversation each time."""

    def __init__(self, clients: Clients) -> None:
        generate = next(item for item in clients.operations("ask") if item.name == "generate")
        if generate.legacy is None:
            raise ValueError("ask has no legacy side to evaluate")
        self._generate: Ask = generate.legacy
        self._conversations = clients.conversation_sides[Origin.LEGACY]
        self._stories = clients.corpus.by_id
        self._sessions = 0

    def check(self, question: AnswerQuestion) -> CheckedAnswer:
        answer = self.ask([*question.after, question.ask])
        text = _MARKUP.sub("", answer.answer)
        problems = tuple(problems_of(question, answer, text, self._stories))
        return CheckedAnswer(question, text, tuple(source.id for source in answer.sources), problems)

    def refused(self, questions: Sequence[str]) -> tuple[str, ...]:
        """Those of the questions that are declined, or answered without a source."""
        return tuple(text for text in questions if not _is_answered(self.ask([text])))

    def ask(self, questions: Sequence[str]) -> Answer:
        """The answer to the last of the questions; those before are kept as turns of its conversation."""
        self._sessions += 1
        session = f"{_SESSION}-{self._sessions:06d}"
        for number, asked in enumerate(questions, start=1):
            request = AskRequest(question=asked, session_id=session, turn_id=f"{session}-{number:03d}")
            answer = self._generate(request)
            if number < len(questions):
                self._conversations.append(_turn(request, answer, number))
        return answer


def problems_of(question: AnswerQuestion, answer: Answer, text: str, stories: Mapping[str, Story]) -> Iterator[str]:
    """The checks that an answer fails, in words."""
    cited = [source.id for source in answer.sources]
    if question.no_sources and cited:
        yield f"cites {', '.join(cited)}"
    if question.sources and not {*question.sources}.intersection(cited):
        yield f"cites none of {', '.join(question.sources)} but {', '.join(cited) or 'nothing'}"
    if question.clients:
        clients = {stories[story_id].client for story_id in cited}
        if missing := sorted({*question.clients} - clients):
            yield f"cites nothing of {', '.join(missing)}"
        if others := sorted(clients - {*question.clients}):
            yield f"cites {', '.join(others)} too"
    if question.reason is not None and not _has_reason(answer.gate.reason, question.reason):
        yield f"the guard's reason is {answer.gate.reason!r}, not {question.reason!r}"
    yield from (f"does not say {said!r}" for said in question.must_say if not _says(text, said))
    yield from (f"says {said!r}" for said in question.must_not_say if _says(text, said))


def _has_reason(reason: str, wanted: str) -> bool:
    return re.match(wanted, reason) is not None if wanted else not reason


def _says(text: str, pattern: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


def _is_answered(answer: Answer) -> bool:
    return answer.gate.passed and bool(answer.sources)


def _turn(request: AskRequest, answer: Answer, number: int) -> Turn:
    return Turn(
        session_id=request.session_id,
        turn_id=request.turn_id,
        asked_at=number,
        question=request.question,
        answer=answer.answer,
        mode=answer.mode,
        modes=answer.modes,
        sources=answer.sources,
        refused=answer.gate.reason,
        degraded=answer.degraded,
    )


@contextmanager
def _clients(settings: Settings) -> Iterator[Clients]:
    """Clients without providers, whose data is in a folder of its own that goes at the end."""
    without: dict[str, Any] = {"openai_api_key": SecretStr(""), "pinecone_api_key": SecretStr("")}
    with tempfile.TemporaryDirectory() as folder:
        clients = build_clients(settings.model_copy(update={**without, "data_dir": Path(folder)}))
        try:
            yield clients
        finally:
            clients.close()

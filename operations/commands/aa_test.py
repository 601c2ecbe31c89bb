"""`mattgpt parity aa`: an A/A test of one side, which measures how much a model's answers vary by themselves."""

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import fmean
from typing import Annotated, Final

import typer

from contracts.ask import EXTRACTIVE, Answer, AskRequest
from contracts.rules.figures import extract_figures
from contracts.rules.questions.interview_questions import interview_questions
from operations.commands.parity import app as parity
from operations.parity.question_requests import SEED
from operations.shared.console import fail, out
from operations.shared.options import ApiPortOption, DataDirOption, StoriesOption, settings_for
from operations.stack.clients import stack_clients

_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class AATestResult:
    """The agreement of two answers of one side to each question.

    `written` counts questions that a model answered both times; `identical` and `same_figures` count the pairs among
    them with equal text or equal figures. `common_words` is the mean Jaccard index of their words.
    """

    asked: int
    written: int
    identical: int
    same_figures: int
    common_words: float


@parity.command("aa")
def aa_test_command(
    generate: Annotated[int, typer.Option("--generate", min=1, help="Questions to ask twice each.")] = 20,
    api_port: ApiPortOption = None,
    stories: StoriesOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Compare ask in-process with itself, using the model: two model answers per question."""
    settings = settings_for(stories, data_dir)
    if not settings.openai_api_key.get_secret_value():
        fail("aa: no model is configured, and extractive answers do not vary; set OPENAI_API_KEY")
    with stack_clients(settings, api_port) as both:
        answer_with_model = both.clients.ask.answer_with_model
        if answer_with_model is None:
            fail("aa: ask has no legacy side to compare with itself")
        rng = random.Random(SEED)
        pool = [question for story in both.clients.corpus.stories for question in interview_questions(story)]
        chosen = rng.sample(pool, min(generate, len(pool)))
        noise = run_aa_test(answer_with_model, (_asked(number, question) for number, question in enumerate(chosen)))
    out.print(f"{noise.asked} questions asked twice, {noise.written} answered by the model both times")
    if noise.written:
        out.print(
            f"of these: {noise.identical} identical, {noise.same_figures} with the same figures,"
            f" {noise.common_words:.0%} of words in common"
        )


def run_aa_test(answer: Callable[[AskRequest], Answer], requests: Iterable[AskRequest]) -> AATestResult:
    """Request each answer twice and compare the pairs."""
    pairs = [(answer(request), answer(request)) for request in requests]
    written = [
        (one.answer, other.answer)
        for one, other in pairs
        if not {one.trace.model, other.trace.model} & {"", EXTRACTIVE}
    ]
    return AATestResult(
        asked=len(pairs),
        written=len(written),
        identical=sum(one == other for one, other in written),
        same_figures=sum(extract_figures(one) == extract_figures(other) for one, other in written),
        common_words=fmean(_common(*pair) for pair in written) if written else 0.0,
    )


def _asked(number: int, question: str) -> AskRequest:
    return AskRequest(question=question, session_id="parity-aa-session", turn_id=f"parity-aa-{number:06d}")


def _common(one: str, other: str) -> float:
    words = [set(_WORD.findall(text.lower())) for text in (one, other)]
    return len(words[0] & words[1]) / (len(words[0] | words[1]) or 1)

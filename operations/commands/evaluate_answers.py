"""The answer checks of `mattgpt eval`: results by kind of question, and interview questions refused by mistake."""

from pathlib import Path
from typing import Final

from rich.table import Table

from backend_clients.settings import REPOSITORY, Settings
from contracts.story_file import read_stories
from operations.evaluation.answer_checks import AnswerReport, check_answers
from operations.evaluation.answer_questions import QuestionFileError, read_questions
from operations.shared.console import err, out

SAMPLE_ANSWERS: Final = REPOSITORY / "tests" / "relevance" / "answers.yaml"


def evaluate_answers(settings: Settings, path: Path | None) -> AnswerReport:
    """Ask the questions of a file, by default the sample's, and print the results.

    Raises
    ------
    QuestionFileError
        The file cannot be used.
    contracts.story_file.StoryFileError
        The story file cannot be used.
    """
    stories = read_stories(settings.stories_file).stories
    try:
        questions = read_questions(path or SAMPLE_ANSWERS, stories)
    except QuestionFileError as error:
        hint = "" if path else "\nThese questions are for the sample. Give --answers FILE"
        raise QuestionFileError(f"{error}{hint}") from error
    err.print(f"asking {len(questions)} questions and every interview question", markup=False)
    report = check_answers(settings, questions)
    _show(report)
    return report


def _show(report: AnswerReport) -> None:
    table = Table("kind", "passed", "of", title=f"{len(report.checked)} answers", title_justify="left")
    for kind, (passed, total) in report.passed().items():
        table.add_row(kind.value, str(passed), str(total))
    out.print(table)
    for item in report.checked:
        if item.problems:
            asked = " > ".join((*item.question.after, item.question.ask))
            _line(f"{item.question.kind.value}: {asked}")
            for problem in item.problems:
                _line(f"  {problem}")
    total = report.interview_questions
    _line(f"interview questions refused or without a source: {len(report.refused)} of {total}")
    for asked in report.refused:
        _line(f"  {asked}")
    suggested = len(report.suggested)
    _line(f"suggested questions refused or without a source: {len(report.refused_suggestions)} of {suggested}")
    for asked in report.refused_suggestions:
        _line(f"  {asked}")


def _line(text: str) -> None:
    out.print(text, markup=False, highlight=False, soft_wrap=True)

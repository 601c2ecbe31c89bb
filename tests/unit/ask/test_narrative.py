"""The narrative's form for each kind of question, over the sample: the same on both sides."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.ask.in_process import narrative
from backend_clients.ask.in_process.aggregates import aggregate_answers, aggregator
from backend_clients.corpus.corpus import load_corpus
from backend_clients.corpus.listing import listing_of
from contracts.rules.questions.kinds import QuestionKind
from contracts.rules.questions.resolution import about_one_story, resolve
from contracts.stories import StoryList, StoryListRequest
from contracts.story import Story
from lambdas.ask.answers import aggregate_answers as lambda_answers
from lambdas.ask.answers import narrative as lambda_narrative
from lambdas.ask.retrieval import aggregator as lambda_aggregator
from lambdas.common.http.service_client import CallContext
from tests.support.builders.stories import SAMPLE_FILE, corpus, story
from tests.support.site.rendered import ONLY_WORDS, kinds

SAMPLE: Final = load_corpus(SAMPLE_FILE)
CALLER: Final = CallContext("request-1")
OWNER: Final = {"owner": ("matt",)}


class StoriesOfCorpus:
    """The stories API's client over a corpus in memory."""

    def __init__(self, browse: Any) -> None:
        self._browse = browse
        self.pages = 0

    def browse(self, request: StoryListRequest, caller: CallContext) -> StoryList:
        self.pages += 1
        return self._browse(request)

    def listing(self, caller: CallContext) -> StoryList:
        return self.browse(StoryListRequest(include_narratives=True, limit=1), caller)


def told(question: str, *stories: Story, of: Any = SAMPLE, locked: bool = False, unknown: tuple[str, ...] = ()) -> str:
    """What both sides say of a question whose search found these stories."""
    browse = listing_of(of, "test")
    find = {
        "legacy": aggregator.Aggregator(browse).find,
        "lambda": lambda asked: lambda_aggregator.Aggregator(StoriesOfCorpus(browse)).find(asked, "", CALLER),  # type: ignore[arg-type]
    }
    vocabulary = aggregator.Aggregator(browse).vocabulary | OWNER
    asked = about_one_story(question, vocabulary) if locked else resolve(question, [], vocabulary)
    narratives = set()
    for side, count in find.items():
        facts = None if locked else count(asked)
        ids = facts.cited(asked.kind, [one.id for one in stories], 3) if facts and facts.cards else []
        cited = [of.by_id[story_id] for story_id in ids] or list(stories)
        answers, forms = (aggregate_answers, narrative) if side == "legacy" else (lambda_answers, lambda_narrative)
        material = answers.Material(asked.text, asked, cited, facts, unknown, is_locked=locked)
        narratives.add(forms.denied(material) or forms.narrate(material))
    assert len(narratives) == 1
    return narratives.pop()


def titled(beginning: str) -> Story:
    return next(one for one in SAMPLE.stories if one.title.startswith(beginning))


COBOL: Final = titled("Moving Statement Billing")
QUANTS: Final = titled("Teaching Quants")


def test_yes_with_how_many_with_whom_and_the_latest() -> None:
    answer = told("Has he used AWS?", QUANTS)
    assert answer.startswith("Yes: 6 stories with 4 clients cover AWS, the latest for Fortune 500 Clients (2019")
    assert re.match(r"[^\n]* \[\d\]\n", answer)
    assert "AWS clusters themselves" in answer


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Does he know Rust?", "No: no story mentions Rust."),
        ("Did he work at Google?", "No: no story mentions Google."),
        ("Has he used Kafka at Fenwright Stores?", "No: no story covers Kafka at Fenwright Stores."),
    ],
)
def test_no_where_nothing_supports_it(question: str, answer: str) -> None:
    assert told(question) == answer


def test_yes_is_claimed_only_where_a_story_has_all_of_it() -> None:
    assert told("Has he led distributed teams?", COBOL).startswith("No story says so in as many words. The nearest:")
    assert told("Has he moved billing off COBOL?", COBOL).startswith("Yes")


def test_counts_say_what_was_counted() -> None:
    answer = told("How many clients has he worked with in banking?")
    assert answer.startswith("7 clients in Financial Services / Banking, counted over 38 stories, most frequent first:")
    assert "- **Halvern National Bank**: 11 stories, 2006\N{EN DASH}2022 [1]" in answer
    assert told("How many projects used Kafka?").startswith(
        "4 stories with 3 clients cover Kafka, 2017\N{EN DASH}2022."
    )


def test_years_count_overlaps_once() -> None:
    answer = told("How many years of experience does he have with payments?")
    assert answer.startswith("7 years and 6 months with Payments, between February 2006 and July 2022: counted over")
    stories = [
        story("a", client="Acme", title="A", start_date="2010-01", end_date="2011-12"),
        story("b", client="Acme", title="B", start_date="2011-01", end_date="2012-06"),
        story("c", client="Acme", title="C", start_date="2014-01"),
        story("d", client="Acme", title="D"),
    ]
    answer = told("How long was he at Acme?", of=corpus(*stories))
    assert answer.startswith("2 years and 7 months at Acme, between January 2010 and January 2014: ")


def test_a_list_has_seven_values_at_most_the_most_frequent_first() -> None:
    answer = told("Which technologies has he used?")
    lines = re.findall(r"^- \*\*(.+?)\*\*: (\d+) stor", answer, re.MULTILINE)
    assert lines[0] == ("Machine Learning", "11")
    assert len(lines) == 7
    assert [int(count) for _, count in lines] == sorted((int(count) for _, count in lines), reverse=True)
    assert "; the 7 most frequent:" in answer


def test_two_are_compared_side_by_side() -> None:
    answer = told("Compare his work at Halvern National Bank and Tessaly Trust")
    first, second = answer.split("\n\n")
    assert first.startswith("**Halvern National Bank**: 11 stories")
    assert second.startswith("**Tessaly Trust**: 5 stories")
    assert (first[-3:], second[-3:]) == ("[1]", "[2]")


def test_a_career_is_told_by_eras_newest_first() -> None:
    answer = told("Summarise his career")
    eras = re.findall(r"^- \*\*(.+?)\*\*", answer, re.MULTILINE)
    assert (eras[0], eras[-1], len(eras)) == ("Independent & Applied AI", "Enterprise Foundations", 6)
    assert answer.startswith("114 stories with 16 clients over 20 years")


def test_an_experience_is_told_by_its_parts() -> None:
    answer = told("Tell me about a time you replaced a legacy system", COBOL, QUANTS)
    parts = re.findall(r"^\*\*(\w+):\*\* .+ \[1\]$", answer, re.MULTILINE)
    assert parts == ["Situation", "Task", "Action", "Result"]
    assert "Also relevant:\n\n- **Teaching Quants" in answer


def test_what_and_how_are_answered_by_the_nearest_sentences() -> None:
    answer = told("How did you move billing off COBOL?", COBOL, QUANTS)
    assert answer.startswith("**Moving Statement Billing Off COBOL Cycle by Cycle** (Halvern National Bank, 2017")
    assert "migrating one billing day at a time" in answer
    assert answer.count("\n- **") == 1


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What was the result?", r"\$7.4M"),
        ("How long did it take?", "from June 2017 to August 2019: 2 years and 3 months."),
        ("What was your role?", "The role was"),
        ("Which technologies?", "The story's tags are"),
        ("Who was it for?", "engineers"),
        ("Who was the client?", "It was for Halvern National Bank"),
    ],
)
def test_a_locked_story_answers_by_the_aspect_that_is_asked_for(question: str, said: str) -> None:
    assert said in told(question, COBOL, locked=True)


def test_a_locked_story_says_when_the_question_is_about_something_else() -> None:
    answer = told("What about hospital pharmacists?", COBOL, locked=True)
    assert answer.startswith(
        "This story does not mention “hospital” or “pharmacists”. It is **Moving Statement Billing"
    )


@pytest.mark.parametrize(
    ("question", "foreign"),
    [
        ("What did he do at Halvern Trust for statement billing?", "“Halvern Trust”"),
        ("Did Kafka speed up the statements?", "“Kafka”"),
    ],
)
def test_a_locked_story_says_so_of_a_name_that_shares_words_with_it(question: str, foreign: str) -> None:
    assert told(question, COBOL, locked=True).startswith(f"This story does not mention {foreign}. It is **Moving")


def test_the_first_line_says_what_no_story_mentions() -> None:
    answer = told("Tell me about systems programming in Rust", COBOL, unknown=("rust",))
    assert answer.startswith("No story mentions Rust; about systems programming:\n\n**Moving")


KINDS: Final = (
    "Has he used {}?",
    "How many projects with {}?",
    "Which clients with {}?",
    "How many years of {}?",
    "Summarise his work on {}",
    "Compare {} and Kafka",
    "Tell me about a time with {}",
    "What did he do about {}?",
)


@given(st.sampled_from(KINDS), st.sampled_from(SAMPLE.stories), st.data())
def test_any_question_is_answered_alike_and_every_paragraph_is_marked(kind: str, about: Story, data: Any) -> None:
    thing = data.draw(st.sampled_from([*about.tags, about.client, about.industry, about.role, about.title]))
    answer = told(kind.format(thing), about, COBOL)
    assert not kinds(answer) & ONLY_WORDS
    for paragraph in _statements(answer):
        assert re.search(r"\[\d\]", paragraph) or paragraph.startswith(("No: ", "No story")) or paragraph.endswith(":")


def _statements(answer: str) -> Iterator[str]:
    for block in answer.split("\n\n"):
        yield from block.split("\n")


def test_one_lookup_answers_a_question_on_the_lambda_side() -> None:
    api = StoriesOfCorpus(listing_of(SAMPLE, "test"))
    facts = lambda_aggregator.Aggregator(api)  # type: ignore[arg-type]
    asked = resolve("Has he used AWS?", [], OWNER)
    version = SAMPLE.version
    assert facts.find(asked, version, CALLER) is not None
    assert api.pages == 2  # the vocabulary, once a corpus, and the stories
    facts.find(asked, version, CALLER)
    assert api.pages == 3
    facts.find(SimpleNamespace(kind=QuestionKind.WHAT_HOW), version, CALLER)  # type: ignore[arg-type]
    assert api.pages == 3


@pytest.mark.parametrize(
    ("question", "beginning"),
    [
        ("Which employers has Matt had?", "3 employers, counted over 114 stories"),
        ("How long was he at Corvane Systems?", "6 years and 11 months for Corvane Systems, between March 2005"),
        ("How long has Matt been independent?", "2 years and 8 months as self-employed, between July 2023"),
        ("Did he work at Kestrel Advisory?", "Yes: 75 stories with 16 clients are for Kestrel Advisory"),
        ("Which programming languages does he know?", "3 programming languages, counted over 114 stories"),
        ("What did he do in 2019?", "15 stories with 9 clients in 2019, 2017\N{EN DASH}2020."),
        ("What did he do in 1990?", "No story is dated in 1990."),
        ("What did he do in the last two years?", "21 stories with 11 clients in the last 2 years"),
        ("What is his current role?", "2 roles most recently, counted over 3 stories"),
        ("Has he used COBOL and Kafka?", "Yes, though not in one story:"),
        ("What was his role at Greyfell?", "4 roles at Greyfell Water & Power, counted over 4 stories"),
        ("Tell me about Matt", "114 stories with 16 clients over 20 years"),
        ("What are his strengths?", "36 capabilities, counted over 114 stories"),
    ],
)
def test_what_is_counted(question: str, beginning: str) -> None:
    assert told(question, COBOL).startswith(beginning)


def test_how_is_answered_by_what_was_done_and_results_by_figures() -> None:
    assert "Cut non-interest" not in told("How did he move billing off COBOL?", COBOL)
    assert "$7.4M" in told("What did he achieve with COBOL?", COBOL)


def test_a_question_in_two_parts_is_answered_in_both() -> None:
    answer = told("What did he do about COBOL, and how long did it take?", COBOL)
    assert "It ran from June 2017 to August 2019: 2 years and 3 months. [1]" in answer


def test_no_yes_for_a_part_of_a_compound() -> None:
    assert told("Is he heavy-handed?", QUANTS).startswith(("No", "No story"))


@pytest.mark.parametrize(
    ("question", "beginning"),
    [
        ("Has he dealt with cybersecurity?", "Yes, in other words: 10 stories with 6 clients mention security"),
        ("How many cybersecurity projects?", "10 stories with 6 clients mention security, 2007"),
        ("Has he managed outages?", "Yes: 8 stories with 4 clients mention outages"),
        ("Has he worked with regulators?", "Yes: 7 stories with 4 clients mention regulators"),
        ("Has he mentored engineers?", "Yes: 2 stories with 1 client cover Mentoring and mention engineers"),
        ("How many artificial intelligence projects?", "12 stories with 8 clients cover AI"),
        ("Does he know k8s?", "Yes: 3 stories with 3 clients cover Kubernetes"),
        ("Has he been on call?", "Yes: 8 stories with 6 clients mention on-call"),
        ("Is he a program manager?", "Yes: 6 stories with 5 clients were done as Program Manager"),
        ("Has he worked with offshore teams?", "No story says so in as many words."),
        ("Has he ever failed?", "The stories that come nearest to it:"),
        ("How many people has he hired?", "The stories give no total. What the nearest say:"),
        ("How many projects failed?", "The stories give no total. What the nearest say:"),
    ],
)
def test_words_are_counted_in_any_form_and_wording(question: str, beginning: str) -> None:
    assert told(question, COBOL, QUANTS).startswith(beginning)


def test_of_money_the_sentence_with_an_amount_is_told() -> None:
    assert "$7.4M" in told("How much money did he save?", COBOL)

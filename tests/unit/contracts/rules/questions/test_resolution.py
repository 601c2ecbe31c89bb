"""What a second question continues, over the sample."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.corpus.corpus import load_corpus
from backend_clients.corpus.listing import listing_of
from contracts.ask import Source
from contracts.conversations import Turn
from contracts.rules.questions.follow_ups import is_generic
from contracts.rules.questions.resolution import resolve
from contracts.rules.questions.subjects import Vocabulary
from contracts.search import MAX_QUERY
from contracts.stories import FACET_FIELDS, StoryListRequest
from tests.support.builders.stories import SAMPLE_FILE
from tests.support.sides.in_process import turn

SAMPLE: Final = load_corpus(SAMPLE_FILE)
FACETS: Final = listing_of(SAMPLE, "test")(StoryListRequest(include_narratives=True)).facets
VOCABULARY: Final[Vocabulary] = {field: [count.value for count in FACETS[field]] for field in FACET_FIELDS}


def answered(question: str, *titles: str, number: int = 1, **fields: Any) -> Turn:
    """A question that was answered from the sample's stories whose titles begin so."""
    stories = [next(story for story in SAMPLE.stories if story.title.startswith(title)) for title in titles]
    sources = tuple(
        Source(number=place, id=story.id, title=story.title, client=story.client, match=60)
        for place, story in enumerate(stories, 1)
    )
    return turn(number, question=question, sources=sources, **fields)


PAYMENTS: Final = answered("How did you modernise payments?", "Going Live on Real-Time", "Unlocking", "Emptying")
COBOL: Final = answered("Tell me about moving billing off COBOL", "Moving Statement Billing", "Folding Forty-One")
AWS: Final = answered("Has he used AWS?", "Teaching Quants", "Elastic Tick Replay", "Cost per Order")
BANKS: Final = answered(
    "Which clients has he worked with in banking?", "One Intraday Cash Ladder", "Rescuing the Portfolio"
)
PORTAL: Final = answered("Tell me about your work at Marlow Ridge Health", "Rebuilding the Patient Portal", "Tap-Badge")
LAB: Final = answered("Tell me about a time you stopped a bad idea", "Innovation Lab", "Sponsor Token Auction")
STAYS, NEW = "stays", "new"

# The question, what it does, and what is searched for or the start of the story's id, where that says more.
CHAINS: Final = (
    (PAYMENTS, "What was the result?", STAYS, "result"),
    (PAYMENTS, "what came of it?", STAYS, "result"),
    (PAYMENTS, "How big was the team?", STAYS, "team"),
    (PAYMENTS, "Who else was on the team?", STAYS, "team"),
    (PAYMENTS, "How long did it take?", STAYS, "duration"),
    (PAYMENTS, "When was that?", STAYS, "duration"),
    (PAYMENTS, "Which technologies did you use?", STAYS, "technologies"),
    (PAYMENTS, "What was your role?", STAYS, "role"),
    (PAYMENTS, "What was hard about that?", STAYS, "challenge"),
    (PAYMENTS, "What did he learn?", STAYS, "lesson"),
    (PAYMENTS, "What would you do differently?", STAYS, "lesson"),
    (PAYMENTS, "Why?", STAYS, "why"),
    (PAYMENTS, "How?", STAYS, "how"),
    (PAYMENTS, "What did he do between 2010 and 2013?", NEW, ""),
    (PAYMENTS, "What did he do in 2015?", NEW, ""),
    (PAYMENTS, "What happened with it in 2015?", STAYS, "more"),
    (PAYMENTS, "yes", STAYS, "more"),
    (PAYMENTS, "tell me more", STAYS, "more"),
    (PAYMENTS, "Can you elaborate?", STAYS, "more"),
    (PAYMENTS, "continue", STAYS, "more"),
    (PAYMENTS, "go on", STAYS, "more"),
    (PAYMENTS, "Did it scale?", STAYS, ""),
    (PAYMENTS, "Did it use Kafka?", STAYS, ""),
    (PAYMENTS, "And the budget?", STAYS, ""),
    (COBOL, "Who was the client?", STAYS, "client"),
    (COBOL, "Did they lose any customers?", STAYS, ""),
    (COBOL, "was he the lead?", STAYS, "more"),
    (PAYMENTS, "the second one", "source", "unlocking-eleven"),
    (PAYMENTS, "Tell me more about the third project", "source", "emptying-the-swift"),
    (PAYMENTS, "What was the outcome in [2]?", "source", "unlocking-eleven"),
    (PAYMENTS, "and the last one?", "source", "emptying-the-swift"),
    (COBOL, "#2", "source", "folding-forty-one"),
    (PAYMENTS, "How long was he there?", NEW, "How long was he at Halvern National Bank?"),
    (PORTAL, "Did he use Java there?", NEW, "Did he use Java at Marlow Ridge Health?"),
    (PORTAL, "What else did he do there?", NEW, "What else did he do at Marlow Ridge Health?"),
    (PORTAL, "what else did she do for them?", NEW, "what else did she do at Marlow Ridge Health?"),
    (AWS, "and Terraform?", NEW, "Has he used Terraform?"),
    (AWS, "and rust?", NEW, "Has he used rust?"),
    (
        BANKS,
        "which of them used Kafka?",
        "counts",
        "Which clients has he worked with in banking? which of them used Kafka?",
    ),
    (COBOL, "which clients?", "counts", "Tell me about moving billing off COBOL which clients?"),
    (PAYMENTS, "How long did he work with Halvern?", NEW, ""),
    (
        BANKS,
        "how many projects with the first one?",
        NEW,
        "how many projects with the first one at Halvern National Bank?",
    ),
    (PAYMENTS, "And at Fenwright?", NEW, "How did you modernise payments at Fenwright Stores?"),
    (PORTAL, "What about Pelorane Telecom?", NEW, "Tell me about your work at Pelorane Telecom"),
    (AWS, "And Kafka?", NEW, "Has he used Kafka?"),
    (BANKS, "and in healthcare?", NEW, "Which clients has he worked with in healthcare?"),
    (AWS, "for which clients?", "counts", "Has he used AWS? for which clients?"),
    (BANKS, "how many?", "counts", "Which clients has he worked with in banking? how many?"),
    (LAB, "another example?", "another", ""),
    (LAB, "Anything else?", "another", ""),
    (PAYMENTS, "Which clients has he worked with?", NEW, ""),
    (PAYMENTS, "Summarise his career", NEW, ""),
    (PAYMENTS, "How many years of experience does he have?", NEW, ""),
    (PAYMENTS, "Does he know Rust?", NEW, ""),
    (PAYMENTS, "Tell me about fraud detection", NEW, ""),
    (PAYMENTS, "Tell me about a time you disagreed with a sponsor", NEW, ""),
    (PAYMENTS, "What did he do at Oakhollow Grocers?", NEW, ""),
    (PAYMENTS, "What is his salary?", NEW, ""),
    (COBOL, "Has he worked in healthcare?", NEW, ""),
    (COBOL, "Describe your approach to hiring engineers", NEW, ""),
)


@pytest.mark.parametrize(("earlier", "question", "does", "detail"), CHAINS, ids=[chain[1] for chain in CHAINS])
def test_second_questions(earlier: Turn, question: str, does: str, detail: str) -> None:
    resolved = resolve(question, [earlier], VOCABULARY)
    first = earlier.sources[0].id
    if does == STAYS:
        is_story_kept = resolved.story_id == first or set(resolved.excluded) == {
            source.id for source in earlier.sources
        }
        assert (resolved.is_standing, is_story_kept, resolved.aspect.value) == (False, True, detail)
        assert resolved.query == f"{earlier.question} {question}"
    elif does == "source":
        assert (resolved.story_id.startswith(detail), resolved.is_standing, bool(resolved.aspect)) == (True, True, True)
    elif does == "another":
        assert (resolved.excluded, resolved.story_id) == (tuple(source.id for source in earlier.sources), "")
    elif does == "counts":
        assert (resolved.subject, resolved.is_standing, resolved.story_id) == (detail, False, "")
    else:
        assert (resolved.query, resolved.is_standing, resolved.story_id) == (detail or question, True, "")


def test_a_chain_keeps_to_its_topic_until_a_question_names_something_new() -> None:
    history = [
        PAYMENTS,
        answered("What was the result?", "Going Live", number=2),
        answered("why?", "Going Live", number=3),
    ]
    assert resolve("How big was the team?", history, VOCABULARY).query == f"{PAYMENTS.question} How big was the team?"
    history.append(answered("tell me about the second one", "Unlocking", number=4))
    assert resolve("how long?", history, VOCABULARY).story_id.startswith("unlocking")
    assert resolve("and the third one?", history, VOCABULARY).story_id.startswith("emptying")
    history.append(answered("And at Fenwright?", "Overnight Price Files", number=5))
    assert resolve("why?", history, VOCABULARY).story_id.startswith("overnight-price")


def test_another_story_is_one_that_was_not_told() -> None:
    history = [LAB, answered("another?", "Killing the Blockchain", number=2)]
    excluded = resolve("and another one?", history, VOCABULARY).excluded
    assert excluded == tuple(source.id for turn in history for source in turn.sources)


@pytest.mark.parametrize(
    ("history", "query"),
    [
        ([], "and why?"),
        ([turn(1, question="Grid maps", refused="rule:weather")], "and why?"),
        (
            [turn(1, question="Grid maps"), turn(2, question="Ledger cards", refused="low_overlap")],
            "Grid maps and why?",
        ),
        ([turn(1, question="Grid maps"), turn(2, question="deep dive")], "Grid maps and why?"),
        ([turn(1, question="What is it?"), turn(2, question="And this?")], "A and why?"),
        ([turn(1, question="What is it?", sources=())], "and why?"),
        ([turn(1, question="How long did it take?", story_id="a")], "A and why?"),
    ],
)
def test_refused_questions_and_follow_ups_are_no_topic(history: list[Turn], query: str) -> None:
    assert resolve(" and  why? ", history, VOCABULARY).query == query


@pytest.mark.parametrize("word", ["result", "outcome", "role", "team", "technologies", "challenge", "more", "example"])
def test_generic_words_alone_never_become_a_topic(word: str) -> None:
    assert is_generic(f"What about the {word}?")


QUESTIONS = st.sampled_from([chain[1] for chain in CHAINS])


@given(QUESTIONS, st.lists(QUESTIONS, max_size=4), st.booleans())
def test_a_question_always_has_something_to_search_for(question: str, earlier: list[str], refused: bool) -> None:
    titles = ("Going Live", "Unlocking", "Rebuilding the Patient", "Emptying")
    history = [answered(text, titles[place], number=place + 1) for place, text in enumerate(earlier)]
    history = [one.model_copy(update={"refused": "x" if refused else ""}) for one in history]
    resolved = resolve(question, history, VOCABULARY)
    assert resolved.query.strip()
    assert len(resolved.query) <= MAX_QUERY
    assert set(resolved.excluded) <= {source.id for turn in history for source in turn.sources}


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=1500).filter(str.strip))
def test_a_query_is_what_search_takes(question: str) -> None:
    query = resolve(question, [turn(1, question="payments " * 200)], VOCABULARY).query
    assert len(query) <= MAX_QUERY
    assert query == query.strip()

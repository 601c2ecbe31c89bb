import pytest

from backend_clients.suggested_questions import MOST_SUGGESTED, answered_questions, third_person
from contracts.search import SearchRequest, SearchResult
from contracts.story import Story
from tests.support.builders.stories import complete_story, corpus
from tests.support.site.in_memory_sides import fake_sides

SUBJECTS = ("harbour cranes", "milk powder", "railway signals", "church organs", "wind tunnels", "tax forms")


@pytest.mark.parametrize(
    ("asked", "about"),
    [
        ("How did you shorten a check-in queue?", "How did Ada shorten a check-in queue?"),
        ("How do you measure true lift?", "How does Ada measure true lift?"),
        ("Have you put trading data to work?", "Has Ada put trading data to work?"),
        ("When were you wrong about a vendor?", "When was Ada wrong about a vendor?"),
        ("Tell me about a time you were wrong.", "Tell me about a time Ada was wrong."),
        ("Describe a security control you designed.", "Describe a security control Ada designed."),
        ("What was your biggest mistake?", "What was Ada's biggest mistake?"),
    ],
)
def test_a_question_to_the_owner_becomes_one_about_them(asked: str, about: str) -> None:
    assert third_person(asked, "Ada") == about


@pytest.mark.parametrize(
    "asked",
    [
        "Why return to a longer commitment?",
        "How did you get it accepted?",
        "What did the dropouts teach you?",
        "Tell me about a time you threw away your own design.",
        "How would you describe your philosophy?",
        "How did you see that you were wrong?",
        "What could you have done yourself?",
        "Tell me how you lead.",
    ],
)
def test_a_question_that_takes_more_than_exchanging_words_is_left_out(asked: str) -> None:
    assert third_person(asked, "Ada") == ""


def asking(number: int, **fields: str) -> Story:
    """A story with an interview question of its own."""
    subject = SUBJECTS[number % len(SUBJECTS)]
    return complete_story(
        f"story-{number}", title=f"On {subject}", interview_questions=(f"How did you repair the {subject}?",), **fields
    )


def test_questions_come_from_as_many_clients_as_there_are_and_find_their_story() -> None:
    stories = [asking(number, client=f"Client {number // 2}", industry="Trade") for number in range(6)]
    search, *_ = fake_sides(corpus(*stories))

    questions = answered_questions(stories, "Ada", search.side.hybrid)

    assert len(questions) == MOST_SUGGESTED
    first = [next(story.client for story in stories if story.title[3:] in question) for question in questions[:3]]
    assert len(set(first)) == 3


def test_a_question_that_finds_another_story_or_is_declined_is_left_out() -> None:
    stories = [asking(0), asking(1)]
    search, *_ = fake_sides(corpus(asking(0)))

    assert answered_questions(stories, "Ada", search.side.hybrid) == ("How did Ada repair the harbour cranes?",)


def test_without_a_search_nothing_is_suggested() -> None:
    assert answered_questions([asking(0)], "Ada", None) == ()


def test_of_a_large_corpus_questions_are_tried_from_all_over() -> None:
    tried: list[str] = []

    def search(request: SearchRequest) -> SearchResult:
        tried.append(request.query)
        return found.hybrid(request)

    stories = [asking(number) for number in range(1000)]
    found = fake_sides(corpus(*stories[:1]))[0].side
    answered_questions(stories, "Ada", search)

    assert len(tried) == 100

"""The Ask page: answers with sources, stored turns, and recovery from failures."""

import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from backend_clients.errors import RateLimited, Timeout, Unavailable
from contracts.ask import AnswerMode, DegradedReason, Modes, Source
from contracts.conversations import Turn
from contracts.story import Story
from streamlit_app.routes import Route
from tests.support.builders.stories import complete_story
from tests.support.site.clients import FakeClients, fake_clients, some_stories
from tests.support.site.pages import OpenPage, links, words

SESSION = "s" * 32
SWIFT = complete_story(
    "swift|halvern",
    title="Emptying the repair queue",
    client="Halvern",
    category="Payments",
    purpose="Send every payment on its way.",
    interview_questions=("How was the queue emptied? What did it cost?",),
)
HOSTILE = (
    "<script>alert(1)</script> ![x](http://evil/i.png) [go](javascript:1) :red[x] `a` $x$ :smile: "
    ":material/home: https://evil.example"
)


@pytest.fixture
def clients() -> FakeClients:
    return fake_clients(SWIFT, *some_stories(12))


def say(page: Any, question: str) -> Any:
    page.chat_input[0].set_value(question).run()
    assert not page.exception
    return page


def press(page: Any, label: str) -> Any:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception
    return page


def labels(page: Any) -> list[str]:
    return [button.label for button in page.button]


def turn(number: int, **fields: Any) -> Turn:
    modes = Modes(narrative="Told.", key_points="- Point.", deep_dive="### Deep")
    source = Source(number=1, id=SWIFT.id, title=SWIFT.title, client=SWIFT.client, match=52)
    given = {"question": f"Question {number}?", "answer": "Told.", "mode": "narrative", "modes": modes} | fields
    return Turn(
        session_id=SESSION,
        turn_id=f"turn-{number:04}",
        asked_at=number,
        **{"sources": (source,), **given},
    )


def test_the_landing_says_how_it_works_and_suggests_what_the_corpus_holds(
    open_page: OpenPage, clients: FakeClients
) -> None:
    page = open_page(clients, Route.ASK)

    assert "comes only from the 13 stories and the profile on this site" in words(page)
    questions = [label for label in labels(page) if label.endswith("?")]
    assert len(questions) == 6
    assert {"What did Matt achieve with Migration?", "Which results stand out in Banking?"} <= set(questions)
    assert "Delete" not in labels(page)


def test_a_suggestion_is_asked_past_the_gate(open_page: OpenPage, clients: FakeClients) -> None:
    press(open_page(clients, Route.ASK), "Which results stand out in Banking?")

    assert [(request.question, request.from_suggestion) for request in clients.ask.asked] == [
        ("Which results stand out in Banking?", True)
    ]


def test_a_question_is_answered_with_its_sources_and_kept(open_page: OpenPage, clients: FakeClients) -> None:
    page = say(open_page(clients, Route.ASK), "How was the repair queue emptied?")

    shown = words(page)
    assert "**Emptying the repair queue**" in shown
    assert re.search(r"(Strong match|Good match|Related)\]", shown)
    assert "Read" in links(page)
    kept = list(clients.ask.kept.turns.values())
    assert [item.question for item in kept] == ["How was the repair queue emptied?"]
    assert page.query_params["session"] == kept[0].session_id
    assert len(kept[0].session_id) >= 32
    assert not clients.ask.asked[0].from_suggestion
    assert page.page_link[0].proto.query_string.startswith("id=swift%7Chalvern&talk=")


def test_the_mode_is_switched_without_another_call(open_page: OpenPage, clients: FakeClients) -> None:
    page = say(open_page(clients, Route.ASK), "How was the repair queue emptied?")
    page.segmented_control[0].set_value(AnswerMode.DEEP_DIVE).run()

    assert "Situation" in words(page)
    assert len(clients.ask.asked) == 1


def test_a_model_writes_the_narrative_as_it_comes(open_page: OpenPage, clients: FakeClients) -> None:
    clients.ask.streamed = ("First.", "First. Second.")
    clients.ask.changes = {"answer": "First. **Second** [1]."}
    page = say(open_page(clients, Route.ASK), "How was the repair queue emptied?")

    assert "First\\. **Second** :violet[\\[1\\]]\\." in words(page)
    page.segmented_control[0].set_value(AnswerMode.KEY_POINTS).run()
    assert "Outcome" in words(page)


def test_a_degraded_answer_says_so(open_page: OpenPage, clients: FakeClients) -> None:
    for degraded, said in (
        (DegradedReason.UNGROUNDED, "not in its cited stories"),
        (DegradedReason.MODEL_DOWN, "could not be reached"),
        (DegradedReason.BUDGET, "limit"),
    ):
        clients.ask.changes = {"degraded": degraded}
        shown = words(say(open_page(clients, Route.ASK), "How was the repair queue emptied?"))
        assert said in shown
        assert "Quoted from the stories" in shown


def test_a_refusal_says_why_and_offers_questions(open_page: OpenPage, clients: FakeClients) -> None:
    page = say(open_page(clients, Route.ASK), "tell me a joke")

    assert "looks like a question about jokes" in words(page)
    assert not page.segmented_control
    press(page, "Which projects involved Migration?")
    assert clients.ask.asked[-1].from_suggestion
    assert not clients.ask.kept.turns[clients.ask.asked[-1].turn_id].refused


def test_unknown_words_are_refused_in_plain_words(open_page: OpenPage, clients: FakeClients) -> None:
    assert "No story mentions “zeppelin” or “qwertz”" in words(say(open_page(clients, Route.ASK), "zeppelin qwertz"))


def test_a_question_that_is_too_long_is_explained_and_left_to_be_shortened(
    open_page: OpenPage, clients: FakeClients
) -> None:
    long = "word " * 400 + "?"
    page = say(open_page(clients, Route.ASK), long)

    assert "at most 2,000 characters; this one has 2,001" in words(page)
    assert page.chat_input[0].proto.value == long
    assert clients.ask.asked == []

    say(page, long[1:])
    assert "at most" not in words(page)
    assert len(clients.ask.asked) == 1


def test_a_follow_up_goes_on_and_is_not_offered_twice(open_page: OpenPage, clients: FakeClients) -> None:
    page = say(open_page(clients, Route.ASK), "How was the repair queue emptied?")
    offered = [label for label in labels(page) if label.startswith(("What changed", "Tell me"))]
    assert 1 <= len(offered) <= 3

    press(page, offered[0])
    assert clients.ask.asked[-1].question == offered[0]
    assert clients.ask.asked[-1].session_id == clients.ask.asked[0].session_id
    assert offered[0] not in labels(page)


def test_a_lock_limits_the_answer_and_has_a_way_out(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.ASK, story="story-003|acme")
    assert "about: **Story 003**" in words(page)

    say(page, "How was the repair queue emptied?")
    kept = next(iter(clients.ask.kept.turns.values()))
    assert [source.id for source in kept.sources] == ["story-003|acme"]
    assert kept.story_id == clients.ask.asked[0].story_id == "story-003|acme"
    assert "locked=1" in page.page_link[0].proto.query_string

    press(page, "Ask about all stories")
    assert page.query_params == {"session": kept.session_id}
    assert "Answers come only from this story" not in words(page)
    say(page, "How was the repair queue emptied now?")
    assert clients.ask.asked[-1].story_id is None


def test_a_locked_story_suggests_its_own_questions(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.ASK, story=SWIFT.id)

    assert {"How was the queue emptied?", "What did it cost?"} <= set(labels(page))


def test_a_story_that_is_not_there_locks_nothing(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.ASK, story="gone")

    assert "This story does not exist" in words(page)
    say(page, "How was the repair queue emptied?")
    assert clients.ask.asked[0].story_id is None


def test_a_reload_brings_the_conversation_back(open_page: OpenPage, clients: FakeClients) -> None:
    for number in range(3):
        clients.ask.kept.append(turn(number))
    page = open_page(clients, Route.ASK, session=SESSION)

    assert [message.markdown[0].value for message in page.chat_message if message.name == "user"] == [
        "Question 0?", "Question 1?", "Question 2?",
    ]  # fmt: skip
    assert "Strong match]" in words(page)
    assert not clients.ask.asked


def test_what_was_said_long_before_is_loaded_on_demand(open_page: OpenPage, clients: FakeClients) -> None:
    for number in range(25):
        clients.ask.kept.append(turn(number))
    page = open_page(clients, Route.ASK, session=SESSION)
    assert len(page.chat_message) == 40

    press(page, "Show earlier questions")
    assert len(page.chat_message) == 50
    assert "Show earlier questions" not in labels(page)


def test_a_foreign_session_is_an_empty_page(open_page: OpenPage, clients: FakeClients) -> None:
    clients.ask.kept.append(turn(1))

    for session in ("x" * 32, "short", "<script>", SESSION[:-1]):
        assert not open_page(clients, Route.ASK, session=session).chat_message


def test_a_prepared_question_waits_in_the_box(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.ASK, q="Which results stand out?")

    assert page.chat_input[0].proto.value == "Which results stand out?"
    assert not clients.ask.asked


def test_a_failure_keeps_the_question_and_retry_recovers(open_page: OpenPage, clients: FakeClients) -> None:
    clients.ask.failures["ask"] = Timeout("no answer came in time", request_id="r-7")
    page = say(open_page(clients, Route.ASK), "How was the repair queue emptied?")

    assert "could not be answered" in page.error[0].value
    assert "r\\-7" in page.error[0].value
    assert page.chat_message[0].markdown[0].value == "How was the repair queue emptied?"
    assert page.query_params["q"] == "How was the repair queue emptied?"

    page.run()
    assert len(clients.ask.asked) == 1  # a rerun alone does not ask again

    clients.ask.failures.clear()
    press(page, "Retry")
    assert not page.error
    assert "q" not in page.query_params
    assert clients.ask.asked[0].turn_id == clients.ask.asked[1].turn_id
    assert len(clients.ask.kept.turns) == 1


def test_failed_suggestions_are_said_below_what_there_is_to_say(open_page: OpenPage, clients: FakeClients) -> None:
    clients.stories.failures["list"] = Unavailable("the stories cannot be read", request_id="abc-1")
    page = open_page(clients, Route.ASK)

    assert page.error[0].value.endswith("cannot be reached right now\\.  \n:small[Reference: abc\\-1]")
    kinds = [element.type for element in page.main if element.type in ("markdown", "error")]
    assert kinds.index("error") > kinds.index("markdown")


def test_a_failed_question_survives_a_reload_and_can_be_changed(open_page: OpenPage, clients: FakeClients) -> None:
    clients.ask.failures["ask"] = RateLimited("too many requests", retry_after=7)
    page = say(open_page(clients, Route.ASK), "How was the queue emptied?")
    assert "Try again in 7 s" in page.error[0].value

    again = open_page(clients, Route.ASK, **page.query_params)
    assert again.chat_input[0].proto.value == "How was the queue emptied?"

    press(page, "Change the question")
    assert page.chat_input[0].proto.value == "How was the queue emptied?"
    assert not page.error


def test_an_answer_that_cannot_be_kept_is_shown_and_kept_later(open_page: OpenPage, clients: FakeClients) -> None:
    clients.ask.failures["append"] = Unavailable("conversations cannot be kept")
    page = say(open_page(clients, Route.ASK), "How was the repair queue emptied?")

    assert "**Emptying the repair queue**" in words(page)
    assert "could not be saved" in page.error[0].value
    session = page.query_params["session"]
    reloaded = open_page(clients, Route.ASK, **page.query_params)
    assert reloaded.chat_input[0].proto.value == "How was the repair queue emptied?"

    clients.ask.failures.clear()
    press(page, "Retry")
    assert not page.error
    assert page.query_params == {"session": session}
    assert len(clients.ask.asked) == 1
    assert len(clients.ask.kept.turns) == 1


def test_history_that_cannot_be_read_is_said_and_retried(open_page: OpenPage, clients: FakeClients) -> None:
    clients.ask.kept.append(turn(1))
    clients.ask.failures["history"] = Unavailable("down")
    page = open_page(clients, Route.ASK, session=SESSION)
    assert "could not be loaded" in page.error[0].value

    clients.ask.failures.clear()
    press(page, "Retry")
    assert len(page.chat_message) == 2


def test_a_verdict_is_kept_once(open_page: OpenPage, clients: FakeClients) -> None:
    clients.ask.kept.append(turn(1))
    page = open_page(clients, Route.ASK, session=SESSION)
    page.feedback[0].set_value(1).run()
    page.run()

    assert [(verdict.turn_id, verdict.helpful) for verdict in clients.ask.kept.verdicts] == [("turn-0001", True)]
    assert "Thank you" in words(page)


def test_a_verdict_that_cannot_be_kept_is_said(open_page: OpenPage, clients: FakeClients) -> None:
    clients.ask.kept.append(turn(1))
    clients.ask.failures["rate"] = Unavailable("down")
    page = open_page(clients, Route.ASK, session=SESSION)
    page.feedback[0].set_value(0).run()

    assert "rating could not be saved" in page.error[0].value


def test_an_answer_can_be_copied_with_its_sources(open_page: OpenPage, clients: FakeClients) -> None:
    clients.ask.kept.append(turn(1, answer="Saved \\$1M. [1]"))
    page = open_page(clients, Route.ASK, session=SESSION)

    assert page.code[0].value == "Saved $1M. [1]\n\n[1] Emptying the repair queue, Halvern"


def test_a_new_conversation_leaves_the_old_one_where_it_is(open_page: OpenPage, clients: FakeClients) -> None:
    clients.ask.kept.append(turn(1))
    page = press(open_page(clients, Route.ASK, session=SESSION), "New conversation")

    assert page.query_params == {}
    assert not page.chat_message
    assert len(clients.ask.kept.turns) == 1


def test_forgetting_waits_to_be_confirmed(open_page: OpenPage, clients: FakeClients) -> None:
    clients.ask.kept.append(turn(1))
    page = press(open_page(clients, Route.ASK, session=SESSION), "Delete")

    assert {"Delete it", "Keep it"} <= set(labels(page))
    assert len(clients.ask.kept.turns) == 1


def test_a_conversation_that_cannot_be_forgotten_stays() -> None:
    page = press(AppTest.from_function(_forget_in_vain).run(), "Delete it")

    assert "could not be deleted" in page.error[0].value


def _forget_in_vain() -> None:
    from backend_clients.errors import Unavailable  # noqa: PLC0415  this is run as a page of its own
    from streamlit_app.ask.actions import confirm_forgetting  # noqa: PLC0415
    from streamlit_app.shared.conversation_url import ConversationUrl  # noqa: PLC0415

    def fail() -> None:
        raise Unavailable("down")

    confirm_forgetting(ConversationUrl(), fail)


def test_hostile_text_is_shown_as_text(open_page: OpenPage) -> None:
    story = Story(id="h", title=HOSTILE, client=HOSTILE, purpose=HOSTILE, situation=(HOSTILE,), process=(HOSTILE,))
    clients = fake_clients(story)
    clients.ask.changes = {"answer": f"{HOSTILE}\n[1]: http://evil.example\n<http://evil.example>"}
    page = say(open_page(clients, Route.ASK, story="h"), HOSTILE)

    for mode in AnswerMode:
        page.segmented_control[0].set_value(mode).run()
        assert not page.exception
        shown = words(page)
        for markup in ("<script", "<http", "![x", "[go]", "`a", "$x", ":red[x]", "https://", ":smile:"):
            assert not re.search(rf"(?<!\\){re.escape(markup)}", shown), (mode, markup)


def test_who_answered_and_percentages_are_for_the_maintainer(open_page: OpenPage) -> None:
    page = say(open_page(fake_clients(SWIFT, show_maintainer=True), Route.ASK), "How was the repair queue emptied?")
    assert "answered by legacy" in words(page)
    assert re.search(r"(Strong match|Good match|Related) · \d+%\]", words(page))
    page = say(open_page(fake_clients(SWIFT), Route.ASK), "How was the repair queue emptied?")
    assert "answered by" not in words(page)
    assert not re.search(r"· \d+%", words(page))


def test_an_empty_corpus_and_a_corpus_of_one(open_page: OpenPage) -> None:
    assert "only from the one story and the profile on this site" in words(open_page(fake_clients(SWIFT), Route.ASK))
    assert "comes only from the stories and the profile" in words(open_page(fake_clients(), Route.ASK))


def test_a_verdict_is_still_there_after_a_reload(open_page: OpenPage, clients: FakeClients) -> None:
    clients.ask.kept.append(turn(1))
    open_page(clients, Route.ASK, session=SESSION).feedback[0].set_value(0).run()
    page = open_page(clients, Route.ASK, session=SESSION)

    assert page.feedback[0].value == 0
    page.feedback[0].set_value(1).run()
    assert [verdict.helpful for verdict in clients.ask.kept.verdicts] == [False, True]

"""The Home page with different corpora."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from backend_clients.errors import BackendError, RateLimited, Timeout, Unavailable
from backend_clients.routed import Origin, Routed
from streamlit_app.routes import Route
from streamlit_app.shared import call_status, layout
from tests.support.builders.stories import SAMPLE_FILE, complete_story
from tests.support.site.clients import fake_clients, some_stories, write_profile
from tests.support.site.pages import OpenPage, links, words

OWN = "name: Ada\nheadline: Engineer\nline: Machines.\n"


def figures_of(page) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def test_figures_are_computed_from_the_corpus(open_page: OpenPage) -> None:
    page = open_page(fake_clients(*some_stories(30)))

    assert figures_of(page) == {"Years": "2", "Projects": "30", "Clients": "3", "Industries": "2"}


def test_a_name_for_several_clients_is_not_counted_as_a_client(open_page: OpenPage) -> None:
    stories = [complete_story("a", client="Acme"), complete_story("b", client="Multiple Clients")]

    assert figures_of(open_page(fake_clients(*stories)))["Clients"] == "1"


def test_starter_cards_carry_live_counts_and_lead_on(open_page: OpenPage) -> None:
    page = open_page(fake_clients(*some_stories(10)))

    assert "### Banking" in words(page)
    assert "5 stories" in words(page)
    assert links(page).count("See the industry") == 2
    assert links(page).count("Explore") == 1  # the one capability
    assert links(page)[-1] == "Ask"
    assert any(link.proto.query_string == "slug=banking" for link in page.page_link)


def test_a_suggested_question_is_asked_at_once(open_page: OpenPage) -> None:
    clients = fake_clients(*some_stories(10))
    page = open_page(clients)

    questions = [button for button in page.button if button.label.endswith("?")]
    assert len(questions) == 3
    assert questions[2].label == "What changed at Acme?"
    questions[2].click().run()
    assert page.title[0].value == "Ask"
    assert clients.ask.asked[0].question == "What changed at Acme?"
    assert clients.ask.asked[0].from_suggestion
    assert next(iter(clients.ask.kept.turns.values())).session_id == page.query_params["session"]


def test_the_owners_questions_and_stories_come_before_others(open_page: OpenPage, tmp_path: Path) -> None:
    featured = "featured_questions: Why engines?\nfeatured_stories: [story-004--acme, 'story-001|acme', gone]\n"
    clients = fake_clients(*some_stories(5), profile_file=write_profile(tmp_path / "profile.yaml", OWN + featured))
    clients.drawn_questions = ("How did Ada do it?",)
    home, ask = open_page(clients), open_page(clients, Route.ASK)

    asked = [button.label for page in (home, ask) for button in page.button if "?" in button.label]
    assert asked == ["Why engines?", "Why engines?"]
    titles = [line.removeprefix("### ") for line in words(home).splitlines() if line.startswith("### Story 00")]
    assert titles == ["Story 004", "Story 001"]


def test_interview_questions_come_before_others(open_page: OpenPage) -> None:
    clients = fake_clients(*some_stories(5))
    clients.drawn_questions = ("How did Matt do it?",)

    assert [button.label for button in open_page(clients).button if "?" in button.label] == ["How did Matt do it?"]


def test_a_search_leads_to_explore(open_page: OpenPage) -> None:
    page = open_page(fake_clients(*some_stories(10)))

    page.text_input[0].input("  story   004 ")
    page.button[0].click().run()

    assert not page.exception
    assert page.title[0].value == "Explore"
    assert page.query_params["q"] == "story 004"


def test_a_corpus_without_dates_claims_no_years(open_page: OpenPage) -> None:
    page = open_page(fake_clients(*some_stories(3, start_date="", era="", theme="")))

    assert "Years" not in figures_of(page)


def test_a_corpus_of_one_story(open_page: OpenPage) -> None:
    page = open_page(fake_clients(*some_stories(1)))

    assert figures_of(page)["Projects"] == "1"
    assert "1 story" in words(page)


def test_an_empty_corpus_says_so(open_page: OpenPage) -> None:
    assert "There are no stories yet" in words(open_page(fake_clients()))


def test_failure_says_what_failed_and_retry_recovers(open_page: OpenPage) -> None:
    clients = fake_clients(*some_stories(3))
    clients.stories.failures["list"] = Unavailable("the stories service is down", request_id="r-1")
    page = open_page(clients)

    assert "could not be counted" in page.error[0].value
    assert "The site's data cannot be reached right now" in page.error[0].value.replace("\\", "")
    assert page.title[0].value == "Matt"

    clients.stories.failures.clear()
    next(button for button in page.button if button.label == "Retry").click().run()
    assert not page.error
    assert figures_of(page)["Projects"] == "3"


def test_a_rate_limit_says_how_long_to_wait(open_page: OpenPage) -> None:
    clients = fake_clients(*some_stories(3))
    clients.stories.failures["list"] = RateLimited("too many requests", retry_after=7)

    assert "Try again in 7 s" in open_page(clients).error[0].value


def test_the_caption_names_the_side_that_answered(open_page: OpenPage) -> None:
    clients = fake_clients(*some_stories(3), show_maintainer=True)
    clients.stories.origin = Origin.LAMBDA

    assert "answered by lambda · 38 ms" in words(open_page(clients))


def test_the_caption_owns_up_to_a_fallback_and_a_cold_start(open_page: OpenPage) -> None:
    clients = fake_clients(*some_stories(3), show_maintainer=True)
    clients.stories.fell_back = clients.stories.cold_start = True

    assert "answered by legacy · 38 ms · fell back · cold start" in words(open_page(clients))


@pytest.mark.parametrize(("waited", "said"), [(0.0, "a moment ago"), (0.3, "under 1 ms"), (1.2, "1.2 ms")])
def test_the_caption_never_tells_of_no_milliseconds(monkeypatch: pytest.MonkeyPatch, waited: float, said: str) -> None:
    lines: list[str] = []
    monkeypatch.setattr(call_status, "caption", lines.append)
    monkeypatch.setattr(call_status, "is_maintainer", lambda: True)

    call_status.show_origin([Routed(None, Origin.LEGACY, "legacy", "default", latency_ms=waited)])

    assert lines == [f"answered by legacy · {said}"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Timeout("the Lambda side did not answer in time"), "It took too long to answer."),
        (Unavailable("the Lambda side failed (HTTP 500)"), "The site's data cannot be reached right now."),
        (RateLimited("the Lambda side is busy", 7), "Too many requests came at once. Try again in 7 s."),
    ],
)
def test_which_side_failed_is_for_the_maintainer(open_page: OpenPage, error: BackendError, said: str) -> None:
    for settings, reason in (({}, said), ({"show_maintainer": True}, error.message[1:])):
        clients = fake_clients(*some_stories(3), **settings)
        clients.stories.failures["list"] = error
        shown = open_page(clients).error[0].value.replace("\\", "")
        assert reason in shown
        assert ("Lambda" in shown) == bool(settings)


PLUMBING = re.compile(r"answered by|\d%|Complete story|Without metric")


@pytest.mark.parametrize(
    ("route", "query"),
    [
        (Route.HOME, {}),
        (Route.EXPLORE, {"q": "story"}),
        (Route.EXPLORE, {"q": "story", "view": "table"}),
        (Route.STORY, {"id": "story-001|acme"}),
        (Route.INDUSTRY, {}),
        (Route.ABOUT, {}),
    ],
)
def test_how_the_site_is_served_is_for_the_maintainer(open_page: OpenPage, route: Route, query: dict[str, str]) -> None:
    stories = some_stories(12, result=("Faster.",), performance=("Cheaper.",))

    assert PLUMBING.search(told(open_page(fake_clients(*stories, show_maintainer=True), route, **query)))
    assert not PLUMBING.search(told(open_page(fake_clients(*stories), route, **query)))


def told(page) -> str:
    """All words of the page, with the labels of its popovers and what its tables hold."""
    popovers = [node.proto.popover.label for node in page.main if node.type == "popover"]
    return "\n".join([words(page), *popovers, *(frame.value.to_csv() for frame in page.dataframe)])


def test_the_footer_marks_sample_data_and_only_that(open_page: OpenPage, tmp_path: Path) -> None:
    profile = write_profile(tmp_path / "profile.yaml", OWN)
    own = {"profile_file": profile, "stories_file": tmp_path / "stories.jsonl"}

    sample = words(open_page(fake_clients(*some_stories(1), stories_file=SAMPLE_FILE)))
    assert "the profile and the stories are invented" in sample
    mine = open_page(fake_clients(*some_stories(1), **own))
    assert mine.title[0].value == "Ada"
    assert "invented" not in words(mine)


def test_a_broken_profile_is_explained_by_its_field(open_page: OpenPage, tmp_path: Path) -> None:
    profile = write_profile(tmp_path / "profile.yaml", "name: Ada\nline: Machines.\n")
    page = open_page(fake_clients(*some_stories(1), profile_file=profile))

    assert "headline" in page.error[0].value
    assert str(tmp_path) not in page.error[0].value


@pytest.mark.parametrize(("name", "initial"), [("ada", "A"), ("<&Zoë>", "Z"), ("李明", "李"), ("---", None)])
def test_the_owners_initial_marks_the_header(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, initial: str | None
) -> None:
    marks: list[str] = []
    monkeypatch.setattr(layout.st, "logo", marks.append)
    text = f"name: '{name}'\nheadline: Engineer\nline: Machines.\n"

    open_page(fake_clients(profile_file=write_profile(tmp_path / "profile.yaml", text)))

    shown = [ElementTree.fromstring(mark).findtext("{http://www.w3.org/2000/svg}text") for mark in marks]
    assert shown == ([initial] if initial else [])

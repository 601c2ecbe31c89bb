"""The Explore page: the URL decides the list, in every view."""

from typing import Any

import pytest

from backend_clients.errors import Timeout
from contracts.stories import Sort
from streamlit_app.routes import Route
from streamlit_app.shared.story_list import clean_query
from tests.support.builders.stories import complete_story
from tests.support.site.clients import FakeClients, fake_clients, some_stories
from tests.support.site.pages import OpenPage, links, shown, words

HOSTILE = "<script>alert(1)</script> ![x](http://evil/i.png) [go](javascript:1) :red[x] `a` $x$ **b** :material/home:"


@pytest.fixture
def clients() -> FakeClients:
    return fake_clients(*some_stories(40))


def widget(page: Any, kind: str, key: str) -> Any:
    return next(element for element in getattr(page, kind) if (element.key or "").startswith(key))


def test_cards_show_one_page_of_nine_and_ask_for_no_more(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE)

    assert "**1-9** of **40** stories" in words(page)
    assert links(page).count("Read the story") == 9
    assert [(request.limit, request.offset) for request in clients.stories.lists] == [(9, 0)]


def test_the_address_decides_everything(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(
        clients,
        Route.EXPLORE,
        industries=["Banking", "Health"],
        clients="Acme",
        view="table",
        sort="title",
    )

    request = clients.stories.lists[-1]
    assert (request.industries, request.clients) == (("Banking", "Health"), ("Acme",))
    assert (request.sort, request.limit) == (Sort.TITLE, 20)
    assert widget(page, "multiselect", "filter-industries").value == ["Banking", "Health"]
    assert list(page.dataframe[0].value["Title"])[:2] == ["Story 000", "Story 003"]
    assert widget(page, "selectbox", "sort").value == Sort.TITLE


@pytest.mark.parametrize("query", ["", "story"])
@pytest.mark.parametrize("client", ["ACME", " acme ", "ac\u200bme\u00a0"])
def test_a_value_in_any_spelling_is_shown_as_the_stories_spell_it(
    open_page: OpenPage, clients: FakeClients, query: str, client: str
) -> None:
    page = open_page(clients, Route.EXPLORE, clients=[client, "acme"], **({"q": query} if query else {}))

    assert "of **14** stories" in words(page)
    chosen = widget(page, "multiselect", "filter-clients")
    assert chosen.value == ["Acme"]
    assert len({option.casefold() for option in chosen.options}) == len(chosen.options)
    assert page.pills[0].value == [("clients", "Acme")]

    chosen.select("Globex").run()
    assert page.query_params["clients"] == ["Acme", "Globex"]


def test_a_value_of_nothing_that_shows_is_no_filter(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE, clients=["\u00a0", "\u200b"])
    assert "of **40** stories" in words(page)
    assert not page.pills


def test_what_is_chosen_goes_into_the_address(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE, page="3")

    widget(page, "multiselect", "filter-clients").select("Acme").run()
    assert page.query_params == {"clients": "Acme"}
    assert "of **14** stories" in words(page)

    page.text_input[0].input("story 003").run()
    assert page.query_params == {"q": "story 003", "clients": "Acme"}

    page.segmented_control[0].set_value("table").run()
    assert page.query_params == {"q": "story 003", "clients": "Acme", "view": "table"}


def test_options_carry_counts_and_a_chosen_value_stays_on_offer(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE, clients="Gone Ltd")

    options = widget(page, "multiselect", "filter-clients").options
    assert "Acme · 14" in options
    assert "Gone Ltd · 0" in options


def test_chips_remove_one_filter_each(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE, q="story", clients="Acme", industries="Banking")
    chips = page.pills[0]

    assert len(chips.options) == 2
    chips.set_value([("clients", "Acme")]).run()

    assert page.query_params == {"q": "story", "clients": "Acme"}


def test_clear_all_keeps_the_search_and_the_view(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE, q="story", clients="Acme", view="table")

    next(button for button in page.button if button.label == "Clear all").click().run()

    assert page.query_params == {"q": "story", "view": "table"}


def test_pages_are_asked_for_one_at_a_time(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE)
    page.pagination[0].set_value(5).run()

    assert page.query_params == {"page": "5"}
    assert clients.stories.lists[-1].offset == 36
    assert "**37-40** of **40** stories" in words(page)


def test_a_page_beyond_the_last_is_the_last(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE, page="99")

    assert "There is no page 99" in words(page)
    assert "**37-40** of **40** stories" in words(page)


@pytest.mark.parametrize(
    "junk",
    [
        {"page": "-3"},
        {"page": "9" * 5000},
        {"page": "½"},
        {"view": "galaxy"},
        {"sort": "-salary"},
        {"q": "x" * 5000},
        {"q": "a\x00b"},
        {"industries": ["Banking", "x" * 5000]},
        {"tags": [f"tag {number}" for number in range(80)]},
    ],
    ids=lambda junk: next(iter(junk)),
)
def test_junk_in_the_address_is_left_aside_with_a_note(
    open_page: OpenPage, clients: FakeClients, junk: dict[str, Any]
) -> None:
    named = {"q": "search", "industries": "industry", "tags": "tag"}
    left_out = next(iter(junk))
    page = open_page(clients, Route.EXPLORE, **junk)
    assert f"was ignored: {named.get(left_out, left_out)}." in words(page)


def test_a_long_search_is_cut_after_a_word(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE)
    page.text_input[0].set_value("story " * 33 + "stories").run()

    assert page.query_params == {"q": ("story " * 33).strip()}
    assert clean_query("x" * 201) == "x" * 200
    assert clean_query("a\x00b  c\n") == "ab c"


def test_unknown_parameters_are_nobodys_business(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE, utm_source="mail", tags="")

    assert "was ignored" not in words(page)
    assert "of **40** stories" in words(page)


def test_no_match_says_what_to_do(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE, clients="Gone Ltd")

    assert "No story matches" in words(page)
    next(button for button in page.button if button.label == "Clear all filters").click().run()
    assert "of **40** stories" in words(page)


def test_an_empty_corpus_says_so(open_page: OpenPage) -> None:
    assert "There are no stories yet" in words(open_page(fake_clients(), Route.EXPLORE))


@pytest.mark.parametrize("view", ["cards", "table", "timeline"])
def test_failure_keeps_the_filters_and_retry_recovers(open_page: OpenPage, clients: FakeClients, view: str) -> None:
    clients.stories.failures["list"] = Timeout("no answer came in time")
    page = open_page(clients, Route.EXPLORE, view=view, clients="Acme")

    assert "could not be listed" in page.error[0].value
    assert widget(page, "multiselect", "filter-clients").value == ["Acme"]

    clients.stories.failures.clear()
    next(button for button in page.button if button.label == "Retry").click().run()
    assert not page.error
    assert "**14** stories" in words(page)


def test_the_timeline_groups_eras_newest_first(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE, view="timeline")

    assert [header.value for header in page.header] == ["Cloud", "Foundations"]
    assert links(page).count("Read") == 12
    assert [shown(button.label) for button in page.button].count("Explore all 20") == 2
    assert [request.eras for request in clients.stories.lists] == [(), ("Cloud",), ("Foundations",)]


def test_the_timeline_respects_the_era_filter(open_page: OpenPage, clients: FakeClients) -> None:
    page = open_page(clients, Route.EXPLORE, view="timeline", eras="Cloud")

    assert [header.value for header in page.header] == ["Cloud"]


def test_stories_without_eras_or_dates(open_page: OpenPage) -> None:
    clients = fake_clients(*some_stories(5, start_date="", era="", theme=""))

    assert "None of these stories belongs to an era" in words(open_page(clients, Route.EXPLORE, view="timeline"))
    assert "undated" in words(open_page(clients, Route.EXPLORE))
    assert set(open_page(clients, Route.EXPLORE, view="table").dataframe[0].value["Start"]) == {""}


def test_stories_off_the_timeline_are_counted(open_page: OpenPage) -> None:
    stories = [*some_stories(3), complete_story("z", title="No era")]

    assert "1 more not on this timeline" in words(open_page(fake_clients(*stories), Route.EXPLORE, view="timeline"))


def test_one_story_needs_no_pages(open_page: OpenPage) -> None:
    page = open_page(fake_clients(*some_stories(1)), Route.EXPLORE)

    assert "**1** story" in words(page)
    assert not page.pagination


@pytest.mark.parametrize("view", ["cards", "table", "timeline"])
def test_hostile_text_is_shown_as_text(open_page: OpenPage, view: str) -> None:
    story = complete_story("h", title=HOSTILE, client=HOSTILE, era=HOSTILE, curated_summary=HOSTILE, tags=(HOSTILE,))
    page = open_page(fake_clients(story), Route.EXPLORE, view=view, clients=HOSTILE)

    shown = words(page)
    assert "<script>" not in shown
    assert "](http" not in shown
    assert ":red[x]" not in shown
    assert page.query_params["clients"] == HOSTILE

"""Readable names of stories in URLs."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.errors import NotFound
from backend_clients.settings import Settings
from contracts.story_file import read_stories
from streamlit_app.session.cached_reads import CachedReads
from streamlit_app.shared.story_search import AmbiguousName, find_story
from streamlit_app.shared.story_slug import id_of_slug, story_slug, title_slug
from tests.support.builders.stories import complete_story
from tests.support.site.clients import FakeClients, fake_clients

SAMPLE: Final = fake_clients(*read_stories(Settings().stories_file).stories)
IDS: Final = st.text(st.sampled_from("ab1|--_ é/"), min_size=1, max_size=12) | st.text(min_size=1)


def found(clients: FakeClients, name: str) -> str:
    reads = CachedReads(clients, "visitor")  # type: ignore[arg-type]
    return find_story(reads, name).value.story.id


@given(IDS)
def test_a_slug_resolves_to_its_id(story_id: str) -> None:
    slug = story_slug(story_id)
    assert story_id in (id_of_slug(slug), slug)


def test_a_slug_needs_no_encoding() -> None:
    assert story_slug("a-title-1|the-client") == "a-title-1--the-client"


@pytest.mark.parametrize("story_id", ["a", "A|b", "a--b|c", "a|b|c", "a-|b", ""])
def test_an_id_of_another_form_is_unchanged(story_id: str) -> None:
    assert story_slug(story_id) == story_id


@pytest.mark.parametrize("form", [story_slug, str], ids=["slug", "id"])
def test_every_story_of_the_sample_is_found(form: type[str]) -> None:
    assert all(found(SAMPLE, form(story.id)) == story.id for story in SAMPLE.corpus.stories)


def test_stories_of_the_sample_are_found_by_title() -> None:
    titles = [title_slug(story.title) for story in SAMPLE.corpus.stories]
    for story, slug in list(zip(SAMPLE.corpus.stories, titles, strict=True))[::5]:
        if titles.count(slug) == 1:
            assert found(SAMPLE, slug) == story.id


def test_unknown_and_ambiguous_names_raise_different_errors() -> None:
    clients = fake_clients(
        complete_story("one|acme", title="Same: title"), complete_story("two|acme", title="Same title!")
    )
    with pytest.raises(AmbiguousName) as refusal:
        found(clients, "same-title")
    assert {card.id for card in refusal.value.cards} == {"one|acme", "two|acme"}
    for name in ("", "same", "one", "one--other", "-", "--", "\x00", "x" * 2000):
        with pytest.raises(NotFound):
            found(clients, name)


def test_an_id_that_looks_like_a_slug_is_found() -> None:
    clients = fake_clients(complete_story("a--b", title="Dashes"), complete_story("c|d", title="Bar"))
    assert found(clients, "a--b") == "a--b"
    assert found(clients, "c--d") == "c|d"

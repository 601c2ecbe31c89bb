"""A visitor who uses Explore at random, and what the page has to show after every step."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Final

from playwright.sync_api import expect

from backend_clients.bootstrap import Clients
from contracts.search import SearchFilters, SearchKind, SearchRequest
from contracts.stories import FacetCount, Sort
from streamlit_app.explore.toolbar import _SORTS as ORDERS
from streamlit_app.shared.story_list import FILTER_LABELS, StoryListState, View, is_filterable
from tests.support.site.server import settle
from tests.support.site.walk import Walk

_QUERIES: Final = ("payments", "risk", "cloud migration", "data platform", "agile coaching", "")
_FILTERS: Final = ("industries", "capabilities", "eras", "clients")
_OTHER_PAGES: Final = {"About": "/about", "Home": "/"}
_MOST_FILTERS: Final = 3


@dataclass(frozen=True)
class Place:
    """A page in the browser's history: a state of Explore, or another page."""

    listing: StoryListState
    path: str = "/explore"


@dataclass
class RandomWalk:
    """Takes steps at random, and compares URL, widgets and result with what the steps taken come to.

    `clients` answer in this process and say how many stories a list has.
    """

    walk: Walk
    clients: Clients
    random: random.Random
    history: list[Place] = field(default_factory=lambda: [Place(StoryListState())])
    at: int = 0
    taken: list[str] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return self.history[self.at]

    def run(self, steps: int) -> None:
        self.walk.visit("/explore")
        self.check()
        for _ in range(steps):
            possible = self._possible()
            name = self.random.choice(sorted(possible))
            self.taken.append(name)
            possible[name]()
            try:
                self.check()
            except AssertionError as error:
                error.add_note(f"after {len(self.taken)} steps: {', '.join(self.taken[-12:])}")
                raise

    def check(self) -> None:
        """Compare the page with the place that the walk has come to."""
        place, page = self.place, self.walk.page
        if place.path != "/explore":
            page.wait_for_url(lambda url: re.search(f"{place.path}$", url) is not None, wait_until="commit")
            settle(page)
            return
        listing = place.listing
        page.wait_for_url(lambda url: "/explore" in url, wait_until="commit")
        self.walk.is_at(**listing.params())
        # A box that is drawn anew stands beside the old one for a moment.
        expect(page.get_by_role("searchbox").first).to_have_value(listing.filters.q)
        expect(page.get_by_role("searchbox")).to_have_count(1)
        chips = [f"{FILTER_LABELS[name]}: {value}" for name, value in listing.chosen()]
        labels = "|".join(FILTER_LABELS.values())
        expect(page.get_by_role("button", name=re.compile(f"^({labels}): "))).to_have_count(len(chips))
        for chip in chips:
            expect(page.get_by_role("button", name=chip).first).to_be_visible()
        for name in _FILTERS:
            chosen = len(getattr(listing.filters, name))
            label = f"{FILTER_LABELS[name]} · {chosen}" if chosen else FILTER_LABELS[name]
            expect(page.get_by_role("button", name=re.compile(rf"^{label}(?!:)(?! ·)")).first).to_be_visible()
        expect(page.get_by_role("radio", name=re.compile(listing.view.value, re.IGNORECASE)).first).to_be_checked()
        self.walk.sees(re.compile(rf"\b{self._total(listing)} stor(y|ies)\b"))

    def _possible(self) -> dict[str, Callable[[], None]]:
        steps: dict[str, Callable[[], None]] = {}
        if self.at > 0:
            steps["back"] = self._back
        if self.at < len(self.history) - 1:
            steps["forward"] = self._forward
        if self.place.path != "/explore":
            return steps | {"explore": self._to_explore}
        listing = self.place.listing
        steps |= {"view": self._view, "search": self._search, "other page": self._other_page}
        if len(listing.chosen()) < _MOST_FILTERS and self._options():
            steps["filter"] = self._filter
        if listing.chosen():
            steps |= {"chip": self._chip, "clear all": self._clear_all}
        if not listing.filters.q and listing.view is not View.TIMELINE:
            steps["order"] = self._order
        if self._pages(listing) > 1:
            steps["page"] = self._page
        return steps

    def _go(self, listing: StoryListState) -> None:
        if listing != self.place.listing or self.place.path != "/explore":
            self._leave(Place(listing))

    def _leave(self, place: Place) -> None:
        self.history[self.at + 1 :] = [place]
        self.at += 1

    def _back(self) -> None:
        self.walk.back()
        self.at -= 1

    def _forward(self) -> None:
        self.walk.forward()
        self.at += 1

    def _to_explore(self) -> None:
        self.walk.press("Explore")
        self._go(StoryListState())

    def _other_page(self) -> None:
        name = self.random.choice(sorted(_OTHER_PAGES))
        self.walk.press(re.compile(f"^{name}$"))
        self._leave(Place(StoryListState(), _OTHER_PAGES[name]))

    def _view(self) -> None:
        view = self.random.choice(list(View))
        self.walk.press(re.compile(view.value, re.IGNORECASE), "radio")
        if view is not self.place.listing.view:
            self._go(replace(self.place.listing, view=view, page=1))

    def _search(self) -> None:
        listing = self.place.listing
        found = {query: listing.with_filters(q=query) for query in _QUERIES if query != listing.filters.q}
        query = self.random.choice([query for query, wanted in found.items() if self._total(wanted)])
        self.walk.search(query)
        self._go(found[query])

    def _filter(self) -> None:
        name, options = self.random.choice(sorted(self._options().items()))
        value = self.random.choice(options)
        self.walk.choose(FILTER_LABELS[name], value)
        values = (*getattr(self.place.listing.filters, name), value)
        self._go(self.place.listing.with_filters(**{name: values}))

    def _chip(self) -> None:
        name, value = self.random.choice(self.place.listing.chosen())
        self.walk.press(f"{FILTER_LABELS[name]}: {value}", "button")
        left = tuple(other for other in getattr(self.place.listing.filters, name) if other != value)
        self._go(self.place.listing.with_filters(**{name: left}))

    def _clear_all(self) -> None:
        listing = self.place.listing
        self.walk.press("Clear all", "button")
        self._go(replace(StoryListState().with_filters(q=listing.filters.q), view=listing.view, sort=listing.sort))

    def _order(self) -> None:
        sort = self.random.choice(list(Sort))
        self.walk.press(re.compile("Order"), "combobox")
        self.walk.page.get_by_role("option", name=ORDERS[sort]).click()
        if sort is not self.place.listing.sort:
            self._go(replace(self.place.listing, sort=sort, page=1))

    def _page(self) -> None:
        listing = self.place.listing
        settle(self.walk.page)
        forward = listing.page < self._pages(listing) and (listing.page == 1 or self.random.random() < 0.5)
        self.walk.page.get_by_role("button", name=re.compile("next" if forward else "previous", re.IGNORECASE)).click()
        self._go(replace(listing, page=listing.page + (1 if forward else -1)))

    def _options(self) -> dict[str, list[str]]:
        """Values by filter that can be added and leave a story."""
        facets = self._facets(self.place.listing)
        options: dict[str, list[str]] = {}
        for name in _FILTERS:
            chosen = getattr(self.place.listing.filters, name)
            values = [item.value for item in facets.get(name, ()) if is_filterable(item.value)]
            if left := sorted(value for value in values if value not in chosen):
                options[name] = left
        return options

    def _pages(self, listing: StoryListState) -> int:
        if listing.view is View.TIMELINE or (listing.filters.q and listing.view is View.TABLE):
            return 1
        return ceil(self._total(listing) / listing.page_size)

    def _total(self, listing: StoryListState) -> int:
        return self._found(listing)[0]

    def _facets(self, listing: StoryListState) -> dict[str, tuple[FacetCount, ...]]:
        return self._found(listing)[1]

    def _found(self, listing: StoryListState) -> tuple[int, dict[str, tuple[FacetCount, ...]]]:
        if not listing.filters.q:
            listed = self.clients.stories.list_stories(listing.request(limit=1, offset=0), "walk").value
            return listed.total, dict(listed.facets)
        fields = listing.filters.model_dump(exclude={"q", "include_narratives"})
        request = SearchRequest(query=listing.filters.q, filters=SearchFilters.model_validate(fields), limit=1)
        found = self.clients.search.search(SearchKind.HYBRID, request, "walk").value
        return found.total, dict(found.facets)

"""Steps of a visitor in the browser."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from re import Pattern
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from tests.support.site.server import settle

_MOST_STOPS: Final = 60


@dataclass(frozen=True)
class Walk:
    """A visitor; `before_step` runs before every step."""

    page: Page
    before_step: Callable[[], object] = lambda: None

    def visit(self, path: str) -> None:
        self.before_step()
        self.page.goto(path, wait_until="commit")
        settle(self.page)

    def reload(self) -> None:
        self.before_step()
        self.page.reload(wait_until="commit")
        settle(self.page)

    def back(self) -> None:
        self.before_step()
        self.page.go_back(wait_until="commit")

    def forward(self) -> None:
        self.before_step()
        self.page.go_forward(wait_until="commit")

    def press(self, name: str | Pattern[str], role: Any = "link") -> None:
        """Click once the page is settled: Streamlit drops clicks on elements that it redraws."""
        self.before_step()
        settle(self.page)
        self.page.get_by_role(role, name=name).first.click()

    def search(self, words: str) -> None:
        self.before_step()
        box = self.page.get_by_role("searchbox")
        box.fill(words)
        box.press("Enter")

    def choose(self, filter_name: str, option: str) -> None:
        """Add a value to one of Explore's filters.

        The value is typed before it is clicked: Streamlit's list takes no clicks while it scrolls to a lower one.
        """
        self.before_step()
        settle(self.page)
        self.page.get_by_role("button", name=re.compile(f"^{filter_name}")).first.click()  # a chip begins like it
        popover = self.page.get_by_test_id("stPopoverBody")
        popover.get_by_role("combobox").fill(option)
        self.page.get_by_role("option", name=option).first.click()
        expect(popover.get_by_text(option).first).to_be_visible()
        settle(self.page)
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Escape")

    def ask(self, question: str) -> None:
        self.before_step()
        self.page.get_by_test_id("stChatInputTextArea").fill(question)
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_test_id("stChatMessage").filter(has_text=question).first).to_be_visible()

    def answered(self, count: int = 1) -> None:
        """Wait until the conversation has `count` answers."""
        expect(self.page.get_by_text("Helpful?")).to_have_count(count)
        settle(self.page)

    def tab_to(self, role: Any, name: str) -> None:
        """Move the focus with Tab and, in a radio group, with the arrow keys."""
        wanted = self.page.get_by_role(role, name=name).first
        expect(wanted).to_be_visible()
        settle(self.page)
        for _ in range(_MOST_STOPS):
            if wanted.evaluate("it => it === document.activeElement"):
                return
            in_group = wanted.evaluate(
                "it => it.matches('[role=radio]') && it.parentElement === document.activeElement.parentElement"
            )
            self.page.keyboard.press("ArrowRight" if in_group else "Tab")
        raise AssertionError(f"the keyboard does not reach {role} {name!r}")

    def type(self, text: str, key: str) -> None:
        self.page.keyboard.type(text)
        self.page.keyboard.press(key)

    def sees(self, text: str | Pattern[str]) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def reads(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", name=heading)).to_be_visible()

    def misses(self, text: str | Pattern[str]) -> None:
        expect(self.page.get_by_text(text)).to_have_count(0)

    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.page.url).query)

    def is_at(self, **expected: str | list[str]) -> None:
        """Wait until the URL has exactly these parameters, apart from "id" and "pos"."""

        def arrived(url: str) -> bool:
            carried = parse_qs(urlsplit(url).query)
            return {name: values for name, values in carried.items() if name not in ("id", "pos")} == {
                name: value if isinstance(value, list) else [value] for name, value in expected.items()
            }

        self.page.wait_for_url(arrived, timeout=45_000, wait_until="commit")
        settle(self.page)

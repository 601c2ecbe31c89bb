"""The site's pages, as paths relative to `main.py`."""

from enum import StrEnum
from typing import Final


class Route(StrEnum):
    """A page's module. No folder is called `pages`: until the first visit of `main.py`, Streamlit would serve its files
    directly, without the navigation.
    """

    HOME = "home/page.py"
    EXPLORE = "explore/page.py"
    STORY = "story/page.py"
    ASK = "ask/page.py"
    ROLE_MATCH = "role_match/page.py"
    SHORTLIST = "shortlist/page.py"
    INDUSTRY = "industry/page.py"
    ABOUT = "about/page.py"
    MIGRATION = "migration/page.py"

    @property
    def url_path(self) -> str:
        """The page's path in the URL. Streamlit would infer "page" from every file's name."""
        return self.value.partition("/")[0].replace("_", "-")


NAMES: Final = {
    Route.HOME: "Home",
    Route.EXPLORE: "Explore",
    Route.ASK: "Ask",
    Route.ROLE_MATCH: "Role Match",
    Route.SHORTLIST: "Shortlist",
    Route.INDUSTRY: "Industries",
    Route.ABOUT: "About",
    Route.MIGRATION: "Migration",
    Route.STORY: "Story",
}

"""The site's pages, as paths relative to `app.py`."""

from enum import StrEnum


class Route(StrEnum):
    """A page's module. No folder is called `pages`: until the first visit of `app.py`, Streamlit would serve its files
    directly, without the navigation.
    """

    HOME = "home/page.py"
    EXPLORE = "explore/page.py"
    STORY = "story/page.py"
    ASK = "ask/page.py"
    ROLE_MATCH = "role_match/page.py"
    INDUSTRY = "industry/page.py"
    ABOUT = "about/page.py"
    MIGRATION = "migration/page.py"

    @property
    def url_path(self) -> str:
        """The page's path in the URL. Streamlit would infer "page" from every file's name."""
        return self.value.partition("/")[0].replace("_", "-")

"""The site's pages, as paths relative to `app.py`."""

from enum import StrEnum


class Route(StrEnum):
    """Not in a folder called `pages`: until a first visitor has come by the front door, Streamlit would serve that
    folder by its older rules, past `app.py`, to whoever follows a link to a story.
    """

    HOME = "home/page.py"
    EXPLORE = "explore/page.py"
    STORY = "story/page.py"
    ASK = "ask/page.py"
    INDUSTRY = "industry/page.py"
    ABOUT = "about/page.py"
    MIGRATION = "migration/page.py"

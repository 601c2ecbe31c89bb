"""The site's pages, as paths relative to `app.py`."""

from enum import StrEnum


class Route(StrEnum):
    """Not in a folder called `pages`: until a first visitor has come by the front door, Streamlit would serve that
    folder by its older rules, past `app.py`, to whoever follows a link to a story.
    """

    HOME = "page/home.py"
    EXPLORE = "page/explore.py"
    STORY = "page/story.py"
    ASK = "page/ask.py"
    INDUSTRY = "page/industry.py"
    ABOUT = "page/about.py"
    MIGRATION = "page/migration.py"

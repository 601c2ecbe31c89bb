"""A story's readable name in the URL, `title--client`, made of its id `title|client`."""

import re
from typing import Final

_ID: Final = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)\|([a-z0-9]+(?:-[a-z0-9]+)*)")
_SLUG: Final = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)--([a-z0-9]+(?:-[a-z0-9]+)*)")
_BETWEEN: Final = re.compile(r"[\W_]+")


def story_slug(story_id: str) -> str:
    """The readable form of an id; an id of another form, which an owner may choose, stays as it is."""
    parts = _ID.fullmatch(story_id)
    return f"{parts[1]}--{parts[2]}" if parts else story_id


def id_of_slug(slug: str) -> str | None:
    """The id that a slug was made of; None if it was made of none."""
    parts = _SLUG.fullmatch(slug)
    return f"{parts[1]}|{parts[2]}" if parts else None


def title_slug(title: str) -> str:
    """A title's words in lower case, joined by "-"."""
    return _BETWEEN.sub("-", title.casefold()).strip("-")

"""The visitor's id: a random value in a cookie, so that a percentage rollout keeps a visitor's side."""

import re
import secrets
from typing import Final

VISITOR_COOKIE: Final = "mattgpt_visitor"
_FORM: Final = re.compile(r"[0-9a-f]{32}")


def new_visitor() -> str:
    return secrets.token_hex(16)


def valid_visitor(cookie: str) -> str | None:
    """The id in a cookie's value; None if the site did not issue a value of this form."""
    return cookie if _FORM.fullmatch(cookie) else None

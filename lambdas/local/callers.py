"""Tells programs of this machine from web pages that reach for a loopback port through the developer's browser."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

_SAME = ("none", "same-origin")


def is_own_host(host: str, own_name: str = "localhost") -> bool:
    """Whether a Host header names this machine: an address, `localhost` or `own_name`.

    Any other name may be one that somebody pointed here, so that a page under it passes for one of the same origin.
    """
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        if name in ("localhost", own_name.lower()):
            return True
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_foreign_page(headers: Mapping[str, str]) -> bool:
    """Whether a page of another origin sent a request; `headers` ignore the case of their names."""
    return (
        not is_own_host(headers.get("Host", ""))
        or "Origin" in headers
        or headers.get("Sec-Fetch-Site", "none") not in _SAME
    )

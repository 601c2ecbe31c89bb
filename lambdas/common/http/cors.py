"""Cross-origin rules: which browser pages may read an answer."""

from collections.abc import Collection
from typing import Final

_ALLOWED_HEADERS: Final = "Content-Type,X-Api-Key,X-Request-Id,X-Shadow"
_EXPOSED_HEADERS: Final = "X-Request-Id,Retry-After"
_PREFLIGHT_SECONDS: Final = 600


def cors_headers(origin: str, allowed: Collection[str]) -> dict[str, str]:
    """Headers of an answer to `origin`.

    If any origin is allowed, every answer varies by origin, including answers to other origins: otherwise a cache
    could return an answer without the CORS headers to an allowed page.
    """
    if not allowed:
        return {}
    if origin not in allowed:
        return {"Vary": "Origin"}
    return {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": _EXPOSED_HEADERS,
    }


def preflight_headers(origin: str, allowed: Collection[str], methods: str) -> dict[str, str]:
    """Headers of the answer to a preflight; an origin that is not allowed gets no permission."""
    headers = cors_headers(origin, allowed)
    if origin not in allowed:
        return headers
    return headers | {
        "Access-Control-Allow-Methods": f"{methods},OPTIONS",
        "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
        "Access-Control-Max-Age": str(_PREFLIGHT_SECONDS),
    }

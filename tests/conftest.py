"""Settings of every test: hypothesis draws the same examples each time, and a busy machine fails none of them."""

from hypothesis import settings

settings.load_profile("ci")

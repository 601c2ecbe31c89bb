"""Settings of every test: hypothesis draws the same examples each time, and a busy machine fails none of them."""

from hypothesis import settings

settings.register_profile("repeatable", settings.get_profile("ci"), max_examples=50)
settings.load_profile("repeatable")

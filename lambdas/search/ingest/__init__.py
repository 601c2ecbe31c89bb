"""Builds the search index of a corpus and publishes it."""

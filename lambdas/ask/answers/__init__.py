"""Writes an answer from stories: extractive, or by a model and then checked against its sources."""

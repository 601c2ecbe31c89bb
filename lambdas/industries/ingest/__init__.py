"""Loads a corpus into the industries table."""

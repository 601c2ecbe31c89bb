"""The Industry page."""

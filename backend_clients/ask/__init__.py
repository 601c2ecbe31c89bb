"""The ask domain: its client, its two sides, and what counts as equal."""

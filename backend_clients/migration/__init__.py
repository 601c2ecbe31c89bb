"""Moves a domain between stages: its state, gates, rollbacks, mismatches and the retirement of its legacy side."""

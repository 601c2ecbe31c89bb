"""Parity runs: generated requests, comparison, tally and report."""

"""Benchmarks of `make bench`: every speed that the documentation claims, as ratios within one run."""

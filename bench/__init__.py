"""What `make bench` measures: every speed that the documentation claims, as ratios in one run."""

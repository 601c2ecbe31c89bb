"""The industries domain: which industries the portfolio covers, and what was done in each."""

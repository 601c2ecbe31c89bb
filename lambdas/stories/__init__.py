"""The stories domain: browse, read and relate the portfolio's stories."""

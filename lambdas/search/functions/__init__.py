"""Entry points of the search stack, one module a function."""

"""Entry points of the ask stack, one module a function."""

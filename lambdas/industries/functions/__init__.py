"""Entry points of the industries stack, one module a function."""

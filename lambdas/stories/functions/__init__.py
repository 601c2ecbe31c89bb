"""Entry points of the stories stack, one module a function."""

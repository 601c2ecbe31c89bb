"""Entry points of the stories stack, one module per function."""

"""Entry points of the industries stack, one module per function."""

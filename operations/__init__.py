"""The maintainer's `mattgpt` command."""

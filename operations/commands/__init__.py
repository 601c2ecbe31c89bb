"""One module a command of `mattgpt`."""

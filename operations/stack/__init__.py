"""Starts, finds and loads the local stack, and builds its clients."""

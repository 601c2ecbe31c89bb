"""Typed clients that pages call; each is served by legacy code or by Lambda."""

"""Pieces of pages: each draws typed models and does no I/O."""

"""Scores stories for a query: BM25, passages, names, and their fusion."""

"""The search domain: find stories by meaning, by words, and by both."""

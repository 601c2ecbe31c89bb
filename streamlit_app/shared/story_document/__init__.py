"""A story as a document: its parts, its facts, and Markdown of both."""

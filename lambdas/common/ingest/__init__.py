"""The steps that every domain's ingest has in common."""

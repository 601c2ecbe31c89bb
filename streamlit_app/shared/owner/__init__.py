"""The owner on every page: ways to reach them, their CV, their photo."""

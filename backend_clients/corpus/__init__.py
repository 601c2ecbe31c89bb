"""The legacy side's in-memory corpus."""

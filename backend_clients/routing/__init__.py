"""Routes reads and writes to a side by stage, independent of any domain."""

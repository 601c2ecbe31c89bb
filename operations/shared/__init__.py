"""Console, options and access to records, shared by several commands."""

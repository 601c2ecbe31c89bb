"""The precomputed index: columns, postings and vectors packed into one snapshot."""

"""The HTTP session that calls Lambda endpoints, with a total time-out."""

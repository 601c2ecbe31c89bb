"""The machinery that decides which side answers; it knows no domain."""

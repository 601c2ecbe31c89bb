"""Exports conversations to S3, in parts and resumable."""

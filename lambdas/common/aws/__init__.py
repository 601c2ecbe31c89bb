"""Clients of AWS services, and the tables and buckets that domains share a shape of."""

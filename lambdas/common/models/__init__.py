"""Clients of embedding and chat models and of vector databases."""

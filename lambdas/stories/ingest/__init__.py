"""Loads a corpus into the stories table and publishes its catalog."""

"""Decides whether the evidence allows a domain to move one stage forward."""

"""The OpenAPI document of the four APIs, and what breaks a client between two versions of it."""

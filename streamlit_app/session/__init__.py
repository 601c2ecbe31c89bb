"""A visitor's session: the clients, cached reads, the owner's profile."""

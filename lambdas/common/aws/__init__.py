"""AWS clients, and table and bucket layouts shared by the domains."""

"""Rules on names: clients and employers by initials, legal suffix or a typo, and the proper names in a text."""

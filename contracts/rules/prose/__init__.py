"""Rules on the prose of a model: what a reply says, and whether its sources support it."""

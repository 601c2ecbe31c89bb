"""Copies conversations between the two sides and replays pending writes."""

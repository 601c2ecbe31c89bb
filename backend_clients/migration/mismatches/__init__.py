"""Groups, shows, accepts and replays recorded mismatches."""

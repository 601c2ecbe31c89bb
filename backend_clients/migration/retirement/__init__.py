"""Lists what to delete once a domain no longer needs its legacy side."""

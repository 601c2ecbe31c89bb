"""SQLite files of the site."""

"""What several commands share: console, options, access to records."""

"""Feature flags: reading them for a visitor, editing the file, and the audit log of changes."""

"""The local cloud: runs the domains' SAM templates on this machine."""

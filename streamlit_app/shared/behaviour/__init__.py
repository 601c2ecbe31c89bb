"""What no widget does: focus, scrolling, announcements, names, the `/` key, and whether the screen is narrow."""

"""The doors through which pages reach every domain, whichever side answers."""
